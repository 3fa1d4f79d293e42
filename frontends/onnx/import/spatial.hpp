// Kernel, stride, pad and dilation attributes of convolutions and pools, with auto_pad resolved.
#pragma once

#include "context.hpp"

namespace rlx::onnx {

struct Window {
  std::vector<int64_t> kernel, strides, dilations, begins, ends;
};

// Spatial dims are those of input 0 from axis 2 on. Errors: lengths that do not fit the rank, an unknown auto_pad.
Result<Window> window_of(NodeContext& c, std::vector<int64_t> kernel);

// The attributes of op `conv`; the weight is input `weight`.
Result<Attrs> conv_attrs(NodeContext& c, size_t weight = 1);

}  // namespace rlx::onnx
