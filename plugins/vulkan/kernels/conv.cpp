// Convolutions: tiles of a matrix product, or a thread per result where groups have few channels.
#include "kernels/product.hpp"
#include "kernels/window.hpp"

namespace rlx::vulkan::kernels {

namespace {

void dispatch_conv(Plan& plan, bool has_residual) {
  plan.need_float(0);
  const sdk::NodeView& node = plan.node;
  const rlx_tensor &x = node.in(0), &w = node.in(1), &y = node.out();
  gpu::ConvParams p{};
  p.batch = plan.small(x.dims[0], "images");
  p.groups = plan.small(static_cast<uint64_t>(node.i("groups")), "groups");
  p.in_channels = plan.small(w.dims[1], "channels");
  p.out_channels = plan.small(w.dims[0] / p.groups, "channels");
  p.has_bias = node.has_input(2);
  p.has_residual = has_residual;
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
  PipelineKey pipeline = product_pipeline(plan, direct ? Shader::k_conv_direct : Shader::k_conv, p.out_channels, plane);
  if (direct) pipeline.constants[1] = 0;
  const Groups groups =
      direct ? Plan::lanes_for(count) : tiles_for(plan, pipeline, p.out_channels, plane, uint64_t{p.batch} * p.groups);

  std::vector<Reference> references;
  const auto refer = [&](const gpu::Address& address, uint32_t tensor, bool is_write = false) {
    references.push_back(plan.reference(field_of(p, address), tensor, is_write));
  };
  refer(p.src, node.input(0));
  refer(p.weights, node.input(1));
  if (p.has_bias) refer(p.bias, node.input(2));
  if (has_residual) refer(p.residual, node.input(3));
  refer(p.dst, node.output(0), true);
  plan.dispatch(pipeline, groups, bytes_of(p), std::move(references));
}

}  // namespace

void conv(Plan& plan) {
  dispatch_conv(plan, false);
}

void fused_conv_bias_act(Plan& plan) {
  dispatch_conv(plan, plan.node.has_input(3));
}

}  // namespace rlx::vulkan::kernels
