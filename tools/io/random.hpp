// Seeded random tensors for runs without data: floats from a normal distribution, integers and bools 0 or 1.
#pragma once

#include <rlx/tensor.hpp>

namespace rlx::tools {

// Small integers are valid as indices, masks and token ids alike.
Result<Tensor> random_tensor(const TensorType& type, uint64_t seed);

}  // namespace rlx::tools
