// Convolutions: tiles of a matrix product, or a thread per result where groups have few channels.
#include "kernels/product.hpp"
#include "kernels/window.hpp"

namespace rlx::vulkan::kernels {

void conv(Plan& plan) {
  plan.need_float(0);
  const sdk::NodeView& node = plan.node;
  const rlx_tensor &x = node.in(0), &w = node.in(1), &y = node.out();
  gpu::ConvParams p{};
  p.batch = plan.small(x.dims[0], "images");
  p.groups = plan.small(static_cast<uint64_t>(node.i("groups")), "groups");
  p.in_channels = plan.small(w.dims[1], "channels");
  p.out_channels = plan.small(w.dims[0] / p.groups, "channels");
  p.has_bias = node.has_input(2);
  p.has_residual = node.has_input(3);
  if (node.find("alpha")) {
    p.alpha = static_cast<float>(node.f("alpha"));
    p.beta = static_cast<float>(node.f("beta"));
  }
  plan.count_of(x);
  plan.count_of(w);
  const uint32_t count = plan.count_of(y);
  std::vector<int64_t> taps;
  for (uint32_t i = 2; i < w.rank; ++i) taps.push_back(static_cast<int64_t>(w.dims[i]));
  p.w = window_of(plan, x, y, taps);
  const auto plane = static_cast<uint64_t>(p.w.narrow[0]) * static_cast<uint64_t>(p.w.narrow[1]) *
                     static_cast<uint64_t>(p.w.narrow[2]);

  constexpr uint32_t kWorthATile = 8;
  const bool direct = p.out_channels < kWorthATile;
  constexpr ProductShaders kShaders{Shader::k_conv, Shader::k_conv_cooperative, Shader::k_conv_emulated};
  const uint64_t depth = uint64_t{p.in_channels} * static_cast<uint64_t>(p.w.taps[0]) *
                         static_cast<uint64_t>(p.w.taps[1]) * static_cast<uint64_t>(p.w.taps[2]);
  const ProductTile tile =
      direct ? ProductTile{{Shader::k_conv_direct, {x.dtype, 0, activation_of(plan)}}, Plan::lanes_for(count)}
             : tile_of_product(plan, kShaders, {p.out_channels, plane, depth, uint64_t{p.batch} * p.groups});
  plan.dispatch(tile.pipeline, tile.groups, p,
                {{&p.src, node.input(0)},
                 {&p.weights, node.input(1)},
                 {&p.bias, plan.input(2)},
                 {&p.residual, plan.input(3)},
                 {&p.dst, node.output(0), true}});
}

}  // namespace rlx::vulkan::kernels
