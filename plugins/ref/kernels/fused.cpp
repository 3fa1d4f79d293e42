// Blocks that the compiler fuses. fused_residual_norm is in norm.cpp, fused_conv_bias_act in conv.cpp.
//   fused_elementwise: a body of elementwise ops over operands that broadcast to the outputs' shape
//   fused_swiglu:      silu(gate)·up for the two halves of the last axis
#include "kernel.hpp"
#include "move.hpp"

#include <cmath>
#include <map>

namespace rlx::ref::kernels {

namespace {

// The tensors of a body while it runs, all in one shape and in the body's dtypes.
class Body {
 public:
  Body(const sdk::NodeView& node, DimsView dims) : program_(node.program()), dims_(dims) {}

  const Tensor& at(uint32_t tensor) { return values_.at(tensor); }
  const Tensor& make(uint32_t tensor) {
    Tensor t{program_.tensor(tensor).dtype, dims_, nullptr};
    memory_.emplace_back(t.bytes() + 1);  // an empty tensor has an address, too
    t.data = memory_.back().data();
    return values_[tensor] = t;
  }

 private:
  sdk::ProgramView program_;
  DimsView dims_;
  std::map<uint32_t, Tensor> values_;
  std::vector<std::vector<std::byte>> memory_;
};

}  // namespace

// Runs each op of the body with its own kernel, which makes a fused region equal to the unfused ops by construction.
void fused_elementwise(const Call& call) {
  const rlx_region& region = call.node.region();
  const DimsView dims = call.out().dims;
  Body body(call.node, dims);
  for (uint32_t i = 0; i < region.input_count; ++i)
    move_strided(call.in(i), 0, broadcast_strides(call.in(i).dims, dims), body.make(region.inputs[i]));
  for (uint64_t n = 0; n < region.node_count; ++n) {
    Call step{call.node.program().node(region, n), {}, {}, call.run};
    for (uint32_t i = 0; i < step.node.input_count(); ++i)
      step.inputs.push_back(step.node.has_input(i) ? body.at(step.node.input(i)) : Tensor{});
    for (uint32_t i = 0; i < step.node.output_count(); ++i) step.outputs.push_back(body.make(step.node.output(i)));
    find_kernel(step.node.op())(step);
  }
  for (uint32_t i = 0; i < region.output_count; ++i)
    move_bytes(body.at(region.outputs[i]).data, call.out(i).data, call.out(i).bytes());
}

void fused_swiglu(const Call& call) {
  const Tensor &x = call.in(0), &y = call.out();
  const uint64_t width = y.dim(y.rank() - 1);
  const uint64_t gate_start = call.node.flag("gate_first") ? 0 : width;
  const std::vector<double> values = load<double>(x);
  std::vector<double> result(y.elements());
  for (uint64_t i = 0; i < result.size(); ++i) {
    const uint64_t row = i / width * 2 * width, column = i % width;
    const double gate = values[row + gate_start + column], up = values[row + width - gate_start + column];
    result[i] = gate / (1 + std::exp(-gate)) * up;
  }
  store(y, result);
}

}  // namespace rlx::ref::kernels
