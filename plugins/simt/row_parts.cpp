#include "row_parts.hpp"

namespace rlx::simt {

namespace {

// Below, a block has no work along the row; above, neighbouring threads read neighbouring addresses across rows.
constexpr uint64_t kBlockRow = 64, kColumns = 8;

}  // namespace

RowPlan::RowPlan(const Geometry& geometry, uint64_t rows, uint64_t size, bool by_blocks)
    : blocks(by_blocks), threads(row_block(geometry, size)) {
  // Parts are made until every multiprocessor has so many blocks or threads, but none of fewer elements than pay for
  // it.
  constexpr uint64_t kBlocks = 2, kThreads = 512, kLeastOfThread = 64, kMostOfColumn = 256;
  part.rows = rows;
  part.size = size;
  part.inner = 1;
  whole();
  if (rows == 0 || size == 0) return;
  const uint64_t least = blocks ? uint64_t{threads} * 8 : kLeastOfThread;
  const uint64_t wanted = geometry.multiprocessors * (blocks ? kBlocks : kThreads) / rows;
  const uint64_t most = (size + least - 1) / least;
  const uint64_t parts = std::max<uint64_t>(1, std::min({wanted, most, blocks ? most : kMostOfColumn}));
  part.part_size = (size + parts - 1) / parts;
  part.parts = (size + part.part_size - 1) / part.part_size;
}

RowPlan::RowPlan(const Geometry& geometry, const sdk::AxisView& axis)
    : RowPlan(geometry, axis.rows(), axis.n, axis.inner < kColumns && axis.n >= kBlockRow) {
  part.inner = axis.inner;
}

}  // namespace rlx::simt
