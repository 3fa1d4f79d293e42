// arg_reduce on numbers, along any axis.
#include "kernel.hpp"
#include "row_parts.hpp"

namespace rlx::simt::kernels {

Claim claim_arg_reduce(const NodeView&) {
  return Claim::native();
}

void emit_arg_reduce(Emitter& e, const NodeView& n) {
  constexpr uint32_t kExtremeBytes = 16, kPositionBytes = 8;
  const RowPlan plan(e.geometry(), sdk::view_axis(n.in(0), n.i("axis")));
  const auto add = [&](const std::string& kernel, auto end) {
    auto launch = e.launch<::simt::ArgReduceParams>("arg_reduce.hpp", kernel + "<" + type_name(n.in(0).dtype) + ">");
    launch.params.part = plan.part;
    launch.params.largest = n.s("kind") == "argmax";
    launch.params.last = n.flag("last_index");
    launch.point(launch.params.x, n.input(0));
    launch.point(launch.params.y, n.output(0));
    if (plan.part.parts > 1) launch.point_to_scratch(launch.params.part.partial, plan.of_all_parts(kPositionBytes));
    end(launch);
  };
  const uint64_t work = plan.part.rows * plan.part.parts;
  if (plan.blocks)
    add("arg_reduce_rows", [&](auto& launch) {
      launch.blocks(grid_for(e.geometry(), work, 1), plan.threads, plan.threads / e.geometry().warp * kExtremeBytes);
    });
  else
    add("arg_reduce_columns", [&](auto& launch) { launch.threads(work); });
  if (plan.part.parts > 1) add("arg_reduce_join", [&](auto& launch) { launch.threads(plan.part.rows); });
}

}  // namespace rlx::simt::kernels
