// The choice between the vendor's library and own kernels, for a product that an own kernel could be launched with.
#pragma once

#include "kernel.hpp"

namespace rlx::simt {

// Launches the product of inputs 0 and 1 of the node, described by params without addresses, by the library. bias: an
// input, which may be absent. false: nothing was launched, because there is no library, it has no algorithm for the
// shape, or an own kernel is as good.
bool launch_by_library(Emitter& e, const NodeView& n, const ::simt::MatmulParams& params, uint32_t bias);

}  // namespace rlx::simt
