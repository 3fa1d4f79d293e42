// Normalisations: all of them are rows with a mean and a scale, and weights by position or by channel.
#include "kernels/layout.hpp"

namespace rlx::vulkan::kernels {

namespace {

struct Weights {
  uint32_t gamma, beta;  // inputs of the node
  uint64_t step, size;   // element e has weight (e / step) % size
};

struct Rows {
  uint64_t outer, size, inner;
};

gpu::NormParams params_of(const Plan& plan, uint32_t kind, const Rows& rows, const Weights& weights) {
  plan.need_float(0);
  gpu::NormParams p{};
  plan.count_of(plan.node.in(0));
  p.rows = plan.small(rows.outer * rows.inner, "rows");
  p.size = plan.small(rows.size, "elements of a row");
  p.inner = plan.small(rows.inner, "elements behind an axis");
  p.dtype = plan.node.in(0).dtype;
  p.kind = kind;
  p.has_gamma = plan.node.has_input(weights.gamma);
  p.has_beta = plan.node.has_input(weights.beta);
  p.affine_step = plan.small(weights.step, "elements of a channel");
  p.affine_size = plan.small(weights.size, "weights");
  p.eps = static_cast<float>(plan.node.f("eps"));
  return p;
}

void dispatch_norm(Plan& plan, const gpu::NormParams& p, const Weights& weights) {
  const sdk::NodeView& node = plan.node;
  plan.dispatch({Shader::k_norm}, Plan::groups_for(p.rows), p,
                {{&p.src, node.input(0)},
                 {&p.dst, node.output(0), true},
                 {&p.gamma, plan.input(weights.gamma)},
                 {&p.beta, plan.input(weights.beta)},
                 {&p.residual, p.has_residual ? node.input(1) : RLX_NO_INDEX},
                 {&p.sum, p.has_residual ? node.output(1) : RLX_NO_INDEX, true}});
}

// Over axis … end.
Rows trailing(const Plan& plan) {
  const AxisSplit s = split_at(plan.node.in(0), static_cast<size_t>(plan.node.i("axis")));
  return {s.outer, s.size * s.inner, 1};
}

void trailing_norm(Plan& plan, uint32_t kind, uint32_t gamma) {
  const Rows rows = trailing(plan);
  const Weights weights{gamma, gamma + 1, 1, rows.size};
  gpu::NormParams p = params_of(plan, kind, rows, weights);
  p.has_residual = gamma == 2;
  dispatch_norm(plan, p, weights);
}

void grouped_norm(Plan& plan, uint64_t groups) {
  const AxisSplit c = split_at(plan.node.in(0), 1);
  const Rows rows{c.outer * groups, groups ? c.size / groups * c.inner : 0, 1};
  const Weights weights{1, 2, c.inner, c.size};
  dispatch_norm(plan, params_of(plan, RLX_NORM_LAYER, rows, weights), weights);
}

}  // namespace

void layer_norm(Plan& plan) {
  trailing_norm(plan, RLX_NORM_LAYER, 1);
}

void rms_norm(Plan& plan) {
  trailing_norm(plan, RLX_NORM_RMS, 1);
}

void fused_residual_norm(Plan& plan) {
  trailing_norm(plan, plan.node.s("kind") == "rms" ? RLX_NORM_RMS : RLX_NORM_LAYER, 2);
}

void layer_norm_2d(Plan& plan) {
  const AxisSplit c = split_at(plan.node.in(0), 1);
  const Weights weights{1, 2, c.inner, c.size};
  dispatch_norm(plan, params_of(plan, RLX_NORM_LAYER, {c.outer, c.size, c.inner}, weights), weights);
}

void group_norm(Plan& plan) {
  grouped_norm(plan, static_cast<uint64_t>(plan.node.i("groups")));
}

void instance_norm(Plan& plan) {
  grouped_norm(plan, plan.node.in(0).dims[1]);
}

void l2_norm(Plan& plan) {
  const AxisSplit s = split_at(plan.node.in(0), static_cast<size_t>(plan.node.i("axis")));
  const Weights none{1, 2, 1, 1};
  dispatch_norm(plan, params_of(plan, RLX_NORM_L2, {s.outer, s.size, s.inner}, none), none);
}

}  // namespace rlx::vulkan::kernels
