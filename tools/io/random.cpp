// Values depend on the seed alone, not on the standard library: mt19937_64 is fully specified, the distributions are
// not, hence Box-Muller.

#include "random.hpp"

#include <cmath>
#include <numbers>
#include <random>

namespace rlx::tools {

Result<Tensor> random_tensor(const TensorType& type, uint64_t seed) {
  if (!type.shape.is_static())
    return error(Code::kInvalidArgument, "a random tensor needs a static shape, got " + to_string(type));
  std::mt19937_64 engine(seed);
  const auto n = static_cast<size_t>(type.shape.elements());
  std::vector<float> values(n);
  for (float& v : values) {
    if (is_float(type.dtype) || type.dtype == DType::kC64) {
      const double u = (static_cast<double>(engine() >> 11) + 1) * 0x1p-53,
                   w = static_cast<double>(engine() >> 11) * 0x1p-53;
      v = static_cast<float>(std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * w));
    } else {
      v = static_cast<float>(engine() & 1);
    }
  }
  RLX_ASSIGN(Tensor t, Tensor::of<float>(DType::kF32, type.shape, values));
  return t.to(type.dtype);
}

}  // namespace rlx::tools
