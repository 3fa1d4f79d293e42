// Pools, and the geometry that they share with convolutions.
#include "kernels/window.hpp"

namespace rlx::vulkan {

gpu::WindowAxes window_of(const Plan& plan, const rlx_tensor& wide, const rlx_tensor& narrow,
                          std::span<const int64_t> taps) {
  gpu::WindowAxes w{};
  const auto fill = [&](auto& field, int value) {
    for (int& v : field) v = value;
  };
  fill(w.wide, 1);
  fill(w.narrow, 1);
  fill(w.taps, 1);
  fill(w.stride, 1);
  fill(w.dilation, 1);
  const std::span<const int64_t> strides = plan.node.ints("strides"), pads = plan.node.ints("pads_begin"),
                                 dilations = plan.node.ints("dilations");
  const auto fit = [&](int64_t n) { return static_cast<int>(plan.small(static_cast<uint64_t>(n), "positions")); };
  for (size_t i = 0; i < taps.size(); ++i) {
    const size_t axis = 3 - taps.size() + i;
    w.wide[axis] = fit(static_cast<int64_t>(wide.dims[2 + i]));
    w.narrow[axis] = fit(static_cast<int64_t>(narrow.dims[2 + i]));
    w.taps[axis] = fit(taps[i]);
    w.stride[axis] = fit(strides[i]);
    w.pad[axis] = fit(pads[i]);
    w.dilation[axis] = fit(dilations[i]);
    // The furthest position that the shader computes.
    plan.small((narrow.dims[2 + i] + 1) * static_cast<uint64_t>(strides[i]) +
                   static_cast<uint64_t>(taps[i]) * static_cast<uint64_t>(dilations[i]),
               "positions");
  }
  return w;
}

namespace kernels {

void pool(Plan& plan) {
  const sdk::NodeView& node = plan.node;
  const std::string_view kind = node.s("kind");
  if (kind == "max")
    plan.need_number(0);
  else
    plan.need_float(0);
  gpu::PoolParams p{};
  p.count = plan.count_of(node.out());
  p.channels = plan.small(node.out().dims[0] * node.out().dims[1], "channels");
  p.dtype = node.in(0).dtype;
  p.kind = kind == "max" ? RLX_POOL_MAX : kind == "mean" ? RLX_POOL_MEAN : RLX_POOL_LP;
  p.p = static_cast<uint32_t>(node.i("p"));
  p.include_pad = node.flag("count_include_pad");
  p.has_indices = node.output_count() > 1 && node.raw().outputs[1] != RLX_NO_INDEX;
  p.column_major = node.flag("column_major");
  const std::span<const int64_t> ends = node.ints("pads_end");
  for (size_t i = 0; i < ends.size(); ++i) p.pad_end[3 - ends.size() + i] = static_cast<int>(ends[i]);
  p.w = window_of(plan, node.in(0), node.out(), node.ints("kernel"));
  plan.dispatch({Shader::k_pool}, Plan::lanes_for(p.count), p,
                {{&p.src, node.input(0)},
                 {&p.dst, node.output(0), true},
                 {&p.indices, p.has_indices ? node.output(1) : RLX_NO_INDEX, true}});
}

}  // namespace kernels

}  // namespace rlx::vulkan
