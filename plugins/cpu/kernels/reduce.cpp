// reduce over any axes, and global_pool. Neighbouring axes that go, or stay, are merged; what is left is walked so that
// the innermost axis is contiguous: either each row is folded into one accumulator, or rows are folded into a strip of
// accumulators. Bound by memory: every element is read once.
#include "kernel.hpp"
#include "kernels/reduce_ops.hpp"

#include <algorithm>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 16384;  // elements worth a second thread
constexpr uint64_t kStrip = 512;    // columns whose accumulators stay in the first-level cache
constexpr uint64_t kPartBytes = 64;

struct Axis {
  uint64_t size, stride;
};

// Calls fn(offset) for every combination of indices over axes[0 … count).
template <typename Fn>
void for_each_offset(const Axis* axes, uint32_t count, Fn&& fn) {
  uint64_t at[RLX_MAX_RANK] = {}, offset = 0;
  for (;;) {
    fn(offset);
    uint32_t i = count;
    for (;;) {
      if (i == 0) return;
      --i;
      offset += axes[i].stride;
      if (++at[i] < axes[i].size) break;
      offset -= at[i] * axes[i].stride;
      at[i] = 0;
    }
  }
}

uint64_t offset_of(const Axis* axes, uint32_t count, uint64_t index) {
  uint64_t offset = 0;
  for (uint32_t i = count; i-- > 0; index /= axes[i].size) offset += index % axes[i].size * axes[i].stride;
  return offset;
}

class Reduce final : public Kernel {
 public:
  Reduce(std::string name, const ReduceOps& ops, const rlx_tensor& x, const std::vector<bool>& goes)
      : Kernel(std::move(name)), ops_(ops), bytes_(sdk::dtype_size(x.dtype)) {
    uint64_t stride = 1;
    std::vector<Axis> kept, gone;
    bool last_goes = false, any = false;
    for (uint32_t i = x.rank; i-- > 0;) {
      const uint64_t size = x.dims[i];
      (goes[i] ? reduced_ : outputs_) *= size;
      if (size != 1) {
        std::vector<Axis>& to = goes[i] ? gone : kept;
        if (any && last_goes == goes[i])
          to.back().size *= size;
        else
          to.push_back({size, stride});
        last_goes = goes[i];
        any = true;
      }
      stride *= size;
    }
    // Innermost axis apart, the others outermost first.
    by_row_ = gone.empty() ? kept.empty() : gone.front().stride == 1;
    std::vector<Axis>& with_row = by_row_ ? gone : kept;
    if (!with_row.empty()) {
      row_ = with_row.front().size;
      with_row.erase(with_row.begin());
    }
    kept_count_ = static_cast<uint32_t>(kept.size());
    gone_count_ = static_cast<uint32_t>(gone.size());
    std::copy(kept.rbegin(), kept.rend(), kept_);
    std::copy(gone.rbegin(), gone.rend(), gone_);
  }

  // Accumulators of the threads that share one output.
  uint64_t scratch_bytes(unsigned threads) const override { return shares_row() ? threads * kPartBytes : 0; }

  void run(const Run& r) const override {
    if (outputs_ == 0) return;
    if (reduced_ == 0) return fill_empty(r);
    if (shares_row() && r.team.threads() > 1 && row_ >= 2 * kGrain) return share_row(r);
    if (by_row_) {
      const uint64_t grain = std::max<uint64_t>(1, kGrain / reduced_);
      r.team.split(outputs_, grain, [&](uint64_t begin, uint64_t end, unsigned) { rows(r, begin, end); });
      return;
    }
    const uint64_t strips = (row_ + kStrip - 1) / kStrip;
    const uint64_t grain = std::max<uint64_t>(1, kGrain / (reduced_ * std::min(row_, kStrip)));
    r.team.split(outputs_ / row_ * strips, grain, [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t i = begin; i < end; ++i) strip(r, i / strips, i % strips * kStrip);
    });
  }

 private:
  bool shares_row() const { return by_row_ && outputs_ == 1 && gone_count_ == 0; }

  void fill_empty(const Run& r) const {
    alignas(16) std::byte acc[kMaxAccumulatorBytes];
    for (uint64_t i = 0; i < outputs_; ++i) {
      ops_.init(acc, 1);
      ops_.finish(acc, r.outputs[0] + i * bytes_, 1, 0);
    }
  }

  void rows(const Run& r, uint64_t begin, uint64_t end) const {
    alignas(16) std::byte acc[kMaxAccumulatorBytes];
    for (uint64_t o = begin; o < end; ++o) {
      const std::byte* from = r.inputs[0] + offset_of(kept_, kept_count_, o) * bytes_;
      ops_.init(acc, 1);
      for_each_offset(gone_, gone_count_, [&](uint64_t offset) { ops_.row(acc, from + offset * bytes_, row_); });
      ops_.finish(acc, r.outputs[0] + o * bytes_, 1, static_cast<double>(reduced_));
    }
  }

  void strip(const Run& r, uint64_t outer, uint64_t first) const {
    alignas(64) std::byte acc[kStrip * kMaxAccumulatorBytes];
    const uint64_t n = std::min(kStrip, row_ - first);
    const std::byte* from = r.inputs[0] + (offset_of(kept_, kept_count_, outer) + first) * bytes_;
    ops_.init(acc, n);
    for_each_offset(gone_, gone_count_, [&](uint64_t offset) { ops_.columns(acc, from + offset * bytes_, n); });
    ops_.finish(acc, r.outputs[0] + (outer * row_ + first) * bytes_, n, static_cast<double>(reduced_));
  }

  void share_row(const Run& r) const {
    for (unsigned i = 0; i < r.team.threads(); ++i) ops_.init(r.scratch + i * kPartBytes, 1);
    r.team.split(row_, kGrain, [&](uint64_t begin, uint64_t end, unsigned part) {
      ops_.row(r.scratch + part * kPartBytes, r.inputs[0] + begin * bytes_, end - begin);
    });
    for (unsigned i = 1; i < r.team.threads(); ++i) ops_.merge(r.scratch, r.scratch + i * kPartBytes);
    ops_.finish(r.scratch, r.outputs[0], 1, static_cast<double>(reduced_));
  }

  const ReduceOps& ops_;
  uint64_t bytes_, outputs_ = 1, reduced_ = 1, row_ = 1;
  bool by_row_ = true;
  uint32_t kept_count_ = 0, gone_count_ = 0;
  Axis kept_[RLX_MAX_RANK] = {}, gone_[RLX_MAX_RANK] = {};
};

std::string_view reduction_of(const NodeView& n) {
  const std::string_view kind = n.s("kind");
  if (n.op() != "global_pool" || kind != "lp") return kind;
  return n.i("p") == 1 ? "l1" : n.i("p") == 2 ? "l2" : "lp";
}

}  // namespace

Claim claim_reduce(const NodeView& n, const CpuInfo&) {
  if (find_reduce_ops(reduction_of(n), n.in(0).dtype)) return Claim::native();
  return Claim::no(std::string(n.s("kind")) + " of " + sdk::dtype_name(n.in(0).dtype) + " not supported");
}

std::unique_ptr<Kernel> make_reduce(MakeContext& m) {
  const NodeView& n = m.node;
  const rlx_tensor& x = n.in(0);
  std::vector<bool> goes(x.rank);
  if (n.op() == "global_pool")
    for (uint32_t i = 2; i < x.rank; ++i) goes[i] = true;
  else
    for (int64_t axis : n.ints("axes")) goes[static_cast<size_t>(axis)] = true;
  return std::make_unique<Reduce>("hwy:reduce " + std::string(n.s("kind")), *find_reduce_ops(reduction_of(n), x.dtype),
                                  x, goes);
}

}  // namespace rlx::cpu::kernels
