// The launches that put the elements of rows in order: of sort, top_k and sample.
#pragma once

#include "emitter.hpp"

#include <rlx/sdk/axis_view.hpp>

namespace rlx::simt {

struct Order {
  uint32_t x;  // the tensor
  rlx_dtype dtype;
  sdk::AxisView axis;
  bool descending;
  uint64_t kept;  // elements of a row, from 1 to all
  // Tensors of kept elements a row. RLX_NO_INDEX: the items stay in scratch memory.
  uint32_t values = RLX_NO_INDEX, positions = RLX_NO_INDEX;
};

// Items in scratch memory; those of a row are `stride` apart. offset: bytes.
struct OrderedItems {
  uint64_t offset, bytes, stride;
};

// Positions are kept in 32 bits.
constexpr uint64_t kMostOrdered = UINT32_MAX;

OrderedItems emit_order(Emitter& e, const Order& order);

}  // namespace rlx::simt
