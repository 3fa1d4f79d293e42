// A convolution in cuDNN's terms.
#pragma once

#include "convolution/shape.hpp"
#include "cudnn/cudnn.hpp"

namespace rlx::simt::cudnn {

// Throws what the library answers.
struct Description {
  explicit Description(const ConvolutionShape& shape);
  LibraryObject x, w, y, bias, convolution;
};

}  // namespace rlx::simt::cudnn
