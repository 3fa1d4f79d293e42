// Random numbers of docs/ops.md.
#include "kernels/plan.hpp"

namespace rlx::vulkan::kernels {

namespace {

void draw(Plan& plan, bool normal, double a, double b) {
  const sdk::NodeView& node = plan.node;
  const rlx_dtype dtype = node.out().dtype;
  if (!is_float(dtype)) plan.refuse(std::string("no kernel for ") + sdk::dtype_name(dtype));
  gpu::RandomParams p{};
  p.key = static_cast<uint64_t>(node.i("seed")) ^ static_cast<uint64_t>(node.i("key"));
  p.count = plan.count_of(node.out());
  p.dtype = dtype;
  p.normal = normal;
  p.a = static_cast<float>(a);
  p.b = static_cast<float>(b);
  plan.dispatch({Shader::k_random}, Plan::lanes_for(p.count), p, {{&p.dst, node.output(0), true}});
}

}  // namespace

void random_uniform(Plan& plan) {
  const double low = plan.node.f("low");
  draw(plan, false, low, plan.node.f("high") - low);
}

void random_normal(Plan& plan) {
  draw(plan, true, plan.node.f("mean"), plan.node.f("scale"));
}

}  // namespace rlx::vulkan::kernels
