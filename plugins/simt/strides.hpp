// Shapes as kernels walk them: row-major strides, broadcasting, and merging axes that are one in memory.
#pragma once

#include <rlx/sdk/moves.hpp>

#include <algorithm>
#include <vector>

namespace rlx::simt {

namespace sdk = rlx::sdk;
using sdk::row_major;
using Strides = sdk::MoveStrides;  // in elements

// Strides that read a tensor as if it had the shape `to` that it broadcasts to.
inline Strides broadcast_strides(const rlx_tensor& from, const rlx_tensor& to) {
  const Strides own = row_major(from);
  Strides s(to.rank, 0);
  for (uint32_t i = 0; i < from.rank; ++i)
    if (from.dims[i] != 1) s[to.rank - from.rank + i] = own[i];
  return s;
}

// An iteration space and the strides of each operand in it. Never of rank 0 once it is collapsed.
struct Space {
  std::vector<uint64_t> dims;
  std::vector<Strides> operands;

  // Drops axes of one element and merges neighbours that every operand walks as one.
  void collapse() {
    Space merged{{}, std::vector<Strides>(operands.size())};
    for (size_t axis = 0; axis < dims.size(); ++axis) {
      if (dims[axis] == 1) continue;
      const bool joins = !merged.dims.empty() && [&] {
        for (size_t i = 0; i < operands.size(); ++i)
          if (merged.operands[i].back() != operands[i][axis] * static_cast<int64_t>(dims[axis])) return false;
        return true;
      }();
      if (joins) {
        merged.dims.back() *= dims[axis];
        for (size_t i = 0; i < operands.size(); ++i) merged.operands[i].back() = operands[i][axis];
      } else {
        merged.dims.push_back(dims[axis]);
        for (size_t i = 0; i < operands.size(); ++i) merged.operands[i].push_back(operands[i][axis]);
      }
    }
    if (merged.dims.empty()) {
      merged.dims.push_back(1);
      for (Strides& s : merged.operands) s.push_back(0);
    }
    *this = std::move(merged);
  }
  uint64_t count() const {
    uint64_t n = 1;
    for (const uint64_t d : dims) n *= d;
    return n;
  }
};

}  // namespace rlx::simt
