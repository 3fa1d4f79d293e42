// Reorders are oneDNN's: its layouts are the ones we choose from.
#include "reorder.hpp"

#include "onednn/onednn.hpp"

namespace rlx::cpu {

namespace {

class Reorder final : public Kernel {
 public:
  Reorder(const rlx_tensor& t, Layout from, Layout to)
      : Kernel("onednn:reorder"), from_(onednn::desc_of(sdk::dims(t), from)), to_(onednn::desc_of(sdk::dims(t), to)) {}

  uint64_t scratch_bytes(unsigned threads) const override { return entry(threads).scratch_bytes; }

  std::unique_ptr<KernelState> make_state(unsigned threads) const override {
    const onednn::PrimitiveSet::Entry& e = entry(threads);
    dnnl_memory_desc_t scratch;
    const dnnl_dims_t size{static_cast<dnnl_dim_t>(e.scratch_bytes)};
    onednn::check(dnnl_memory_desc_init_by_tag(&scratch, 1, size, dnnl_u8, dnnl_a), "scratchpad");
    const onednn::Call::Operand operands[] = {
        {DNNL_ARG_FROM, from_}, {DNNL_ARG_TO, to_}, {DNNL_ARG_SCRATCHPAD, scratch}};
    return std::make_unique<onednn::Call>(e.primitive, operands);
  }

  void run(const Run& r) const override {
    onednn::Call& call = static_cast<onednn::Call&>(*r.state);
    call.set(0, r.inputs[0]);
    call.set(1, r.outputs[0]);
    call.set(2, r.scratch);
    call.execute();
  }

 private:
  const onednn::PrimitiveSet::Entry& entry(unsigned threads) const {
    return primitives_.get(threads, [&] {
      const onednn::Attr attr = onednn::make_attr();
      dnnl_primitive_desc_t desc = nullptr;
      onednn::check(
          dnnl_reorder_primitive_desc_create(&desc, &from_, onednn::engine(), &to_, onednn::engine(), attr.get()),
          "reorder");
      return onednn::PrimitiveDesc(desc);
    });
  }

  dnnl_memory_desc_t from_, to_;
  onednn::PrimitiveSet primitives_;
};

}  // namespace

bool can_reorder(const rlx_tensor& desc, Layout, Layout) {
  return desc.dtype == RLX_DTYPE_F32 && desc.rank >= 3 && desc.rank <= 5;
}

std::unique_ptr<Kernel> make_reorder(const rlx_tensor& desc, Layout from, Layout to) {
  return std::make_unique<Reorder>(desc, from, to);
}

}  // namespace rlx::cpu
