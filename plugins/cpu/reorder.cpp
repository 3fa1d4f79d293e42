// Reorders are oneDNN's: its layouts are the ones we choose from.
#include "reorder.hpp"

#include "onednn/forward.hpp"
#include "onednn/primitive_kernel.hpp"

namespace rlx::cpu {

namespace {

class Reorder final : public onednn::PrimitiveKernel {
 public:
  Reorder(const rlx_tensor& t, Layout from, Layout to)
      : from_(onednn::desc_of(sdk::dims(t), from)), to_(onednn::desc_of(sdk::dims(t), to)) {
    add_input(DNNL_ARG_FROM, from_, 0);
    add_output(DNNL_ARG_TO, to_);
    set_name(create());
  }

 private:
  onednn::PrimitiveDesc create() const override {
    const onednn::Attr attr = onednn::make_attr();
    onednn::PrimitiveDesc desc;
    onednn::check(onednn::describe_reorder(from_, to_, attr.get(), desc), "reorder");
    return desc;
  }

  onednn::Desc from_, to_;
};

}  // namespace

bool can_reorder(const rlx_tensor& desc) {
  return desc.dtype == RLX_DTYPE_F32 && desc.rank >= 3 && desc.rank <= 5;
}

std::unique_ptr<Kernel> make_reorder(const rlx_tensor& desc, Layout from, Layout to) {
  return std::make_unique<Reorder>(desc, from, to);
}

}  // namespace rlx::cpu
