// Where batch, heads, positions and features sit in a tensor of attention or rope.
//   bhsd: [B, H, S, D]      bshd: [B, S, H, D]      bs_hd: [B, S, H·D]
#pragma once

#include "ops/infer.hpp"

namespace rlx::ops {

enum class HeadLayout { kBhsd, kBshd, kBsHd };

// The attribute `layout`, whose choices are the three names.
HeadLayout head_layout(const Attrs& attrs);
std::vector<std::string_view> head_layout_names();
inline size_t rank_of(HeadLayout layout) {
  return layout == HeadLayout::kBsHd ? 3 : 4;
}

struct HeadDims {
  int64_t batch = kUnknownDim, heads = kUnknownDim, positions = kUnknownDim, features = kUnknownDim;
};
// Reads a shape of the layout's rank. For bs_hd the heads are given and the features are their share of the last dim.
HeadDims head_dims(HeadLayout layout, const Shape& shape, int64_t heads);
std::vector<int64_t> head_shape(HeadLayout layout, const HeadDims& dims);

}  // namespace rlx::ops
