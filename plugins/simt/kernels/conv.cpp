// Convolutions over one to three spatial axes: by the vendor's library where there is one that takes them, otherwise as
// implicit products of matrices, on the device's matrix units where they multiply the dtype and a group has enough
// filters, all else with the plain tiles. Rare activations are left to the decomposition.
#include "convolution/launch.hpp"
#include "kernel.hpp"
#include "product.hpp"
#include "window.hpp"

#include <limits>

namespace rlx::simt::kernels {

namespace {

// One row of x instead of several where each position meets itself alone, so that whole vectors are read of it.
void join_axes(::simt::WindowParams& w) {
  for (uint32_t i = 0; i < ::simt::kSpatial; ++i)
    if (w.taps[i] != 1 || w.stride[i] != 1 || w.pad[i] != 0 || w.narrow[i] != w.wide[i]) return;
  w.wide[2] = w.narrow[2] = w.wide[0] * w.wide[1] * w.wide[2];
  w.wide[0] = w.wide[1] = w.narrow[0] = w.narrow[1] = 1;
}

// Whether device/fragment_conv.hpp takes it. Fewer filters in a group (depthwise convolutions) or shorter sums would
// leave most of a tile empty; it counts k, positions and what a tap meets in 32 bits.
bool fills_matrix_units(const ::simt::ConvParams& p) {
  constexpr double kLeast = 16, kMost = std::numeric_limits<int32_t>::max() - 256;  // a tile beyond the end
  const auto d = [](auto size) { return static_cast<double>(size); };
  double depth = d(p.depth), wide = 1, narrow = d(p.images);
  for (uint32_t i = 0; i < ::simt::kSpatial; ++i) {
    const ::simt::WindowParams& w = p.window;
    const double reach = d(w.narrow[i]) * d(w.stride[i]) + d(w.taps[i]) * d(w.dilation[i]);
    if (reach > kMost || d(w.pad[i]) > kMost) return false;
    depth *= d(w.taps[i]);
    wide *= d(w.wide[i]);
    narrow *= d(w.narrow[i]);
  }
  return d(p.filters) >= kLeast && depth >= kLeast && depth <= kMost && wide <= kMost && narrow <= kMost;
}

void emit(Emitter& e, const NodeView& n, ::simt::Activation activation, bool has_residual) {
  const rlx_tensor &x = n.in(0), &w = n.in(1), &y = n.out();
  if (sdk::elements(y) == 0) return;
  const auto groups = static_cast<uint64_t>(n.i("groups"));
  const std::vector<int64_t> taps(w.dims + 2, w.dims + w.rank);
  ::simt::ConvParams params{};
  params.window = window_of(n, x, y, taps);
  join_axes(params.window);
  params.images = x.dims[0];
  params.groups = groups;
  params.filters = w.dims[0] / groups;
  params.depth = w.dims[1];
  params.activation = activation;
  // Libraries add no residual before the activation.
  if (!has_residual && launch_by_library(e, n, params)) return;
  const uint64_t positions = sdk::elements(y) / (y.dims[0] * y.dims[1]);
  const std::string unit = unit_type(e.geometry(), y.dtype);
  const bool units = !unit.empty() && fills_matrix_units(params);
  const Tiling tiling = units ? Tiling(e.geometry(), params.filters, params.images * positions, groups, false, true,
                                       static_cast<uint32_t>(sdk::dtype_size(y.dtype)))
                              : Tiling(params.filters, positions, params.images * groups, y.dtype);
  auto launch = e.launch<::simt::ConvParams>(units ? "fragment_conv.hpp" : "conv.hpp",
                                             units ? tiling.body("fragment_conv", unit) : tiling.body("conv", y.dtype));
  launch.params = params;
  launch.params.tiles_n = tiling.across;
  launch.point(launch.params.x, n.input(0));
  launch.point(launch.params.w, n.input(1));
  launch.point(launch.params.y, n.output(0));
  if (n.has_input(2)) launch.point(launch.params.bias, n.input(2));
  if (has_residual) launch.point(launch.params.residual, n.input(3));
  launch.blocks(grid_for(e.geometry(), tiling.tiles, 1), tiling.threads, tiling.shared_bytes);
}

}  // namespace

Claim claim_conv(const NodeView& n) {
  return claim_window(n.in(0));
}

void emit_conv(Emitter& e, const NodeView& n) {
  emit(e, n, ::simt::kActivationNone, false);
}

Claim claim_fused_conv(const NodeView& n) {
  Claim claim = claim_window(n.in(0));
  return claim.level == RLX_SUPPORT_NO ? claim : claim_activation(n);
}

void emit_fused_conv(Emitter& e, const NodeView& n) {
  emit(e, n, *activation_of(n), n.has_input(3));
}

}  // namespace rlx::simt::kernels
