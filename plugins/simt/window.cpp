#include "window.hpp"

#include <rlx/sdk/program_view.hpp>

namespace rlx::simt {

using ::simt::kSpatial;

::simt::WindowParams window_of(const sdk::NodeView& n, const rlx_tensor& x, const rlx_tensor& y,
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

sdk::Claim claim_window(const rlx_tensor& x) {
  if (x.rank < 2 || x.rank - 2 > kSpatial)
    return sdk::Claim::no("shape " + sdk::shape_text(x) + ": at most three spatial axes");
  return sdk::Claim::native();
}

}  // namespace rlx::simt
