// attention in f32 for all layouts, masks and grouped heads, without a Sq x Sk buffer and without transposed copies.
// A task is a block of query rows of one kv head; a decode step, which has few rows, is split along the keys instead
// when there are fewer kv heads than threads.
#include "kernel.hpp"
#include "kernels/attention_block.hpp"
#include "kernels/axis_view.hpp"

#include <algorithm>
#include <limits>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kMinPartKeys = 256;  // of a decode step, worth a second thread
constexpr uint64_t kMaxParts = 64;

// Elements between neighbours, in a head layout.
struct HeadStrides {
  uint64_t batch, head, position;
};
HeadStrides strides_of(bool heads_first, uint64_t heads, uint64_t positions, uint64_t features) {
  if (heads_first) return {heads * positions * features, positions * features, features};
  return {heads * positions * features, features, heads * features};
}

enum class Mask : uint8_t { kNone, kCausal, kWindow, kVisible, kBias };

class Attention final : public Kernel {
 public:
  explicit Attention(const NodeView& n) : Kernel("hwy:attention") {
    const std::string_view layout = n.s("layout"), mask = n.s("mask");
    const bool heads_first = layout == "bhsd";
    const rlx_tensor &q = n.in(0), &k = n.in(1), &v = n.in(2);
    heads_ = static_cast<uint64_t>(n.i("heads"));
    kv_heads_ = static_cast<uint64_t>(n.i("kv_heads"));
    head_dim_ = static_cast<uint64_t>(n.i("head_dim"));
    v_dim_ = layout == "bs_hd" ? head_dim_ : v.dims[3];
    batch_ = q.dims[0];
    queries_ = q.dims[heads_first ? 2 : 1];
    keys_ = k.dims[heads_first ? 2 : 1];
    group_ = kv_heads_ ? heads_ / kv_heads_ : 0;
    q_ = strides_of(heads_first, heads_, queries_, head_dim_);
    k_ = strides_of(heads_first, kv_heads_, keys_, head_dim_);
    v_ = strides_of(heads_first, kv_heads_, keys_, v_dim_);
    y_ = strides_of(heads_first, heads_, queries_, v_dim_);
    scale_ = static_cast<float>(n.f("scale"));
    softcap_ = static_cast<float>(n.f("softcap"));
    window_ = n.i("window");
    mask_ = mask == "causal"   ? Mask::kCausal
            : mask == "window" ? Mask::kWindow
            : mask == "custom" ? Mask::kVisible
            : mask == "bias"   ? Mask::kBias
                               : Mask::kNone;
    if (n.has_input(3)) place_mask(n.in(3));
  }

  uint64_t scratch_bytes(unsigned threads) const override {
    if (!streams()) return threads * block_bytes();
    const uint64_t parts = parts_for(threads);
    return (parts == 1 ? threads : tasks() * parts) * part_bytes();
  }

  void run(const Run& r) const override {
    if (batch_ * heads_ * queries_ == 0) return;
    streams() ? run_streams(r) : run_blocks(r);
  }

 private:
  uint64_t rows() const { return group_ * queries_; }
  uint64_t tasks() const { return batch_ * kv_heads_; }
  bool streams() const { return rows() <= kStreamRows; }
  uint64_t block_bytes() const {
    return (ops_.block_floats(kAttentionRows, head_dim_, v_dim_) * sizeof(float) + 63) / 64 * 64;
  }
  // The values of a part's rows, then what is known about them.
  uint64_t part_bytes() const {
    return (kStreamRows * (v_dim_ * sizeof(float) + sizeof(AttentionPartial)) + 63) / 64 * 64;
  }
  uint64_t parts_for(unsigned threads) const {
    const uint64_t wanted = (threads + tasks() - 1) / std::max<uint64_t>(1, tasks());
    return std::clamp<uint64_t>(std::min(wanted, keys_ / kMinPartKeys), 1, kMaxParts);
  }

  void place_mask(const rlx_tensor& m) {
    uint64_t step = 1;
    for (uint32_t i = 0; i < m.rank; ++i) {
      const uint64_t dim = m.dims[m.rank - 1 - i];
      mask_step_[3 - i] = dim == 1 ? 0 : step;
      step *= dim;
    }
  }

  // Rows [first, first + count) of a kv head: query positions of its first head, then of its second, …
  AttentionBlock fill(const Run& r, uint64_t task, uint64_t first, uint64_t count, AttentionRow* rows) const {
    const uint64_t batch = task / kv_heads_, kv_head = task % kv_heads_;
    AttentionBlock b;
    b.rows = rows;
    b.row_count = count;
    b.k = r.in<float>(1) + batch * k_.batch + kv_head * k_.head;
    b.v = r.in<float>(2) + batch * v_.batch + kv_head * v_.head;
    b.k_step = k_.position;
    b.v_step = v_.position;
    b.head_dim = head_dim_;
    b.v_dim = v_dim_;
    b.mask_step = mask_step_[3];
    b.scale = scale_;
    b.softcap = softcap_;
    b.begin = std::numeric_limits<int64_t>::max();
    b.end = 0;
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t head = kv_head * group_ + (first + i) / queries_, position = (first + i) % queries_;
      AttentionRow& row = rows[i];
      row.q = r.in<float>(0) + batch * q_.batch + head * q_.head + position * q_.position;
      row.y = r.out<float>() + batch * y_.batch + head * y_.head + position * y_.position;
      row.begin = 0;
      row.end = static_cast<int64_t>(keys_);
      if (mask_ == Mask::kCausal || mask_ == Mask::kWindow) {
        const int64_t last = static_cast<int64_t>(position + keys_) - static_cast<int64_t>(queries_);
        row.end = std::clamp<int64_t>(last + 1, 0, static_cast<int64_t>(keys_));
        if (mask_ == Mask::kWindow) row.begin = std::clamp<int64_t>(last - window_ + 1, 0, row.end);
      }
      const uint64_t at = batch * mask_step_[0] + head * mask_step_[1] + position * mask_step_[2];
      row.bias = mask_ == Mask::kBias ? r.in<float>(3) + at : nullptr;
      row.visible = mask_ == Mask::kVisible ? r.in<uint8_t>(3) + at : nullptr;
      b.begin = std::min(b.begin, row.begin);
      b.end = std::max(b.end, row.end);
    }
    return b;
  }

  void run_blocks(const Run& r) const {
    // Smaller blocks when there would be too few for the threads.
    uint64_t size = kAttentionRows;
    while (size > 16 && tasks() * ((rows() + size - 1) / size) < 2 * r.team.threads()) size /= 2;
    const uint64_t blocks = (rows() + size - 1) / size;
    r.team.each(tasks() * blocks, [&](uint64_t task, unsigned part) {
      AttentionRow of[kAttentionRows];
      // Later blocks see more keys under a causal mask: longest first.
      const uint64_t first = (blocks - 1 - task % blocks) * size, count = std::min(size, rows() - first);
      const AttentionBlock b = fill(r, task / blocks, first, count, of);
      ops_.block(b, reinterpret_cast<float*>(r.scratch + part * block_bytes()));
    });
  }

  void run_streams(const Run& r) const {
    const uint64_t parts = parts_for(r.team.threads());
    r.team.each(tasks() * parts, [&](uint64_t i, unsigned thread) {
      AttentionRow of[kStreamRows];
      AttentionBlock b = fill(r, i / parts, 0, rows(), of);
      const int64_t length = b.end - b.begin, part = static_cast<int64_t>(i % parts);
      const int64_t begin = b.begin;
      b.begin = begin + length * part / static_cast<int64_t>(parts);
      b.end = begin + length * (part + 1) / static_cast<int64_t>(parts);
      std::byte* at = r.scratch + (parts == 1 ? thread : i) * part_bytes();
      ops_.stream(b, partials_at(at), reinterpret_cast<float*>(at));
      if (parts == 1) join(of, at, 1);
    });
    if (parts == 1) return;
    for (uint64_t task = 0; task < tasks(); ++task) {
      AttentionRow of[kStreamRows];
      fill(r, task, 0, rows(), of);
      join(of, r.scratch + task * parts * part_bytes(), parts);
    }
  }

  AttentionPartial* partials_at(std::byte* part) const {
    return reinterpret_cast<AttentionPartial*>(part + kStreamRows * v_dim_ * sizeof(float));
  }
  void join(const AttentionRow* of, std::byte* at, uint64_t parts) const {
    for (uint64_t i = 0; i < rows(); ++i)
      ops_.join(partials_at(at) + i, part_bytes() / sizeof(AttentionPartial),
                reinterpret_cast<const float*>(at) + i * v_dim_, part_bytes() / sizeof(float), parts, v_dim_, of[i].y);
  }

  const AttentionOps& ops_ = attention_ops();
  uint64_t batch_, heads_, kv_heads_, group_, queries_, keys_, head_dim_, v_dim_;
  HeadStrides q_, k_, v_, y_;
  uint64_t mask_step_[4] = {};
  float scale_, softcap_;
  int64_t window_;
  Mask mask_;
};

}  // namespace

Claim claim_attention(const NodeView& n, const CpuInfo&) {
  if (n.in(0).dtype != RLX_DTYPE_F32) return Claim::no(dtype_reason(n.in(0).dtype));
  return Claim::native();
}

std::unique_ptr<Kernel> make_attention(MakeContext& m) {
  return std::make_unique<Attention>(m.node);
}

}  // namespace rlx::cpu::kernels
