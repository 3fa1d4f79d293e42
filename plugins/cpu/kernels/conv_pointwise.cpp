// conv with a window of one pixel, in row-major order: a matrix product per image and group, whose right side is the
// input as it lies. For channels that do not fill oneDNN's blocks, which would be padded and reordered around it.
#include "kernel.hpp"
#include "kernels/conv_epilogue.hpp"
#include "kernels/pointwise_panel.hpp"
#include "weights.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::cpu::kernels {

namespace {

constexpr uint32_t kWeights = 1, kBias = 2, kResidual = 3;
constexpr uint64_t kGrain = 100'000;  // multiplications worth a second thread

constexpr uint64_t ceil_div(uint64_t a, uint64_t b) {
  return (a + b - 1) / b;
}

struct PointwiseShape {
  uint64_t images, groups, depth, rows, pixels;  // depth and rows: input and output channels of a group
  uint64_t tile_count;
};

PointwiseShape shape_of(const NodeView& n) {
  const rlx_tensor &x = n.in(0), &w = n.in(kWeights);
  PointwiseShape s{};
  s.images = x.dims[0];
  s.groups = static_cast<uint64_t>(n.i("groups"));
  s.depth = w.dims[1];
  s.rows = w.dims[0] / s.groups;
  s.pixels = 1;
  for (uint32_t i = 2; i < x.rank; ++i) s.pixels *= x.dims[i];
  s.tile_count = ceil_div(s.rows, pointwise_ops().rows);
  return s;
}

// fn(index in the program's order, index when packed)
template <typename Fn>
void for_each_weight(const PointwiseShape& s, Fn&& fn) {
  for (uint64_t g = 0; g < s.groups; ++g)
    for (uint64_t t = 0; t < s.tile_count; ++t) {
      const uint64_t first = s.rows * t / s.tile_count, count = s.rows * (t + 1) / s.tile_count - first;
      for (uint64_t r = 0; r < count; ++r)
        for (uint64_t k = 0; k < s.depth; ++k)
          fn((g * s.rows + first + r) * s.depth + k, (g * s.rows + first) * s.depth + k * count + r);
    }
}

Packing pointwise_packing(const PointwiseShape& s) {
  return {"pointwise groups=" + std::to_string(s.groups), s.groups * s.rows * s.depth * sizeof(float),
          [s](const std::byte* plain, std::byte* packed) {
            const float* from = reinterpret_cast<const float*>(plain);
            float* to = reinterpret_cast<float*>(packed);
            for_each_weight(s, [&](uint64_t i, uint64_t j) { to[j] = from[i]; });
          },
          [s](const std::byte* packed, std::byte* plain) {
            const float* from = reinterpret_cast<const float*>(packed);
            float* to = reinterpret_cast<float*>(plain);
            for_each_weight(s, [&](uint64_t i, uint64_t j) { to[i] = from[j]; });
          }};
}

class PointwiseConv final : public Kernel {
 public:
  explicit PointwiseConv(const NodeView& n)
      : Kernel("hwy:pointwise"),
        s_(shape_of(n)),
        epilogue_(ConvEpilogue::of(n)),
        has_bias_(n.has_input(kBias)),
        has_residual_(n.has_input(kResidual)),
        panels_(ceil_div(s_.pixels, ops_.panel)) {}

  void prepare(Weights& weights) override {
    packed_ = reinterpret_cast<const float*>(weights.packed(kWeights, pointwise_packing(s_)));
  }
  bool reads(uint32_t input) const override { return input != kWeights; }
  uint64_t scratch_bytes(unsigned threads) const override { return threads * thread_floats() * sizeof(float); }

  void run(const Run& r) const override {
    // One unit of work: a panel of pixels of some row tiles. Rows are split only when there are too few panels.
    const uint64_t planes = s_.images * s_.groups, wanted = r.team.threads() == 1 ? 1 : 4 * r.team.threads();
    const uint64_t slices = std::clamp<uint64_t>(ceil_div(wanted, planes * panels_), 1, s_.tile_count);
    const uint64_t unit_cost = std::max<uint64_t>(1, s_.depth * s_.rows / slices * std::min(s_.pixels, ops_.panel));
    r.team.split(planes * slices * panels_, ceil_div(kGrain, unit_cost),
                 [&](uint64_t begin, uint64_t end, unsigned part) {
                   float* packed = reinterpret_cast<float*>(r.scratch) + part * thread_floats();
                   while (begin < end) {
                     const uint64_t last = std::min(end, (begin / panels_ + 1) * panels_);
                     run_slice(r, begin / panels_ / slices, begin / panels_ % slices, slices, begin % panels_,
                               last - begin / panels_ * panels_, packed);
                     begin = last;
                   }
                 });
  }

 private:
  uint64_t thread_floats() const { return (s_.depth * ops_.panel + 15) / 16 * 16; }

  void run_slice(const Run& r, uint64_t plane, uint64_t slice, uint64_t slices, uint64_t first_panel,
                 uint64_t last_panel, float* packed) const {
    const uint64_t group = plane % s_.groups;
    const float* src = r.in<float>(0) + plane * s_.depth * s_.pixels;
    const uint64_t out = plane * s_.rows * s_.pixels;
    PointwisePanel p{};
    p.rows = s_.rows;
    p.tile_count = s_.tile_count;
    p.first_tile = s_.tile_count * slice / slices;
    p.last_tile = s_.tile_count * (slice + 1) / slices;
    p.depth = s_.depth;
    p.weights = packed_ + group * s_.rows * s_.depth;
    p.bias = has_bias_ ? r.in<float>(kBias) + group * s_.rows : nullptr;
    p.channel = s_.pixels;
    p.low = epilogue_.low;
    p.packed = packed;
    for (uint64_t i = first_panel; i < last_panel; ++i) {
      const uint64_t pixel = i * ops_.panel;
      p.pixels = std::min<uint64_t>(ops_.panel, s_.pixels - pixel);
      p.src = src + pixel;
      p.dst = r.out<float>() + out + pixel;
      p.residual = has_residual_ ? r.in<float>(kResidual) + out + pixel : nullptr;
      ops_.run(p);
    }
    if (!epilogue_.step) return;
    const uint64_t first = first_panel * ops_.panel, last = std::min(s_.pixels, last_panel * ops_.panel);
    const uint64_t first_row = s_.rows * p.first_tile / s_.tile_count, last_row = s_.rows * p.last_tile / s_.tile_count;
    for (uint64_t row = first_row; row < last_row; ++row)
      epilogue_.finish(r.out<float>() + out + row * s_.pixels + first, last - first);
  }

  const PointwiseOps& ops_ = pointwise_ops();
  PointwiseShape s_;
  ConvEpilogue epilogue_;
  bool has_bias_, has_residual_;
  uint64_t panels_;
  const float* packed_ = nullptr;
};

}  // namespace

Claim claim_pointwise(const NodeView& n, const CpuInfo&) {
  if (std::string problem = conv_problem(n); !problem.empty()) return Claim::no(std::move(problem));
  const rlx_tensor& w = n.in(kWeights);
  for (uint32_t i = 2; i < w.rank; ++i)
    if (w.dims[i] != 1 || n.ints("strides")[i - 2] != 1 || n.ints("pads_begin")[i - 2] != 0 ||
        n.ints("pads_end")[i - 2] != 0)
      return Claim::no("window larger than a pixel");
  return Claim::native(1u << kResidual);
}

std::unique_ptr<Kernel> make_pointwise(MakeContext& m) {
  const PointwiseShape s = shape_of(m.node);
  const uint64_t lanes = pointwise_ops().panel / 2;
  // Depthwise has its own kernel, and a single pixel is a product with a vector.
  if (!m.is_weight(kWeights) || s.pixels < lanes || s.depth * s.rows == 1) return nullptr;
  const bool fills_blocks = s.depth % lanes == 0 && s.rows % lanes == 0;
  const bool is_blocked = m.in_layouts[0] != Layout::kPlain;
  if (s.groups == 1 ? is_blocked : fills_blocks) return nullptr;
  std::fill(m.in_layouts.begin(), m.in_layouts.end(), Layout::kPlain);
  m.out_layouts[0] = Layout::kPlain;
  return std::make_unique<PointwiseConv>(m.node);
}

}  // namespace rlx::cpu::kernels
