// The activation of a node whose results are in memory already: a pass of its own, behind libraries that lack it.
#pragma once

#include "emitter.hpp"

namespace rlx::simt {

// Output 0 of the node becomes what its attribute "activation" makes of it, a kind of "unary" without arguments.
void launch_activation(Emitter& e, const sdk::NodeView& n);

}  // namespace rlx::simt
