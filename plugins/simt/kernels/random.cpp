// Random numbers, the same on every device. bernoulli and dropout are made of random_uniform.
#include "kernel.hpp"

namespace rlx::simt::kernels {

Claim claim_random(const NodeView& n) {
  const rlx_dtype t = n.out().dtype;
  if (t == RLX_DTYPE_F32 || t == RLX_DTYPE_F16 || t == RLX_DTYPE_BF16 || t == RLX_DTYPE_F64) return Claim::native();
  return Claim::no(std::string("dtype ") + sdk::dtype_name(t) + " not supported");
}

void emit_random(Emitter& e, const NodeView& n) {
  auto launch =
      e.launch<::simt::RandomParams>("random.hpp", std::string(n.op()) + "<" + type_name(n.out().dtype) + ">");
  const bool uniform = n.op() == "random_uniform";
  launch.params.count = sdk::elements(n.out());
  launch.params.key = static_cast<uint64_t>(n.i("seed")) ^ static_cast<uint64_t>(n.i("key"));
  launch.params.offset = n.f(uniform ? "low" : "mean");
  launch.params.scale = uniform ? n.f("high") - n.f("low") : n.f("scale");
  launch.point(launch.params.y, n.output(0));
  launch.point_to_run_counter(launch.params.run_counter);
  launch.threads(launch.params.count);
}

}  // namespace rlx::simt::kernels
