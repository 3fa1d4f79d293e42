// cumsum, cumprod, arg_reduce and sort, in parallel over rows and not along them.
#include "kernel.hpp"

#include <rlx/sdk/axis_view.hpp>

namespace rlx::simt::kernels {

namespace {

template <typename Launch>
sdk::AxisView fill_axis(Launch& launch, const NodeView& n) {
  const sdk::AxisView axis = sdk::view_axis(n.in(0), n.i("axis"));
  launch.params.outer = axis.outer;
  launch.params.size = axis.n;
  launch.params.inner = axis.inner;
  launch.point(launch.params.x, n.input(0));
  return axis;
}

}  // namespace

Claim claim_scan(const NodeView&) {
  return Claim::slow("one thread for each row");
}

void emit_scan(Emitter& e, const NodeView& n) {
  const std::string type = type_name(n.in(0).dtype), kind = n.op() == "cumprod" ? "prod" : "sum";
  auto launch = e.launch<::simt::ScanParams>("scan.hpp", "scan<" + type + ", reduce_" + kind + "<" + type + ">>");
  const sdk::AxisView axis = fill_axis(launch, n);
  launch.params.exclusive = n.flag("exclusive");
  launch.params.reverse = n.flag("reverse");
  launch.point(launch.params.y, n.output(0));
  if (axis.n > 0) launch.threads(axis.rows());
}

Claim claim_arg_reduce(const NodeView& n) {
  if (n.in(0).dtype == RLX_DTYPE_BOOL) return Claim::no("bool not supported");
  return Claim::slow("one thread for each row");
}

void emit_arg_reduce(Emitter& e, const NodeView& n) {
  auto launch = e.launch<::simt::ArgReduceParams>("scan.hpp", "arg_reduce<" + type_name(n.in(0).dtype) + ">");
  const sdk::AxisView axis = fill_axis(launch, n);
  launch.params.largest = n.s("kind") == "argmax";
  launch.params.last = n.flag("last_index");
  launch.point(launch.params.y, n.output(0));
  launch.threads(axis.rows());
}

Claim claim_sort(const NodeView& n) {
  if (n.in(0).dtype == RLX_DTYPE_BOOL) return Claim::no("bool not supported");
  return Claim::slow("every element is compared with its whole row");
}

void emit_sort(Emitter& e, const NodeView& n) {
  auto launch = e.launch<::simt::SortParams>("scan.hpp", "sort<" + type_name(n.in(0).dtype) + ">");
  const sdk::AxisView axis = fill_axis(launch, n);
  launch.params.descending = n.flag("descending");
  launch.point(launch.params.values, n.output(0));
  launch.point(launch.params.positions, n.output(1));
  launch.threads(axis.rows() * axis.n);
}

}  // namespace rlx::simt::kernels
