// The choice between the vendor's library and own kernels, for a convolution that an own kernel could be launched with.
#pragma once

#include "kernel.hpp"

namespace rlx::simt {

// Launches the convolution of input 0 by the filters in input 1, described by params without addresses, with a bias in
// input 2 when there is one; an activation of params follows in a pass of its own. false: nothing was launched, because
// there is no library, it does not take the shape, or an own kernel is as good.
bool launch_by_library(Emitter& e, const NodeView& n, const ::simt::ConvParams& params);

}  // namespace rlx::simt
