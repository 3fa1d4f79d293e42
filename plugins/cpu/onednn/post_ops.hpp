// Activations that oneDNN applies while the result is still in registers.
#pragma once

#include "onednn/onednn.hpp"

namespace rlx::cpu::onednn {

// How a unary kind is spelled in oneDNN; false when it has none that matches docs/ops.md.
bool find_eltwise(std::string_view kind, double alpha, double beta, dnnl_alg_kind_t& alg, float& a, float& b);

// The attribute activation of a node as post-ops, after an optional sum with the destination's old contents.
// NULL when there is nothing to do.
PostOps make_post_ops(const NodeView& node, bool sum);

// The reason why the node's activation cannot be fused; empty when it can. A node without the attribute has none.
std::string activation_problem(const NodeView& node);

}  // namespace rlx::cpu::onednn
