// Reading and writing by index.
#include "kernels/layout.hpp"

namespace rlx::vulkan::kernels {

namespace {

using Dims = std::vector<uint64_t>;

Dims slice_of(const rlx_tensor& t, size_t first, size_t last) {
  return {t.dims + first, t.dims + last};
}
void append(Dims& to, const Dims& more) {
  to.insert(to.end(), more.begin(), more.end());
}
void append(Strides& to, const Strides& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// Keys in the order of the indices' last axis: the size of each axis and the step along it.
struct Keys {
  Dims limits;
  Strides strides;
};

void dispatch_gather(Plan& plan, Layout layout, const Keys& keys) {
  layout.collapse();
  gpu::GatherParams p{};
  p.count = plan.count_of(plan.node.out());
  p.rank = static_cast<uint32_t>(layout.rank());
  p.keys = static_cast<uint32_t>(keys.limits.size());
  p.width = static_cast<uint32_t>(sdk::dtype_size(plan.node.out().dtype));
  p.index_dtype = plan.node.in(1).dtype;
  put(plan, p.dims, layout.dims);
  put(plan, p.src_strides, layout.strides[0]);
  put(plan, p.index_strides, layout.strides[1]);
  put(plan, p.limits, keys.limits);
  put(plan, p.key_strides, keys.strides);
  plan.dispatch({Shader::k_gather}, Plan::lanes_for(p.count), p,
                {{&p.src, plan.node.input(0)}, {&p.indices, plan.node.input(1)}, {&p.dst, plan.node.output(0), true}});
}

uint32_t reduction_of(const Plan& plan) {
  const std::string_view kind = plan.node.s("reduction");
  if (kind == "none") return RLX_SCATTER_NONE;
  plan.need_number(0);
  if (kind == "add") return RLX_SCATTER_ADD;
  if (kind == "mul") return RLX_SCATTER_MUL;
  if (kind == "max") return RLX_SCATTER_MAX;
  if (kind == "min") return RLX_SCATTER_MIN;
  plan.refuse("no kernel for reduction " + std::string(kind));
}

// y = x, then the updates. Strides are those of y, the indices and the updates; the first `owned` dims tell targets
// apart.
void dispatch_scatter(Plan& plan, Layout layout, size_t owned, const Keys& keys) {
  const sdk::NodeView& node = plan.node;
  move_flat(plan, node.input(0), node.output(0));
  gpu::ScatterParams p{};
  p.owners = p.serial = 1;
  for (size_t d = 0; d < layout.rank(); ++d)
    (d < owned ? p.owners : p.serial) *= plan.small(layout.dims[d], "elements along an axis");
  plan.count_of(node.in(2));
  p.owned = static_cast<uint32_t>(layout.collapse(owned));
  p.rank = static_cast<uint32_t>(layout.rank());
  p.keys = static_cast<uint32_t>(keys.limits.size());
  p.dtype = node.out().dtype;
  p.index_dtype = node.in(1).dtype;
  p.reduction = reduction_of(plan);
  put(plan, p.dims, layout.dims);
  put(plan, p.dst_strides, layout.strides[0]);
  put(plan, p.index_strides, layout.strides[1]);
  put(plan, p.update_strides, layout.strides[2]);
  put(plan, p.limits, keys.limits);
  put(plan, p.key_strides, keys.strides);
  plan.dispatch({Shader::k_scatter}, Plan::lanes_for(p.owners), p,
                {{&p.dst, node.output(0), true}, {&p.indices, node.input(1)}, {&p.updates, node.input(2)}});
  if (p.serial > 1) plan.mark_slow("updates that may meet are applied one after the other");
}

}  // namespace

void gather(Plan& plan) {
  const rlx_tensor &x = plan.node.in(0), &idx = plan.node.in(1);
  const size_t axis = static_cast<size_t>(plan.node.i("axis"));
  const Strides own = row_major(sdk::dims(x));
  Layout layout{slice_of(x, 0, axis), {Strides(own.begin(), own.begin() + axis), Strides(axis, 0)}};
  append(layout.dims, slice_of(idx, 0, idx.rank));
  append(layout.strides[0], Strides(idx.rank, 0));
  append(layout.strides[1], row_major(sdk::dims(idx)));
  append(layout.dims, slice_of(x, axis + 1, x.rank));
  append(layout.strides[0], Strides(own.begin() + axis + 1, own.end()));
  append(layout.strides[1], Strides(x.rank - axis - 1, 0));
  dispatch_gather(plan, std::move(layout), {{x.dims[axis]}, {own[axis]}});
}

void gather_elements(Plan& plan) {
  const rlx_tensor &x = plan.node.in(0), &idx = plan.node.in(1);
  const size_t axis = static_cast<size_t>(plan.node.i("axis"));
  Strides own = row_major(sdk::dims(x));
  const Keys keys{{x.dims[axis]}, {own[axis]}};
  own[axis] = 0;
  dispatch_gather(plan, {slice_of(idx, 0, idx.rank), {own, row_major(sdk::dims(idx))}}, keys);
}

void gather_nd(Plan& plan) {
  const rlx_tensor &x = plan.node.in(0), &idx = plan.node.in(1);
  const size_t batch = static_cast<size_t>(plan.node.i("batch_dims")), count = idx.dims[idx.rank - 1];
  const Strides own = row_major(sdk::dims(x)), tuples = row_major(sdk::dims(idx));
  Layout layout{slice_of(idx, 0, idx.rank - 1), {Strides(own.begin(), own.begin() + batch), tuples}};
  layout.strides[0].resize(idx.rank - 1, 0);
  layout.strides[1].pop_back();
  append(layout.dims, slice_of(x, batch + count, x.rank));
  append(layout.strides[0], Strides(own.begin() + batch + count, own.end()));
  append(layout.strides[1], Strides(x.rank - batch - count, 0));
  dispatch_gather(plan, std::move(layout),
                  {slice_of(x, batch, batch + count), Strides(own.begin() + batch, own.begin() + batch + count)});
}

void scatter_elements(Plan& plan) {
  const rlx_tensor &y = plan.node.out(), &idx = plan.node.in(1);
  const size_t axis = static_cast<size_t>(plan.node.i("axis"));
  const Strides own = row_major(sdk::dims(y)), tuples = row_major(sdk::dims(idx));
  // The axis goes to the end: along it targets may meet.
  Layout layout{{}, std::vector<Strides>(3)};
  const auto add = [&](size_t d) {
    layout.dims.push_back(idx.dims[d]);
    layout.strides[0].push_back(d == axis ? 0 : own[d]);
    layout.strides[1].push_back(tuples[d]);
    layout.strides[2].push_back(tuples[d]);
  };
  for (size_t d = 0; d < idx.rank; ++d)
    if (d != axis) add(d);
  add(axis);
  dispatch_scatter(plan, std::move(layout), idx.rank - 1, {{y.dims[axis]}, {own[axis]}});
}

void scatter_nd(Plan& plan) {
  const rlx_tensor &y = plan.node.out(), &idx = plan.node.in(1);
  const size_t count = idx.dims[idx.rank - 1];
  const Strides own = row_major(sdk::dims(y)), updates = row_major(sdk::dims(plan.node.in(2)));
  Strides tuples = row_major(sdk::dims(idx));
  tuples.pop_back();
  const size_t lead = idx.rank - 1, owned = y.rank - count;
  Layout layout{
      slice_of(y, count, y.rank),
      {Strides(own.begin() + count, own.end()), Strides(owned, 0), Strides(updates.begin() + lead, updates.end())}};
  append(layout.dims, slice_of(idx, 0, lead));
  append(layout.strides[0], Strides(lead, 0));
  append(layout.strides[1], tuples);
  append(layout.strides[2], Strides(updates.begin(), updates.begin() + lead));
  dispatch_scatter(plan, std::move(layout), owned, {slice_of(y, 0, count), Strides(own.begin(), own.begin() + count)});
}

}  // namespace rlx::vulkan::kernels
