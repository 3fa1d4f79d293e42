// What a convolution kernel of ours does to a sum before it is stored: the node's residual is added, then relu in the
// registers, or any other activation over the finished rows.
#pragma once

#include "kernel.hpp"
#include "kernels/step.hpp"

#include <limits>
#include <string>

namespace rlx::cpu::kernels {

struct ConvEpilogue {
  float low = -std::numeric_limits<float>::infinity();  // the least result: 0 for relu
  StepFn step = nullptr;                                // any other activation
  double alpha = 0, beta = 0;

  static ConvEpilogue of(const NodeView& n) {
    ConvEpilogue e;
    if (!n.find("activation") || n.s("activation") == "none") return e;
    if (n.s("activation") == "relu") {
      e.low = 0;
      return e;
    }
    e.step = find_unary_step(n.s("activation"), RLX_DTYPE_F32);
    e.alpha = n.f("alpha");
    e.beta = n.f("beta");
    return e;
  }
  void finish(float* y, size_t count) const {
    if (step) step({{y, nullptr, nullptr}, {false, false, false}, y, count, alpha, beta});
  }
};

// Why no f32 kernel takes a convolution, whatever its window; empty when one may.
inline std::string conv_problem(const NodeView& n) {
  const rlx_tensor &x = n.in(0), &y = n.out();
  if (x.dtype != RLX_DTYPE_F32) return dtype_reason(x.dtype);
  if (x.size_bytes == 0 || n.in(1).size_bytes == 0 || y.size_bytes == 0) return "empty tensors not supported";
  for (const char* name : {"pads_begin", "pads_end"})
    for (int64_t p : n.ints(name))
      if (p < 0) return "negative padding not supported";
  if (n.find("activation") && n.s("activation") != "none" && !find_unary_step(n.s("activation"), RLX_DTYPE_F32))
    return "activation " + std::string(n.s("activation")) + " not supported";
  if (n.has_input(3) && n.in(3).size_bytes != y.size_bytes)
    return "residual " + sdk::shape_text(n.in(3)) + " for output " + sdk::shape_text(y) + " not supported";
  return {};
}

}  // namespace rlx::cpu::kernels
