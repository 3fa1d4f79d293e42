// Elementwise nodes, single and fused, over the broadcast shape of their inputs.
#include "kernels/layout.hpp"
#include "kernels/region.hpp"

namespace rlx::vulkan::kernels {

namespace {

template <typename T>
void append(std::vector<std::byte>& to, const T& value) {
  const std::vector<std::byte> bytes = bytes_of(value);
  to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace

void elementwise(Plan& plan) {
  // The shader steps through memory by these sizes.
  static_assert(sizeof(gpu::ElementwiseHead) == 40 && sizeof(gpu::ElementwiseOperand) == 40);
  const sdk::NodeView& node = plan.node;
  Region region = region_of(plan);
  std::vector<uint32_t> inputs;
  const auto dims = sdk::dims(node.out());
  Layout layout{{dims.begin(), dims.end()}, {}};
  for (uint32_t i = 0; i < node.input_count(); ++i) {
    if (!node.has_input(i)) continue;
    inputs.push_back(node.input(i));
    layout.strides.push_back(broadcast_strides(sdk::dims(node.in(i)), dims));
  }
  layout.strides.push_back(row_major(dims));  // keeps dims apart that only the output tells apart
  layout.collapse();

  gpu::ElementwiseHead head{};
  head.count = plan.count_of(node.out());
  put(plan, head.dims, layout.dims);
  std::vector<std::byte> params;
  std::vector<Reference> references;
  append(params, head);
  const auto add_operand = [&](uint32_t tensor, bool is_write, const Strides& strides) {
    gpu::ElementwiseOperand operand{};
    put(plan, operand.strides, strides);
    references.push_back(plan.reference(static_cast<uint32_t>(params.size()), tensor, is_write));
    append(params, operand);
  };
  for (size_t i = 0; i < inputs.size(); ++i) add_operand(inputs[i], false, layout.strides[i]);
  for (uint32_t i = 0; i < node.output_count(); ++i) add_operand(node.output(i), true, layout.strides.back());
  // With one dim left an operand steps by one element or not at all.
  const auto rank = static_cast<uint32_t>(layout.rank() <= 1 ? 0 : layout.rank());
  plan.dispatch({Shader::k_elementwise, {rank}, std::move(region)}, Plan::lanes_for(head.count), std::move(params),
                std::move(references));

  // A thread reads all inputs of an element before it writes its outputs.
  for (uint32_t i = 0; i < node.input_count(); ++i)
    if (node.has_input(i) && node.in(i).size_bytes == node.out().size_bytes &&
        sdk::elements(node.in(i)) == sdk::elements(node.out()))
      plan.may_overwrite(i);
}

}  // namespace rlx::vulkan::kernels
