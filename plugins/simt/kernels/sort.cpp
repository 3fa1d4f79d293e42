// sort and top_k on numbers, along any axis.
#include "kernel.hpp"
#include "order.hpp"

namespace rlx::simt::kernels {

Claim claim_sort(const NodeView& n) {
  if (sdk::view_axis(n.in(0), n.i("axis")).n > kMostOrdered) return Claim::no("an axis of 2^32 elements or more");
  return Claim::native();
}

void emit_sort(Emitter& e, const NodeView& n) {
  const bool is_sort = n.op() == "sort";
  const sdk::AxisView axis = sdk::view_axis(n.in(0), n.i("axis"));
  Order order{n.input(0), n.in(0).dtype, axis, n.flag(is_sort ? "descending" : "largest"),
              is_sort ? axis.n : static_cast<uint64_t>(n.i("k"))};
  order.values = n.output(0);
  order.positions = n.output(1);
  if (axis.rows() > 0 && order.kept > 0) emit_order(e, order);
}

}  // namespace rlx::simt::kernels
