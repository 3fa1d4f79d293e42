#include "activation_pass.hpp"

#include "region.hpp"

namespace rlx::simt {

void launch_activation(Emitter& e, const sdk::NodeView& n) {
  const std::string region = e.define(generate_unary(n.s("activation"), n.out().dtype));
  const uint64_t count = sdk::elements(n.out());
  auto launch = e.launch<::simt::ElementwiseParams>(
      "elementwise.hpp", "elementwise<" + region + ", 1, " + (count <= UINT32_MAX ? "u32" : "u64") + ">");
  launch.params.count = launch.params.dims[0] = count;
  launch.params.strides[0][0] = 1;
  launch.point(launch.params.inputs[0], n.output(0));
  launch.point(launch.params.outputs[0], n.output(0));
  launch.threads(count);
}

}  // namespace rlx::simt
