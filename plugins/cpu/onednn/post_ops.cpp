// Activation kinds in oneDNN's words.
#include "onednn/post_ops.hpp"

#include "onednn/forward.hpp"

namespace rlx::cpu::onednn {

namespace {

// How a unary kind is spelled in oneDNN; false when it has none that matches docs/ops.md.
bool find_eltwise(std::string_view kind, double alpha, double beta, dnnl_alg_kind_t& alg, float& a, float& b) {
  a = static_cast<float>(alpha);
  b = static_cast<float>(beta);
  if (kind == "relu") {
    alg = dnnl_eltwise_relu, a = 0;
  } else if (kind == "leaky_relu") {
    alg = dnnl_eltwise_relu;
  } else if (kind == "elu") {
    alg = dnnl_eltwise_elu;
  } else if (kind == "sigmoid") {
    alg = dnnl_eltwise_logistic;
  } else if (kind == "tanh") {
    alg = dnnl_eltwise_tanh;
  } else if (kind == "silu") {
    alg = dnnl_eltwise_swish, a = 1;
  } else if (kind == "gelu") {
    alg = dnnl_eltwise_gelu_erf;
  } else if (kind == "gelu_tanh") {
    alg = dnnl_eltwise_gelu_tanh;
  } else if (kind == "hard_swish") {
    alg = dnnl_eltwise_hardswish;
    if (DNNL_VERSION_MAJOR >= 3) a = 1.0f / 6, b = 0.5f;  // oneDNN 2 knows no others
  } else {
    return false;
  }
  return true;
}

std::string_view activation_of(const NodeView& node) {
  return node.find("activation") ? node.s("activation") : "none";
}

double number_of(const NodeView& node, const char* name) {
  return node.find(name) ? node.f(name) : 0;
}

}  // namespace

StepFn after(const NodeView& node) {
  const std::string_view kind = activation_of(node);
  dnnl_alg_kind_t alg;
  float a, b;
  return kind == "none" || find_eltwise(kind, 0, 0, alg, a, b) ? nullptr : find_unary_step(kind, RLX_DTYPE_F32);
}

PostOps make_post_ops(const NodeView& node, bool sum) {
  const std::string_view kind = activation_of(node);
  dnnl_alg_kind_t alg;
  float a, b;
  const bool activation =
      kind != "none" && find_eltwise(kind, number_of(node, "alpha"), number_of(node, "beta"), alg, a, b);
  if (!activation && !sum) return nullptr;
  dnnl_post_ops_t ops = nullptr;
  check(dnnl_post_ops_create(&ops), "post-ops");
  PostOps owned(ops);
  if (sum) check(append_sum(ops), "post-op sum");
  if (activation) check(append_eltwise(ops, alg, a, b), "post-op activation");
  return owned;
}

}  // namespace rlx::cpu::onednn
