#include "product.hpp"

#include <rlx/sdk/program_view.hpp>

namespace rlx::simt {

bool is_float(rlx_dtype dtype) {
  return dtype == RLX_DTYPE_F16 || dtype == RLX_DTYPE_BF16 || dtype == RLX_DTYPE_F32 || dtype == RLX_DTYPE_F64;
}

std::string unit_type(const Geometry& geometry, rlx_dtype dtype) {
  const MatrixUnits& units = geometry.matrix_units;
  const bool halves = dtype == RLX_DTYPE_F16 || dtype == RLX_DTYPE_BF16, f32 = dtype == RLX_DTYPE_F32;
  if ((halves && units.halves) || (f32 && units.f32)) return type_name(dtype);
  return f32 && units.tf32 && geometry.may_use_tf32 ? "tf32" : "";
}

const ::simt::Activation* activation_of(const sdk::NodeView& n) {
  struct Named {
    std::string_view name;
    ::simt::Activation activation;
  };
  static constexpr Named kNamed[] = {
      {"none", ::simt::kActivationNone}, {"relu", ::simt::kActivationRelu},
      {"gelu", ::simt::kActivationGelu}, {"gelu_tanh", ::simt::kActivationGeluTanh},
      {"silu", ::simt::kActivationSilu}, {"sigmoid", ::simt::kActivationSigmoid},
      {"tanh", ::simt::kActivationTanh},
  };
  const std::string_view wanted = n.s("activation");
  for (const Named& named : kNamed)
    if (named.name == wanted) return &named.activation;
  return nullptr;
}

sdk::Claim claim_activation(const sdk::NodeView& n) {
  const ::simt::Activation* activation = activation_of(n);
  if (!activation || (*activation != ::simt::kActivationNone && !is_float(n.out().dtype)))
    return sdk::Claim::no("activation " + std::string(n.s("activation")) + " is a node of its own here");
  return sdk::Claim::native();
}

}  // namespace rlx::simt
