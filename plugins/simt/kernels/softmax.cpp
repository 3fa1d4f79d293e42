// softmax and log_softmax along any axis, on floats.
#include "kernel.hpp"

#include <rlx/sdk/axis_view.hpp>

namespace rlx::simt::kernels {

Claim claim_softmax(const NodeView&) {
  return Claim::native(1);
}

void emit_softmax(Emitter& e, const NodeView& n) {
  const sdk::AxisView axis = sdk::view_axis(n.in(0), n.i("axis"));
  // Neighbouring threads read neighbouring addresses then, and there are enough of them to hide each other's loads.
  constexpr uint64_t kColumns = 32, kRowsPerMultiprocessor = 64;
  const bool columns = axis.inner >= kColumns && axis.rows() >= kRowsPerMultiprocessor * e.geometry().multiprocessors;
  auto launch = e.launch<::simt::SoftmaxParams>(
      "softmax.hpp", (columns ? "softmax_columns<" : "softmax<") + type_name(n.in(0).dtype) + ">");
  launch.params.outer = axis.outer;
  launch.params.size = axis.n;
  launch.params.inner = axis.inner;
  launch.params.is_log = n.op() == "log_softmax";
  launch.point(launch.params.x, n.input(0));
  launch.point(launch.params.y, n.output(0));
  if (columns)
    launch.threads(axis.rows());
  else
    launch.rows(axis.rows(), axis.n);
}

}  // namespace rlx::simt::kernels
