// batch_norm and lrn in whatever layout the input has. An lrn that oneDNN would do by its slow reference code is left
// to the next kernel of the list.
#include "onednn/forward.hpp"
#include "onednn/primitive_kernel.hpp"

namespace rlx::cpu {

namespace {

using namespace onednn;

class BatchNorm final : public PrimitiveKernel {
 public:
  explicit BatchNorm(MakeContext& m) : attr_(make_attr()), eps_(static_cast<float>(m.node.f("eps"))) {
    const NodeView& n = m.node;
    data_ = desc_of(sdk::dims(n.in(0)), m.in_layouts[0]);
    m.out_layouts[0] = m.in_layouts[0];
    const Desc channels = desc_of(sdk::dims(n.in(1)), Layout::kPlain);
    add_input(DNNL_ARG_SRC, data_, 0);
    add_input(DNNL_ARG_SCALE, channels, 1);
    add_input(DNNL_ARG_SHIFT, channels, 2);
    add_input(DNNL_ARG_MEAN, channels, 3);
    add_input(DNNL_ARG_VARIANCE, channels, 4);
    add_output(DNNL_ARG_DST, data_);
    set_name(create());
  }

 private:
  PrimitiveDesc create() const override {
    PrimitiveDesc desc;
    check(describe_batch_norm(data_, eps_, attr_.get(), desc), "batch_norm");
    return desc;
  }

  Attr attr_;
  float eps_;
  Desc data_;
};

class Lrn final : public PrimitiveKernel {
 public:
  explicit Lrn(MakeContext& m) : attr_(make_attr()), data_(desc_of(sdk::dims(m.node.in(0)), m.in_layouts[0])) {
    const NodeView& n = m.node;
    window_ = {n.i("size"), static_cast<float>(n.f("alpha")), static_cast<float>(n.f("beta")),
               static_cast<float>(n.f("bias"))};
    m.out_layouts[0] = m.in_layouts[0];
    add_input(DNNL_ARG_SRC, data_, 0);
    add_output(DNNL_ARG_DST, data_);
    set_name(create());
  }

 private:
  PrimitiveDesc create() const override {
    PrimitiveDesc desc;
    check(describe_lrn(data_, window_, attr_.get(), desc), "lrn");
    return desc;
  }

  Attr attr_;
  Desc data_;
  LrnWindow window_;
};

Claim claim_image(const NodeView& n, uint32_t min_rank, uint32_t max_rank) {
  const rlx_tensor& x = n.in(0);
  if (x.dtype != RLX_DTYPE_F32) return Claim::no(dtype_reason(x.dtype));
  if (x.rank < min_rank || x.rank > max_rank) return Claim::no("rank " + std::to_string(x.rank) + " not supported");
  if (x.size_bytes == 0) return Claim::no("empty tensors not supported");
  return Claim::native(1);
}

}  // namespace

namespace kernels {

Claim claim_batch_norm(const NodeView& n, const CpuInfo&) {
  for (uint32_t i = 1; i < 5; ++i)
    if (n.in(i).dtype != RLX_DTYPE_F32)
      return Claim::no(std::string("statistics of dtype ") + sdk::dtype_name(n.in(i).dtype) + " not supported");
  return claim_image(n, 2, 5);
}

std::unique_ptr<Kernel> make_batch_norm(MakeContext& m) {
  for (uint32_t i = 1; i < m.in_layouts.size(); ++i) m.in_layouts[i] = Layout::kPlain;
  return std::make_unique<BatchNorm>(m);
}

Claim claim_lrn(const NodeView& n, const CpuInfo&) {
  if (n.i("size") % 2 == 0) return Claim::no("even window not supported");
  Claim claim = claim_image(n, 4, 4);
  claim.overwrites = 0;  // neighbouring channels are read after this one is written
  return claim;
}

std::unique_ptr<Kernel> make_lrn(MakeContext& m) {
  auto kernel = std::make_unique<Lrn>(m);
  if (kernel->name().find("jit") == std::string::npos) return nullptr;
  return kernel;
}

}  // namespace kernels
}  // namespace rlx::cpu
