// sample: the candidates of each row in order, then a block that draws one of them.
#include "kernel.hpp"
#include "order.hpp"

#include <rlx/sdk/sampling.hpp>

#include <cmath>

namespace rlx::simt::kernels {

namespace {

sdk::AxisView last_axis(const NodeView& n) {
  return sdk::view_axis(n.in(0), n.in(0).rank - 1);
}

}  // namespace

Claim claim_sample(const NodeView& n) {
  if (last_axis(n).n > kMostOrdered) return Claim::no("an axis of 2^32 elements or more");
  return Claim::native();
}

void emit_sample(Emitter& e, const NodeView& n) {
  const sdk::AxisView axis = last_axis(n);
  if (axis.rows() == 0) return;
  const double scale = sdk::sample_scale(n.f("temperature"));
  const auto top_k = static_cast<uint64_t>(n.i("top_k"));
  uint64_t candidates = top_k > 0 ? std::min(top_k, axis.n) : axis.n;
  if (!std::isfinite(scale)) candidates = 1;
  const OrderedItems items = emit_order(e, {n.input(0), n.in(0).dtype, axis, true, candidates});

  auto launch = e.launch<::simt::SampleParams>("sample.hpp", "sample<" + type_name(n.in(0).dtype) + ">");
  auto& p = launch.params;
  p.rows = axis.rows();
  p.count = candidates;
  p.stride = items.stride;
  p.key = static_cast<uint64_t>(n.i("seed")) ^ static_cast<uint64_t>(n.i("key"));
  p.scale = scale;
  p.top_p = n.f("top_p");
  p.least = sdk::sample_least(n.f("min_p"));
  p.greedy = !std::isfinite(scale);
  launch.point_to_scratch(p.items, items.bytes, items.offset);
  launch.point(p.ids, n.output(0));
  launch.point_to_run_counter(p.run_counter);
  launch.rows(p.rows, p.count);
}

}  // namespace rlx::simt::kernels
