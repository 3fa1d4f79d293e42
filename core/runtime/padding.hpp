// Tensors of a rounded-up size: inputs are padded with zeros, outputs cut back.
#pragma once

#include <rlx/tensor.hpp>

namespace rlx {

// The tensor in the leading corner of a larger one, zeros elsewhere. Same rank, no dim smaller.
Result<Tensor> pad_to(const TensorView& value, const Shape& shape);
// The leading corner. Same rank, no dim larger.
Result<Tensor> cut_to(const TensorView& value, const Shape& shape);

}  // namespace rlx
