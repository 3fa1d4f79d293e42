// cumsum and cumprod.
#include "kernel.hpp"
#include "row_parts.hpp"

namespace rlx::simt::kernels {

namespace {

constexpr uint32_t kTotalBytes = 8;  // of the widest accumulator

}  // namespace

Claim claim_scan(const NodeView&) {
  return Claim::native(1);
}

void emit_scan(Emitter& e, const NodeView& n) {
  const sdk::AxisView axis = sdk::view_axis(n.in(0), n.i("axis"));
  const RowPlan plan(e.geometry(), axis);
  const std::string type = type_name(n.in(0).dtype), kind = n.op() == "cumprod" ? "prod" : "sum";
  const std::string arguments = "<" + type + ", reduce_" + kind + "<" + type + ">>";
  const auto add = [&](const char* by_rows, const char* by_columns, uint64_t parts) {
    auto launch = e.launch<::simt::ScanParams>("scan.hpp", (plan.blocks ? by_rows : by_columns) + arguments);
    launch.params.part = plan.part;
    launch.params.exclusive = n.flag("exclusive");
    launch.params.reverse = n.flag("reverse");
    launch.point(launch.params.x, n.input(0));
    launch.point(launch.params.y, n.output(0));
    if (plan.part.parts > 1) launch.point_to_scratch(launch.params.part.partial, plan.of_all_parts(kTotalBytes));
    if (!plan.blocks) return launch.threads(plan.part.rows * parts);
    const uint32_t warps = plan.threads / e.geometry().warp;
    launch.blocks(grid_for(e.geometry(), plan.part.rows * parts, 1), plan.threads, warps * kTotalBytes);
  };
  if (axis.n == 0) return;
  if (plan.part.parts > 1) add("scan_row_totals", "scan_column_totals", plan.part.parts - 1);
  add("scan_rows", "scan_columns", plan.part.parts);
}

}  // namespace rlx::simt::kernels
