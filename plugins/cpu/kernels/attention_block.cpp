// Flash attention in vectors: scores exist for one tile of keys only, with a running maximum and sum per row.
// Many rows: a lane per row, so that k and v are read as scalars in any layout without a transposed copy, the softmax
// needs no sum across lanes, and both products are 6x2-vector register tiles (bound: the multiply-add units).
// Few rows: lanes along the features; k and v are streamed once (bound: memory).
// Measured on one core of an EPYC (Zen 3, AVX2): 62 GFLOP/s of 104 for 12 heads of 64 at 128 to 2048 positions, and
// 14 GB/s of 15 for a decode step over 2048.
#include "kernels/attention_block.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention_block.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/f32_math-inl.hpp"
#include "kernels/target_table.hpp"

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::kernels::HWY_NAMESPACE {

constexpr size_t kTileKeys = 48, kTileRows = 6;
constexpr float kLowest = -std::numeric_limits<float>::infinity();

HWY_INLINE size_t panel_rows() {
  return 2 * hn::Lanes(F32());
}

// c[r][0 … 2 vectors) (+)= Σ_k a[r * row_step + k * col_step] · b[k][0 … 2 vectors)
template <size_t kRows, bool kAdd>
HWY_INLINE void multiply_rows(const float* HWY_RESTRICT a, size_t row_step, size_t col_step,
                              const float* HWY_RESTRICT b, float* HWY_RESTRICT c, size_t depth) {
  const F32 d;
  const size_t lanes = hn::Lanes(d), width = 2 * lanes;
  V32 left[kRows], right[kRows];
  HWY_UNROLL(6)
  for (size_t r = 0; r < kRows; ++r) {
    left[r] = kAdd ? hn::Load(d, c + r * width) : hn::Zero(d);
    right[r] = kAdd ? hn::Load(d, c + r * width + lanes) : hn::Zero(d);
  }
  for (size_t k = 0; k < depth; ++k) {
    const V32 b0 = hn::Load(d, b + k * width), b1 = hn::Load(d, b + k * width + lanes);
    const float* column = a + k * col_step;
    HWY_UNROLL(6)
    for (size_t r = 0; r < kRows; ++r) {
      const V32 x = set(column[r * row_step]);
      left[r] = hn::MulAdd(x, b0, left[r]);
      right[r] = hn::MulAdd(x, b1, right[r]);
    }
  }
  HWY_UNROLL(6)
  for (size_t r = 0; r < kRows; ++r) {
    hn::Store(left[r], d, c + r * width);
    hn::Store(right[r], d, c + r * width + lanes);
  }
}

template <bool kAdd>
void multiply(const float* a, size_t row_step, size_t col_step, const float* b, float* c, size_t rows, size_t depth) {
  const size_t width = panel_rows();
  size_t r = 0;
  for (; r + kTileRows <= rows; r += kTileRows)
    multiply_rows<kTileRows, kAdd>(a + r * row_step, row_step, col_step, b, c + r * width, depth);
  a += r * row_step;
  c += r * width;
  switch (rows - r) {
    case 5:
      return multiply_rows<5, kAdd>(a, row_step, col_step, b, c, depth);
    case 4:
      return multiply_rows<4, kAdd>(a, row_step, col_step, b, c, depth);
    case 3:
      return multiply_rows<3, kAdd>(a, row_step, col_step, b, c, depth);
    case 2:
      return multiply_rows<2, kAdd>(a, row_step, col_step, b, c, depth);
    case 1:
      return multiply_rows<1, kAdd>(a, row_step, col_step, b, c, depth);
    default:
      return;
  }
}

// Scratch of one panel of rows; every part is a multiple of a vector.
struct Panel {
  float *q, *scores, *out, *top, *sum;
  static size_t floats(size_t head_dim, size_t v_dim) { return panel_rows() * (head_dim + kTileKeys + v_dim + 2); }
  Panel(float* scratch, size_t head_dim, size_t v_dim) {
    const size_t width = panel_rows();
    q = scratch;
    scores = q + head_dim * width;
    out = scores + kTileKeys * width;
    top = out + v_dim * width;
    sum = top + width;
  }
};

void start_panel(const AttentionBlock& b, const Panel& p, const AttentionRow* rows, size_t count) {
  const size_t width = panel_rows();
  std::fill(p.q, p.q + b.head_dim * width, 0.0f);
  for (size_t r = 0; r < count; ++r)
    for (size_t i = 0; i < b.head_dim; ++i) p.q[i * width + r] = rows[r].q[i] * b.scale;
  std::fill(p.out, p.out + b.v_dim * width, 0.0f);
  std::fill(p.top, p.top + width, kLowest);
  std::fill(p.sum, p.sum + width, 0.0f);
}

// Turns products into masked scores.
void mask_scores(const AttentionBlock& b, const Panel& p, const AttentionRow* rows, size_t count, int64_t first,
                 size_t keys) {
  const F32 d;
  const size_t lanes = hn::Lanes(d), width = 2 * lanes;
  if (b.softcap > 0) {
    const V32 cap = set(b.softcap), inverse = set(1 / b.softcap);
    for (size_t i = 0; i < keys * width; i += lanes)
      hn::Store(hn::Mul(cap, tanh(hn::Mul(hn::Load(d, p.scores + i), inverse))), d, p.scores + i);
  }
  for (size_t r = 0; r < count; ++r) {
    const AttentionRow& row = rows[r];
    float* column = p.scores + r;
    const int64_t begin = std::max<int64_t>(0, row.begin - first);
    const int64_t end = std::min<int64_t>(static_cast<int64_t>(keys), row.end - first);
    for (int64_t j = 0; j < std::min<int64_t>(begin, static_cast<int64_t>(keys)); ++j)
      column[static_cast<size_t>(j) * width] = kLowest;
    for (int64_t j = std::max<int64_t>(0, end); j < static_cast<int64_t>(keys); ++j)
      column[static_cast<size_t>(j) * width] = kLowest;
    if (row.bias) {
      const float* bias = row.bias + static_cast<size_t>(first) * b.mask_step;
      for (size_t j = 0; j < keys; ++j) column[j * width] += bias[j * b.mask_step];
    }
    if (row.visible) {
      const uint8_t* visible = row.visible + static_cast<size_t>(first) * b.mask_step;
      for (size_t j = 0; j < keys; ++j)
        if (!visible[j * b.mask_step]) column[j * width] = kLowest;
    }
  }
}

// Scores to exponentials; the running sums and values are brought down to the new maximum.
void update_panel(const AttentionBlock& b, const Panel& p, size_t keys) {
  const F32 d;
  const size_t lanes = hn::Lanes(d), width = 2 * lanes;
  for (size_t half = 0; half < width; half += lanes) {
    const V32 before = hn::Load(d, p.top + half);
    V32 top = before;
    for (size_t j = 0; j < keys; ++j) top = hn::Max(hn::Load(d, p.scores + j * width + half), top);
    // Rows without a visible key so far: any finite reference keeps exp(-inf - top) at zero.
    const V32 reference = hn::IfThenElse(hn::Eq(top, set(kLowest)), hn::Zero(d), top);
    const V32 factor = exp_negative(hn::Sub(before, reference));
    V32 sum = hn::Mul(hn::Load(d, p.sum + half), factor);
    for (size_t j = 0; j < keys; ++j) {
      float* at = p.scores + j * width + half;
      const V32 e = exp_negative(hn::Sub(hn::Load(d, at), reference));
      sum = hn::Add(sum, e);
      hn::Store(e, d, at);
    }
    hn::Store(top, d, p.top + half);
    hn::Store(sum, d, p.sum + half);
    if (hn::AllTrue(d, hn::Eq(factor, set(1.0f)))) continue;
    for (size_t i = 0; i < b.v_dim; ++i) {
      float* at = p.out + i * width + half;
      hn::Store(hn::Mul(hn::Load(d, at), factor), d, at);
    }
  }
}

void finish_panel(const AttentionBlock& b, const Panel& p, const AttentionRow* rows, size_t count) {
  const size_t width = panel_rows();
  for (size_t r = 0; r < count; ++r) {
    const float factor = p.sum[r] == 0 ? 0 : 1 / p.sum[r];
    for (size_t i = 0; i < b.v_dim; ++i) rows[r].y[i] = p.out[i * width + r] * factor;
  }
}

size_t block_floats(size_t rows, size_t head_dim, size_t v_dim) {
  return (rows + panel_rows() - 1) / panel_rows() * Panel::floats(head_dim, v_dim);
}

void block(const AttentionBlock& b, float* scratch) {
  const size_t width = panel_rows(), step = Panel::floats(b.head_dim, b.v_dim);
  const auto for_panels = [&](auto&& fn) {
    for (size_t first = 0; first < b.row_count; first += width)
      fn(Panel(scratch + first / width * step, b.head_dim, b.v_dim), b.rows + first,
         std::min(width, b.row_count - first));
  };
  for_panels([&](const Panel& p, const AttentionRow* rows, size_t count) { start_panel(b, p, rows, count); });
  for (int64_t first = b.begin; first < b.end; first += static_cast<int64_t>(kTileKeys)) {
    const size_t keys = std::min(kTileKeys, static_cast<size_t>(b.end - first));
    const float* k = b.k + static_cast<size_t>(first) * b.k_step;
    const float* v = b.v + static_cast<size_t>(first) * b.v_step;
    for_panels([&](const Panel& p, const AttentionRow* rows, size_t count) {
      multiply<false>(k, b.k_step, 1, p.q, p.scores, keys, b.head_dim);
      mask_scores(b, p, rows, count, first, keys);
      update_panel(b, p, keys);
      multiply<true>(v, 1, b.v_step, p.scores, p.out, b.v_dim, keys);
    });
  }
  for_panels([&](const Panel& p, const AttentionRow* rows, size_t count) { finish_panel(b, p, rows, count); });
}

float dot(const float* a, const float* b, size_t n) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  V32 s0 = hn::Zero(d), s1 = s0;
  size_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    s0 = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), s0);
    s1 = hn::MulAdd(hn::LoadU(d, a + i + lanes), hn::LoadU(d, b + i + lanes), s1);
  }
  for (; i + lanes <= n; i += lanes) s0 = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), s0);
  float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(s0, s1)));
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// out[0 … n) = out * factor + Σ_j weights[j] · v[j]
void add_values(float* out, float factor, const float* weights, const float* v, size_t step, size_t keys, size_t n) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  const V32 f = set(factor);
  size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    V32 s0 = hn::Mul(hn::LoadU(d, out + i), f), s1 = hn::Mul(hn::LoadU(d, out + i + lanes), f);
    V32 s2 = hn::Mul(hn::LoadU(d, out + i + 2 * lanes), f), s3 = hn::Mul(hn::LoadU(d, out + i + 3 * lanes), f);
    for (size_t j = 0; j < keys; ++j) {
      const float* at = v + j * step + i;
      const V32 w = set(weights[j]);
      s0 = hn::MulAdd(w, hn::LoadU(d, at), s0);
      s1 = hn::MulAdd(w, hn::LoadU(d, at + lanes), s1);
      s2 = hn::MulAdd(w, hn::LoadU(d, at + 2 * lanes), s2);
      s3 = hn::MulAdd(w, hn::LoadU(d, at + 3 * lanes), s3);
    }
    hn::StoreU(s0, d, out + i), hn::StoreU(s1, d, out + i + lanes);
    hn::StoreU(s2, d, out + i + 2 * lanes), hn::StoreU(s3, d, out + i + 3 * lanes);
  }
  for (; i + lanes <= n; i += lanes) {
    V32 s = hn::Mul(hn::LoadU(d, out + i), f);
    for (size_t j = 0; j < keys; ++j) s = hn::MulAdd(set(weights[j]), hn::LoadU(d, v + j * step + i), s);
    hn::StoreU(s, d, out + i);
  }
  for (; i < n; ++i) {
    float s = out[i] * factor;
    for (size_t j = 0; j < keys; ++j) s += weights[j] * v[j * step + i];
    out[i] = s;
  }
}

HWY_INLINE float exp_one(float x) {
  return hn::GetLane(exp_negative(set(x)));
}

void stream_tile(const AttentionBlock& b, const AttentionRow& row, int64_t first, size_t keys, AttentionPartial& p,
                 float* out) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  HWY_ALIGN float score[kTileKeys + HWY_MAX_BYTES / sizeof(float)];
  float top = p.top;
  for (size_t j = 0; j < keys; ++j) {
    const int64_t key = first + static_cast<int64_t>(j);
    const size_t at = static_cast<size_t>(key);
    const bool hidden = key < row.begin || key >= row.end || (row.visible && !row.visible[at * b.mask_step]);
    float s = kLowest;
    if (!hidden) {
      s = dot(row.q, b.k + at * b.k_step, b.head_dim) * b.scale;
      if (b.softcap > 0) s = b.softcap * std::tanh(s / b.softcap);
      if (row.bias) s += row.bias[at * b.mask_step];
    }
    score[j] = s;
    top = s > top ? s : top;
  }
  for (size_t j = keys; j < keys + lanes; ++j) score[j] = kLowest;
  const float reference = top == kLowest ? 0 : top, factor = exp_one(p.top - reference);
  V32 sum = hn::Zero(d);
  for (size_t j = 0; j < keys; j += lanes) {
    const V32 e = exp_negative(hn::Sub(hn::LoadU(d, score + j), set(reference)));
    hn::StoreU(e, d, score + j);
    sum = hn::Add(sum, e);
  }
  p.top = top;
  p.sum = p.sum * factor + hn::GetLane(hn::SumOfLanes(d, sum));
  add_values(out, factor, score, b.v + static_cast<size_t>(first) * b.v_step, b.v_step, keys, b.v_dim);
}

void stream(const AttentionBlock& b, AttentionPartial* partials, float* out) {
  std::fill(out, out + b.row_count * b.v_dim, 0.0f);
  for (size_t r = 0; r < b.row_count; ++r) partials[r] = {kLowest, 0};
  for (int64_t first = b.begin; first < b.end; first += static_cast<int64_t>(kTileKeys)) {
    const size_t keys = std::min(kTileKeys, static_cast<size_t>(b.end - first));
    for (size_t r = 0; r < b.row_count; ++r) stream_tile(b, b.rows[r], first, keys, partials[r], out + r * b.v_dim);
  }
}

void join(const AttentionPartial* partials, size_t partial_step, const float* values, size_t part_step, size_t parts,
          size_t v_dim, float* y) {
  float top = kLowest, sum = 0;
  for (size_t i = 0; i < parts; ++i) top = std::max(top, partials[i * partial_step].top);
  if (top == kLowest) top = 0;
  for (size_t i = 0; i < parts; ++i) {
    const AttentionPartial& p = partials[i * partial_step];
    sum += p.sum * exp_one(p.top - top);
  }
  for (size_t i = 0; i < v_dim; ++i) y[i] = 0;
  if (sum == 0) return;
  for (size_t p = 0; p < parts; ++p) {
    const float factor = exp_one(partials[p * partial_step].top - top) / sum;
    for (size_t i = 0; i < v_dim; ++i) y[i] += values[p * part_step + i] * factor;
  }
}

const AttentionOps* attention() {
  static constexpr AttentionOps kOps = {block, block_floats, stream, join};
  return &kOps;
}

}  // namespace rlx::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
RLX_TARGET_TABLE(AttentionOps, attention_ops, attention)
#endif
