// Regions of elementwise ops: one pass over memory, whatever is in them. The body is generated (host/region.cpp): a
// struct whose apply() loads its inputs, computes, and stores its outputs for one element.
#pragma once

#include "scalar_ops.hpp"

namespace simt {

// Index is u32 where the count allows it: 64-bit division is slow on every GPU.
template <typename Body, u32 kRank, typename Index>
SIMT_DEVICE void elementwise(const ElementwiseParams& p) {
  for (u64 at = grid_first(); at < p.count; at += grid_step()) {
    i64 offsets[Body::kInputs > 0 ? Body::kInputs : 1] = {};
    Index rest = static_cast<Index>(at);
    SIMT_UNROLL
    for (u32 axis = kRank; axis-- > 0;) {
      const Index size = static_cast<Index>(p.dims[axis]);
      const Index index = axis == 0 ? rest : rest % size;
      if (axis != 0) rest /= size;
      SIMT_UNROLL
      for (u32 i = 0; i < Body::kInputs; ++i) offsets[i] += static_cast<i64>(index) * p.strides[i][axis];
    }
    Body::apply(p, static_cast<i64>(at), offsets);
  }
}

}  // namespace simt
