// Elementwise ops and fused regions of them: one generated kernel that reads each input and writes each output once.
#include "kernel.hpp"
#include "region.hpp"
#include "strides.hpp"

namespace rlx::simt::kernels {

namespace {

// Inputs whose element is read by the thread that writes the output's element over it.
uint32_t overwritable(const NodeView& n) {
  uint32_t mask = 0;
  for (uint32_t i = 0; i < n.input_count(); ++i) {
    if (!n.has_input(i)) continue;
    const bool same = sdk::elements(n.in(i)) == sdk::elements(n.out()) &&
                      sdk::dtype_size(n.in(i).dtype) == sdk::dtype_size(n.out().dtype);
    mask |= uint32_t{same} << i;
  }
  return mask;
}

}  // namespace

Claim claim_elementwise(const NodeView& n) {
  std::string why;
  if (generate_region(n, why).empty()) return Claim::no(why);
  return Claim::native(overwritable(n));
}

void emit_elementwise(Emitter& e, const NodeView& n) {
  std::string why;
  const std::string region = e.define(generate_region(n, why));
  Space space{{n.out().dims, n.out().dims + n.out().rank}, {}};
  // The outputs are dense: as an operand they keep axes apart that are not one in memory.
  space.operands.push_back(row_major(n.out()));
  for (uint32_t i = 0; i < n.input_count(); ++i)
    space.operands.push_back(n.has_input(i) ? broadcast_strides(n.in(i), n.out()) : Strides(n.out().rank, 0));
  space.collapse();

  const bool narrow = space.count() <= UINT32_MAX;
  auto launch = e.launch<::simt::ElementwiseParams>(
      "elementwise.hpp",
      "elementwise<" + region + ", " + std::to_string(space.dims.size()) + ", " + (narrow ? "u32" : "u64") + ">");
  launch.params.count = space.count();
  for (size_t axis = 0; axis < space.dims.size(); ++axis) {
    launch.params.dims[axis] = space.dims[axis];
    for (uint32_t i = 0; i < n.input_count(); ++i) launch.params.strides[i][axis] = space.operands[i + 1][axis];
  }
  for (uint32_t i = 0; i < n.input_count(); ++i)
    if (n.has_input(i)) launch.point(launch.params.inputs[i], n.input(i));
  for (uint32_t i = 0; i < n.output_count(); ++i) launch.point(launch.params.outputs[i], n.output(i));
  launch.threads(space.count());
}

}  // namespace rlx::simt::kernels
