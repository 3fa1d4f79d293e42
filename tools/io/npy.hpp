// NumPy's .npy files (format versions 1 to 3, little endian, C order).
#pragma once

#include <rlx/tensor.hpp>

#include <string>

namespace rlx::tools {

// Errors name the file and what is wrong: not an npy file, a dtype we do not have, Fortran order, truncated.
Result<Tensor> read_npy(const std::string& path);
// bf16 has no numpy type: it is written as f32.
Status write_npy(const std::string& path, const TensorView& value);

}  // namespace rlx::tools
