// gather, gather_nd and gather_elements: rows, slices and elements picked by index. Bound by memory.
#include "kernels/axis_view.hpp"
#include "kernels/indices.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrainBytes = 64u << 10;  // worth a second thread

// memcpy with the common sizes known to the compiler.
void copy_run(std::byte* to, const std::byte* from, uint64_t bytes) {
  if (bytes == 4)
    std::memcpy(to, from, 4);
  else if (bytes == 8)
    std::memcpy(to, from, 8);
  else
    std::memcpy(to, from, bytes);
}

class Gather final : public Kernel {
 public:
  explicit Gather(const NodeView& n) : Kernel("move:gather"), indices_(n.in(1)) {
    const AxisView v = view_axis(n.in(0), n.i("axis"));
    outer_ = v.outer;
    size_ = v.n;
    picks_ = sdk::elements(n.in(1));
    run_bytes_ = v.inner * sdk::dtype_size(n.in(0).dtype);
  }
  void run(const Run& r) const override {
    if (run_bytes_ == 0) return;
    r.team.split(outer_ * picks_, std::max<uint64_t>(1, kGrainBytes / run_bytes_),
                 [&](uint64_t begin, uint64_t end, unsigned) {
                   for (uint64_t i = begin; i < end; ++i) {
                     const int64_t at = indices_.read(r, r.inputs[1], i % picks_, static_cast<int64_t>(size_));
                     if (at < 0) continue;
                     copy_run(r.outputs[0] + i * run_bytes_,
                              r.inputs[0] + (i / picks_ * size_ + static_cast<uint64_t>(at)) * run_bytes_, run_bytes_);
                   }
                 });
  }

 private:
  Indices indices_;
  uint64_t outer_, size_, picks_, run_bytes_;
};

class GatherNd final : public Kernel {
 public:
  explicit GatherNd(const NodeView& n) : Kernel("move:gather_nd"), indices_(n.in(1)) {
    const rlx_tensor &x = n.in(0), &idx = n.in(1);
    const uint32_t batch_dims = static_cast<uint32_t>(n.i("batch_dims"));
    depth_ = static_cast<uint32_t>(idx.dims[idx.rank - 1]);
    for (uint32_t i = 0; i < batch_dims; ++i) batches_ *= x.dims[i];
    for (uint32_t i = batch_dims; i < batch_dims + depth_; ++i) sizes_[i - batch_dims] = x.dims[i];
    run_bytes_ = sdk::dtype_size(x.dtype);
    for (uint32_t i = batch_dims + depth_; i < x.rank; ++i) run_bytes_ *= x.dims[i];
    picks_ = 1;
    for (uint32_t i = batch_dims; i + 1 < idx.rank; ++i) picks_ *= idx.dims[i];
    batch_runs_ = 1;
    for (uint32_t i = 0; i < depth_; ++i) batch_runs_ *= sizes_[i];
  }
  void run(const Run& r) const override {
    if (run_bytes_ == 0) return;
    r.team.split(batches_ * picks_, std::max<uint64_t>(1, kGrainBytes / run_bytes_),
                 [&](uint64_t begin, uint64_t end, unsigned) {
                   for (uint64_t i = begin; i < end; ++i) pick(r, i);
                 });
  }

 private:
  void pick(const Run& r, uint64_t i) const {
    uint64_t at = 0;
    for (uint32_t k = 0; k < depth_; ++k) {
      const int64_t index = indices_.read(r, r.inputs[1], i * depth_ + k, static_cast<int64_t>(sizes_[k]));
      if (index < 0) return;
      at = at * sizes_[k] + static_cast<uint64_t>(index);
    }
    copy_run(r.outputs[0] + i * run_bytes_, r.inputs[0] + (i / picks_ * batch_runs_ + at) * run_bytes_, run_bytes_);
  }

  Indices indices_;
  uint32_t depth_;
  uint64_t sizes_[RLX_MAX_RANK] = {}, batches_ = 1, picks_, batch_runs_, run_bytes_;
};

class GatherElements final : public Kernel {
 public:
  explicit GatherElements(const NodeView& n) : Kernel("move:gather_elements"), indices_(n.in(1)) {
    const rlx_tensor &x = n.in(0), &idx = n.in(1);
    rank_ = idx.rank;
    axis_ = static_cast<uint32_t>(n.i("axis"));
    uint64_t step = 1;
    for (uint32_t i = rank_; i-- > 0; step *= x.dims[i]) {
      dims_[i] = idx.dims[i];
      strides_[i] = step;
    }
    size_ = x.dims[axis_];
    count_ = sdk::elements(idx);
    bytes_ = sdk::dtype_size(x.dtype);
  }
  void run(const Run& r) const override {
    r.team.split(count_, kGrainBytes / 8, [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t i = begin; i < end; ++i) {
        const int64_t at = indices_.read(r, r.inputs[1], i, static_cast<int64_t>(size_));
        if (at < 0) continue;
        uint64_t from = static_cast<uint64_t>(at) * strides_[axis_], rest = i;
        for (uint32_t k = rank_; k-- > 0; rest /= dims_[k])
          if (k != axis_) from += rest % dims_[k] * strides_[k];
        copy_run(r.outputs[0] + i * bytes_, r.inputs[0] + from * bytes_, bytes_);
      }
    });
  }

 private:
  Indices indices_;
  uint32_t rank_, axis_;
  uint64_t dims_[RLX_MAX_RANK] = {}, strides_[RLX_MAX_RANK] = {}, size_, count_, bytes_;
};

}  // namespace

Claim claim_gather(const NodeView&, const CpuInfo&) {
  return Claim::native();
}

std::unique_ptr<Kernel> make_gather(MakeContext& m) {
  if (m.node.op() == "gather") return std::make_unique<Gather>(m.node);
  if (m.node.op() == "gather_nd") return std::make_unique<GatherNd>(m.node);
  return std::make_unique<GatherElements>(m.node);
}

}  // namespace rlx::cpu::kernels
