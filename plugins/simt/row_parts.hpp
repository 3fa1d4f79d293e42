// How kernels that walk along an axis share its rows among blocks or threads (RowParts of device/params.hpp).
#pragma once

#include "emitter.hpp"

#include <rlx/sdk/axis_view.hpp>

namespace rlx::simt {

struct RowPlan {
  ::simt::RowParts part{};
  bool blocks;       // a block for each part; otherwise a thread
  uint32_t threads;  // of a block

  // A block for each part suits rows that are dense in memory.
  RowPlan(const Geometry& geometry, uint64_t rows, uint64_t size, bool blocks);
  RowPlan(const Geometry& geometry, const sdk::AxisView& axis);

  // Rows in one part each after all.
  void whole() {
    part.parts = 1;
    part.part_size = part.size;
  }
  uint64_t of_all_parts(uint64_t bytes) const { return part.rows * part.parts * bytes; }
};

}  // namespace rlx::simt
