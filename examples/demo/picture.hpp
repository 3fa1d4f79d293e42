// Binary PGM pictures (P5, one byte a pixel).
#pragma once

#include <rlx/tensor.hpp>

#include <string>

namespace demo {

// [1, 1, height, width], each pixel its byte / 255.
rlx::Result<rlx::Tensor> read_pgm(const std::string& path);

// The picture as text, one character for two rows of one column.
std::string as_text(const rlx::Tensor& picture);

}  // namespace demo
