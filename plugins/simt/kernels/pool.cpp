// Pools over one to three spatial axes.
#include "kernel.hpp"
#include "window.hpp"

namespace rlx::simt::kernels {

Claim claim_pool(const NodeView& n) {
  return claim_window(n.in(0));
}

void emit_pool(Emitter& e, const NodeView& n) {
  const rlx_tensor &x = n.in(0), &y = n.out();
  const std::string type = type_name(x.dtype), kind(n.s("kind"));
  const std::string body =
      kind == "max" ? "max_pool<" + type + ">" : "sum_pool<" + type + ", " + (kind == "mean" ? "true" : "false") + ">";
  auto launch = e.launch<::simt::PoolParams>("window.hpp", body);
  const auto pads_end = n.ints("pads_end");
  launch.params.window = window_of(n, x, y, n.ints("kernel"));
  for (uint32_t i = 0; i < ::simt::kSpatial; ++i) {
    const size_t lead = ::simt::kSpatial - pads_end.size();
    launch.params.padded_end[i] = launch.params.window.wide[i] + (i >= lead ? pads_end[i - lead] : 0);
  }
  launch.params.count = sdk::elements(y);
  launch.params.count_padding = n.flag("count_include_pad");
  launch.params.column_major = n.flag("column_major");
  launch.params.power = n.i("p");
  launch.point(launch.params.x, n.input(0));
  launch.point(launch.params.y, n.output(0));
  if (n.output_count() > 1) launch.point(launch.params.indices, n.output(1));
  launch.threads(launch.params.count);
}

}  // namespace rlx::simt::kernels
