// Activations that oneDNN applies while the result is still in registers.
#pragma once

#include "kernels/step.hpp"
#include "onednn/onednn.hpp"

namespace rlx::cpu::onednn {

// The attribute activation of a node as post-ops, after an optional sum with the destination's old contents.
// NULL when there is nothing to do. An activation that oneDNN lacks is left out: see after().
PostOps make_post_ops(const NodeView& node, bool sum);

// What remains to be applied to the result: the node's activation when oneDNN lacks it, else NULL.
StepFn after(const NodeView& node);

}  // namespace rlx::cpu::onednn
