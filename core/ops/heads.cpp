// Head layouts of attention and rope; see heads.hpp.
#include "ops/heads.hpp"

namespace rlx::ops {

HeadLayout head_layout(const Attrs& attrs) {
  const std::string& name = attrs.str("layout");
  if (name == "bhsd") return HeadLayout::kBhsd;
  return name == "bshd" ? HeadLayout::kBshd : HeadLayout::kBsHd;
}

std::vector<std::string_view> head_layout_names() {
  return {"bhsd", "bshd", "bs_hd"};
}

HeadDims head_dims(HeadLayout layout, const Shape& shape, int64_t heads) {
  switch (layout) {
    case HeadLayout::kBhsd:
      return {shape[0], shape[1], shape[2], shape[3]};
    case HeadLayout::kBshd:
      return {shape[0], shape[2], shape[1], shape[3]};
    case HeadLayout::kBsHd:
      break;
  }
  const int64_t features = is_static(shape[2]) && heads > 0 ? shape[2] / heads : kUnknownDim;
  return {shape[0], heads, shape[1], features};
}

std::vector<int64_t> head_shape(HeadLayout layout, const HeadDims& dims) {
  switch (layout) {
    case HeadLayout::kBhsd:
      return {dims.batch, dims.heads, dims.positions, dims.features};
    case HeadLayout::kBshd:
      return {dims.batch, dims.positions, dims.heads, dims.features};
    case HeadLayout::kBsHd:
      break;
  }
  return {dims.batch, dims.positions, mul_dims(dims.heads, dims.features)};
}

}  // namespace rlx::ops
