// The decompositions that live in files of their own; the schemas of the family files point at them. Short ones sit
// next to their schema. Each takes a node with static shapes and returns one new value per output.
#pragma once

#include "ops/infer.hpp"

namespace rlx::ops {

// decompose_unary_backward.cpp
Result<Values> decompose_unary_backward(Graph& graph, const Node& node);

// decompose_shape.cpp
Result<Values> decompose_narrow(Graph& graph, const Node& node);
Result<Values> decompose_reverse(Graph& graph, const Node& node);
Result<Values> decompose_tile(Graph& graph, const Node& node);
Result<Values> decompose_pad(Graph& graph, const Node& node);

// decompose_index.cpp
Result<Values> decompose_gather_backward(Graph& graph, const Node& node);
Result<Values> decompose_scatter_add(Graph& graph, const Node& node);
Result<Values> decompose_one_hot(Graph& graph, const Node& node);
Result<Values> decompose_iota(Graph& graph, const Node& node);
Result<Values> decompose_trilu(Graph& graph, const Node& node);
Result<Values> decompose_non_zero(Graph& graph, const Node& node);

// decompose_linalg.cpp
Result<Values> decompose_dot_general(Graph& graph, const Node& node);
Result<Values> decompose_linear(Graph& graph, const Node& node);
Result<Values> decompose_quantize(Graph& graph, const Node& node);
Result<Values> decompose_dequantize(Graph& graph, const Node& node);

// decompose_quant.cpp
Result<Values> decompose_dequantize_blocks(Graph& graph, const Node& node);
Result<Values> decompose_dequant_matmul(Graph& graph, const Node& node);

// decompose_norm.cpp
Result<Values> decompose_layer_norm(Graph& graph, const Node& node);
Result<Values> decompose_rms_norm(Graph& graph, const Node& node);
Result<Values> decompose_layer_norm_2d(Graph& graph, const Node& node);
Result<Values> decompose_group_norm(Graph& graph, const Node& node);
Result<Values> decompose_instance_norm(Graph& graph, const Node& node);
Result<Values> decompose_batch_norm(Graph& graph, const Node& node);
Result<Values> decompose_l2_norm(Graph& graph, const Node& node);
Result<Values> decompose_lrn(Graph& graph, const Node& node);

// decompose_norm_backward.cpp
Result<Values> decompose_trailing_norm_backward_input(Graph& graph, const Node& node);
Result<Values> decompose_trailing_norm_backward_gamma(Graph& graph, const Node& node);
Result<Values> decompose_trailing_norm_backward_beta(Graph& graph, const Node& node);
Result<Values> decompose_group_norm_backward_input(Graph& graph, const Node& node);
Result<Values> decompose_group_norm_backward_gamma(Graph& graph, const Node& node);
Result<Values> decompose_group_norm_backward_beta(Graph& graph, const Node& node);

// decompose_softmax.cpp
Result<Values> decompose_softmax(Graph& graph, const Node& node);
Result<Values> decompose_log_softmax(Graph& graph, const Node& node);
Result<Values> decompose_cross_entropy(Graph& graph, const Node& node);
Result<Values> decompose_cross_entropy_backward(Graph& graph, const Node& node);

// decompose_attention.cpp
Result<Values> decompose_attention(Graph& graph, const Node& node);

// decompose_rope.cpp
Result<Values> decompose_rope(Graph& graph, const Node& node);
Result<Values> decompose_rope_backward(Graph& graph, const Node& node);

// decompose_conv.cpp
Result<Values> decompose_conv_transpose(Graph& graph, const Node& node);
Result<Values> decompose_fused_conv(Graph& graph, const Node& node);

// decompose_resize.cpp
Result<Values> decompose_resize(Graph& graph, const Node& node);
Result<Values> decompose_resize_nearest_2x(Graph& graph, const Node& node);
Result<Values> decompose_space_to_depth(Graph& graph, const Node& node);
Result<Values> decompose_depth_to_space(Graph& graph, const Node& node);

// decompose_fused.cpp
Result<Values> decompose_fused_elementwise(Graph& graph, const Node& node);
Result<Values> decompose_residual_norm(Graph& graph, const Node& node);
Result<Values> decompose_swiglu(Graph& graph, const Node& node);

}  // namespace rlx::ops
