// Complex values (c64: pairs of f32).
//   complex_norm_sq: re² + im²      complex_norm_sq_backward: 2·z·dy      conjugate: re − im·i
#include "kernel.hpp"

namespace rlx::ref::kernels {

void complex_norm_sq(const Call& call) {
  std::vector<double> y;
  for (const sdk::C64 z : load<sdk::C64>(call.in(0))) {
    const double re = z.re, im = z.im;
    y.push_back(re * re + im * im);
  }
  store(call.out(), y);
}

void complex_norm_sq_backward(const Call& call) {
  std::vector<sdk::C64> dz = load<sdk::C64>(call.in(0));
  const std::vector<double> dy = load<double>(call.in(1));
  for (size_t i = 0; i < dz.size(); ++i)
    dz[i] = {static_cast<float>(2 * dz[i].re * dy[i]), static_cast<float>(2 * dz[i].im * dy[i])};
  store(call.out(), dz);
}

void conjugate(const Call& call) {
  std::vector<sdk::C64> y = load<sdk::C64>(call.in(0));
  for (sdk::C64& z : y) z.im = -z.im;
  store(call.out(), y);
}

}  // namespace rlx::ref::kernels
