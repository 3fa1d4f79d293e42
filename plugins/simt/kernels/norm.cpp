// layer_norm and rms_norm over trailing axes, also of a sum with a residual.
#include "kernel.hpp"

namespace rlx::simt::kernels {

Claim claim_norm(const NodeView&) {
  return Claim::native();
}

void emit_norm(Emitter& e, const NodeView& n) {
  const bool residual = n.op() == "fused_residual_norm";
  const bool centred = residual ? n.s("kind") == "layer" : n.op() == "layer_norm";
  auto launch = e.launch<::simt::NormParams>(
      "norm.hpp", "row_norm<" + type_name(n.in(0).dtype) + ", " + (centred ? "true" : "false") + ">");
  launch.params.rows = launch.params.size = 1;
  for (uint32_t i = 0; i < n.in(0).rank; ++i)
    (i < n.i("axis") ? launch.params.rows : launch.params.size) *= n.in(0).dims[i];
  launch.params.eps = n.f("eps");
  const uint32_t gamma = residual ? 2 : 1, beta = gamma + 1;
  launch.point(launch.params.x, n.input(0));
  if (n.has_input(gamma)) launch.point(launch.params.gamma, n.input(gamma));
  if (n.has_input(beta)) launch.point(launch.params.beta, n.input(beta));
  launch.point(launch.params.y, n.output(0));
  if (residual) {
    launch.point(launch.params.residual, n.input(1));
    launch.point(launch.params.sum, n.output(1));
  }
  if (launch.params.size > 0) launch.rows(launch.params.rows, launch.params.size);
}

}  // namespace rlx::simt::kernels
