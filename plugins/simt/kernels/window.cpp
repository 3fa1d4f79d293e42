// conv as an implicit product of matrices, and pools, over one to three spatial axes.
#include "kernel.hpp"
#include "product.hpp"

namespace rlx::simt::kernels {

namespace {

using ::simt::kSpatial;

// Missing axes have one position, one tap, and stride 1.
::simt::WindowParams window_of(const NodeView& n, const rlx_tensor& x, const rlx_tensor& y,
                               std::span<const int64_t> taps) {
  ::simt::WindowParams w{};
  for (uint32_t i = 0; i < kSpatial; ++i) w.wide[i] = w.narrow[i] = w.taps[i] = w.stride[i] = w.dilation[i] = 1;
  const auto strides = n.ints("strides"), pads = n.ints("pads_begin"), dilations = n.ints("dilations");
  const size_t lead = kSpatial - taps.size();
  for (size_t i = 0; i < taps.size(); ++i) {
    w.wide[lead + i] = static_cast<int64_t>(x.dims[2 + i]);
    w.narrow[lead + i] = static_cast<int64_t>(y.dims[2 + i]);
    w.taps[lead + i] = taps[i];
    w.stride[lead + i] = strides[i];
    w.pad[lead + i] = pads[i];
    w.dilation[lead + i] = dilations[i];
  }
  return w;
}

bool fits(const rlx_tensor& x) {
  return x.rank >= 2 && x.rank - 2 <= kSpatial;
}

}  // namespace

Claim claim_conv(const NodeView& n) {
  if (!fits(n.in(0))) return Claim::no("shape " + sdk::shape_text(n.in(0)) + ": at most three spatial axes");
  return Claim::native();
}

void emit_conv(Emitter& e, const NodeView& n) {
  const rlx_tensor &x = n.in(0), &w = n.in(1), &y = n.out();
  if (sdk::elements(y) == 0) return;
  const auto groups = static_cast<uint64_t>(n.i("groups"));
  const uint64_t filters = w.dims[0] / groups, positions = sdk::elements(y) / (y.dims[0] * y.dims[1]);
  const Tiling tiling(filters, positions, x.dims[0] * groups, y.dtype);
  auto launch = e.launch<::simt::ConvParams>("window.hpp", tiling.body("conv", y.dtype));
  std::vector<int64_t> taps(w.dims + 2, w.dims + w.rank);
  launch.params.window = window_of(n, x, y, taps);
  launch.params.images = x.dims[0];
  launch.params.groups = groups;
  launch.params.filters = filters;
  launch.params.depth = w.dims[1];
  launch.params.tiles_n = tiling.across;
  launch.point(launch.params.x, n.input(0));
  launch.point(launch.params.w, n.input(1));
  launch.point(launch.params.y, n.output(0));
  if (n.has_input(2)) launch.point(launch.params.bias, n.input(2));
  launch.blocks(grid_for(e.geometry(), tiling.tiles, 1), tiling.threads, tiling.shared_bytes);
}

Claim claim_pool(const NodeView& n) {
  if (!fits(n.in(0))) return Claim::no("shape " + sdk::shape_text(n.in(0)) + ": at most three spatial axes");
  return Claim::native();
}

void emit_pool(Emitter& e, const NodeView& n) {
  const rlx_tensor &x = n.in(0), &y = n.out();
  const std::string type = type_name(x.dtype), kind(n.s("kind"));
  const std::string body =
      kind == "max" ? "max_pool<" + type + ">" : "sum_pool<" + type + ", " + (kind == "mean" ? "true" : "false") + ">";
  auto launch = e.launch<::simt::PoolParams>("window.hpp", body);
  const auto pads_end = n.ints("pads_end");
  launch.params.window = window_of(n, x, y, n.ints("kernel"));
  for (uint32_t i = 0; i < kSpatial; ++i) {
    const size_t lead = kSpatial - pads_end.size();
    launch.params.padded_end[i] = launch.params.window.wide[i] + (i >= lead ? pads_end[i - lead] : 0);
  }
  launch.params.count = sdk::elements(y);
  launch.params.count_padding = n.flag("count_include_pad");
  launch.params.column_major = n.flag("column_major");
  launch.params.power = n.i("p");
  launch.point(launch.params.x, n.input(0));
  launch.point(launch.params.y, n.output(0));
  if (n.output_count() > 1) launch.point(launch.params.indices, n.output(1));
  launch.threads(launch.params.count);
}

}  // namespace rlx::simt::kernels
