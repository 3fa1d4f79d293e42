// Halves as bits, which tests feed to kernels: f16, or bf16 where bfloat says so.
#pragma once

#include "kernels/launch.hpp"

#include <rlx/sdk/convert.hpp>

namespace tests {

inline float rounded(uint16_t bits, bool bfloat) {
  return bfloat ? rlx::sdk::to_float(rlx::sdk::BF16{bits}) : rlx::sdk::to_float(rlx::sdk::F16{bits});
}

inline std::vector<uint16_t> halves(size_t count, bool bfloat) {
  std::vector<uint16_t> v;
  for (const float x : random_floats(count)) v.push_back(bfloat ? rlx::sdk::to_bf16(x).bits : rlx::sdk::to_f16(x).bits);
  return v;
}

}  // namespace tests
