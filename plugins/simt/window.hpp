// Windows of convolutions and pools over up to three spatial axes.
#pragma once

#include "emitter.hpp"

#include <rlx/sdk/claim.hpp>

#include <span>

namespace rlx::simt {

// The windows of a node with the attributes strides, pads_begin and dilations. Missing axes have one position, one tap,
// and stride 1.
::simt::WindowParams window_of(const sdk::NodeView& n, const rlx_tensor& x, const rlx_tensor& y,
                               std::span<const int64_t> taps);

// NO for a tensor with more spatial axes than windows have.
sdk::Claim claim_window(const rlx_tensor& x);

}  // namespace rlx::simt
