// softmax and log_softmax along any axis, on floats.
#include "kernel.hpp"

namespace rlx::simt::kernels {

Claim claim_softmax(const NodeView&) {
  return Claim::native(1);
}

void emit_softmax(Emitter& e, const NodeView& n) {
  const rlx_tensor& x = n.in(0);
  auto launch = e.launch<::simt::SoftmaxParams>("softmax.hpp", "softmax<" + type_name(x.dtype) + ">");
  const auto axis = static_cast<uint32_t>(n.i("axis"));
  launch.params.outer = launch.params.inner = 1;
  for (uint32_t i = 0; i < x.rank; ++i) {
    if (i < axis) launch.params.outer *= x.dims[i];
    if (i > axis) launch.params.inner *= x.dims[i];
  }
  launch.params.size = x.rank == 0 ? 1 : x.dims[axis];
  launch.params.is_log = n.op() == "log_softmax";
  launch.point(launch.params.x, n.input(0));
  launch.point(launch.params.y, n.output(0));
  launch.rows(launch.params.outer * launch.params.inner, launch.params.size);
}

}  // namespace rlx::simt::kernels
