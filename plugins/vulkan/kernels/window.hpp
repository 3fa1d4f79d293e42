// The geometry of convolutions and pools over one to three spatial axes, always as three: missing ones have size 1.
#pragma once

#include "kernels/plan.hpp"

namespace rlx::vulkan {

// taps: the kernel's spatial dims. wide and narrow: N, C, then spatial dims; position o of narrow and tap t meet at
// o·stride − pad + t·dilation of wide.
gpu::WindowAxes window_of(const Plan& plan, const rlx_tensor& wide, const rlx_tensor& narrow,
                          std::span<const int64_t> taps);

}  // namespace rlx::vulkan
