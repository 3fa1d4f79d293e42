// Running a primitive: addresses in, execute. Everything else happened before.
#include "onednn/primitive_kernel.hpp"

#include <span>

namespace rlx::cpu::onednn {

namespace {

constexpr uint64_t round_up(uint64_t bytes) {
  return (bytes + 63) / 64 * 64;
}

Desc scratch_desc(uint64_t bytes) {
  return Desc::by_tag(std::span(&bytes, 1), dnnl_u8, dnnl_a);
}

class State final : public KernelState {
 public:
  State(Call main, std::unique_ptr<Call> packing) : main(std::move(main)), packing(std::move(packing)) {}
  Call main;
  std::unique_ptr<Call> packing;  // of a weight that changes from run to run
};

}  // namespace

void PrimitiveKernel::add_weight(int arg, const Desc& desc, const Desc& plain, uint32_t input, bool constant) {
  if (desc == plain) {
    add_input(arg, desc, input);
  } else if (constant) {
    packed_weights_.push_back({plain, desc, input, operands_.size()});
    operands_.push_back({{arg, desc}, Source::kPacked, input, nullptr});
  } else {
    run_packing_ = {plain, desc, input, operands_.size()};
    operands_.push_back({{arg, desc}, Source::kScratch, 0, nullptr});
  }
}

const PrimitiveSet::Entry& PrimitiveKernel::entry(unsigned threads) const {
  return primitives_.get(threads, [this] { return create(); });
}

// What the kernel puts in front of the primitive's scratchpad.
uint64_t PrimitiveKernel::own_scratch() const {
  return run_packing_ ? round_up(run_packing_->packed.bytes()) : 0;
}

uint64_t PrimitiveKernel::scratch_bytes(unsigned threads) const {
  return own_scratch() + entry(threads).scratch_bytes;
}

std::unique_ptr<KernelState> PrimitiveKernel::make_state(unsigned threads) const {
  const PrimitiveSet::Entry& e = entry(threads);
  std::vector<Call::Operand> list;
  for (const Operand& o : operands_) list.push_back(o.call);
  list.push_back({DNNL_ARG_SCRATCHPAD, scratch_desc(e.scratch_bytes)});
  std::unique_ptr<Call> packing;
  if (run_packing_) {
    const Call::Operand pair[] = {{DNNL_ARG_FROM, run_packing_->plain}, {DNNL_ARG_TO, run_packing_->packed}};
    packing = std::make_unique<Call>(reorder_primitive(run_packing_->plain, run_packing_->packed), pair);
  }
  return std::make_unique<State>(Call(e.primitive, list), std::move(packing));
}

void PrimitiveKernel::run(const Run& r) const {
  State& state = static_cast<State&>(*r.state);
  if (state.packing) {
    state.packing->set(0, r.inputs[run_packing_->input]);
    state.packing->set(1, r.scratch);
    state.packing->execute();
  }
  size_t i = 0;
  for (const Operand& o : operands_) {
    switch (o.source) {
      case Source::kInput:
        state.main.set(i, r.inputs[o.index]);
        break;
      case Source::kOutput:
        state.main.set(i, r.outputs[o.index]);
        break;
      case Source::kPacked:
        state.main.set(i, o.packed);
        break;
      case Source::kScratch:
        state.main.set(i, r.scratch);
        break;
    }
    ++i;
  }
  state.main.set(i, r.scratch + own_scratch());
  state.main.execute();
}

void PrimitiveKernel::prepare(Weights& weights) {
  for (const PackedWeight& w : packed_weights_) {
    const Desc plain = w.plain, packed = w.packed;
    Packing packing{"onednn " + packed.key(), packed.bytes(),
                    [=](const std::byte* from, std::byte* to) { reorder(plain, from, packed, to); },
                    [=](const std::byte* from, std::byte* to) { reorder(packed, from, plain, to); }};
    operands_[w.operand].packed = weights.packed(w.input, packing);
  }
}

bool PrimitiveKernel::reads(uint32_t input) const {
  bool is_packed = false;
  for (const Operand& o : operands_) {
    if (o.index != input) continue;
    if (o.source == Source::kInput) return true;
    is_packed |= o.source == Source::kPacked;
  }
  return !is_packed;
}

}  // namespace rlx::cpu::onednn
