#include "row_parts.hpp"

namespace rlx::simt {

RowPlan::RowPlan(const Geometry& geometry, const sdk::AxisView& axis) {
  // Below, a block has no work along the row; above, neighbouring threads read neighbouring addresses across rows.
  constexpr uint64_t kBlockRow = 64, kColumns = 8;
  // Parts are made until every multiprocessor has so many blocks or threads, but none of fewer elements than pay for
  // it.
  constexpr uint64_t kBlocks = 2, kThreads = 512, kLeastOfThread = 64, kMostOfColumn = 256;
  part.rows = axis.rows();
  part.size = axis.n;
  part.inner = axis.inner;
  part.parts = 1;
  part.part_size = axis.n;
  blocks = axis.inner < kColumns && axis.n >= kBlockRow;
  threads = row_block(geometry, axis.n);
  if (part.rows == 0 || axis.n == 0) return;
  const uint64_t least = blocks ? uint64_t{threads} * 8 : kLeastOfThread;
  const uint64_t wanted = geometry.multiprocessors * (blocks ? kBlocks : kThreads) / part.rows;
  const uint64_t most = (axis.n + least - 1) / least;
  const uint64_t parts = std::max<uint64_t>(1, std::min({wanted, most, blocks ? most : kMostOfColumn}));
  part.part_size = (axis.n + parts - 1) / parts;
  part.parts = (axis.n + part.part_size - 1) / part.part_size;
}

}  // namespace rlx::simt
