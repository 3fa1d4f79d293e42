#include "order.hpp"

#include "row_parts.hpp"

namespace rlx::simt {

namespace {

using ::simt::kSelectQueue;
using ::simt::kSortTile;
using ::simt::SortParams;

constexpr uint32_t kSelectThreads = 256;
// A queue has room for these and for a round of all threads.
constexpr uint64_t kMostSelected = kSelectQueue / 2;

class OrderEmitter {
 public:
  OrderEmitter(Emitter& e, const Order& order) : e_(e), order_(order), rows_(order.axis.rows()) {
    item_bytes_ = sdk::dtype_size(order.dtype) == 8 ? 16 : 8;
    has_answer_ = order.values != RLX_NO_INDEX;
  }

  OrderedItems sort() {
    const uint64_t n = order_.axis.n;
    uint64_t tile = 1;
    while (tile < std::min<uint64_t>(n, kSortTile)) tile *= 2;
    const uint64_t bytes = rows_ * n * item_bytes_;
    uint64_t side = 0;  // which of two buffers the items are in
    add("sort.hpp", "sort_tiles", tile, [&](auto& launch) {
      finish(launch, tile >= n, {0, bytes, n});
      over_tiles(launch, tile);
    });
    for (uint64_t run = tile; run < n; run *= 2, side = 1 - side)
      add("sort.hpp", "merge_runs", tile, [&](auto& launch) {
        launch.params.run = run;
        launch.point_to_scratch(launch.params.from, bytes, side * bytes);
        finish(launch, 2 * run >= n, {(1 - side) * bytes, bytes, n});
        over_tiles(launch, tile);
      });
    return {side * bytes, bytes, n};
  }

  OrderedItems select() {
    RowPlan plan(e_.geometry(), order_.axis);
    // Parts pay while each of them is longer than what it leaves.
    if (!plan.blocks || plan.part.part_size < 2 * order_.kept) plan.whole();
    const uint64_t kept = order_.kept, bytes = rows_ * kept * item_bytes_;
    const bool joins = plan.part.parts > 1;
    const auto add_part = [&](const char* kernel, bool is_last, uint64_t blocks) {
      add("select.hpp", kernel, 0, [&](auto& launch) {
        launch.params.part = plan.part;
        finish(launch, is_last, {0, bytes, kept});
        if (joins) launch.point_to_scratch(launch.params.part.partial, bytes * plan.part.parts, bytes);
        launch.blocks(grid_for(e_.geometry(), blocks, 1), kSelectThreads, kSelectQueue * item_bytes_ + 8);
      });
    };
    add_part("select_elements", !joins, rows_ * plan.part.parts);
    if (joins) add_part("select_join", true, rows_);
    return {0, bytes, kept};
  }

 private:
  template <typename Fn>
  void add(const char* header, const std::string& kernel, uint64_t tile, Fn fn) {
    auto launch = e_.launch<SortParams>(header, kernel + "<" + type_name(order_.dtype) + ">");
    auto& p = launch.params;
    p.part.rows = rows_;
    p.part.size = order_.axis.n;
    p.part.inner = order_.axis.inner;
    p.part.part_size = tile;
    p.part.parts = tile == 0 ? 1 : (order_.axis.n + tile - 1) / tile;
    p.kept = order_.kept;
    p.descending = order_.descending;
    launch.point(p.x, order_.x);
    fn(launch);
  }

  // Where a launch writes: to the answer, if it is the last and there is one; else to items.
  template <typename Launch>
  void finish(Launch& launch, bool is_last, OrderedItems to) {
    launch.params.items = to.stride;
    if (is_last && has_answer_) {
      launch.point(launch.params.values, order_.values);
      launch.point(launch.params.positions, order_.positions);
    } else {
      launch.point_to_scratch(launch.params.to, to.bytes, to.offset);
    }
  }

  template <typename Launch>
  void over_tiles(Launch& launch, uint64_t tile) {
    constexpr uint64_t kPerThread = 4;
    const auto threads = static_cast<uint32_t>(std::max<uint64_t>(tile / kPerThread, e_.geometry().warp));
    constexpr uint32_t kSplitBytes = 16;
    launch.blocks(grid_for(e_.geometry(), rows_ * launch.params.part.parts, 1), threads,
                  static_cast<uint32_t>(tile * item_bytes_) + kSplitBytes);
  }

  Emitter& e_;
  const Order& order_;
  uint64_t rows_;
  uint32_t item_bytes_;
  bool has_answer_;
};

}  // namespace

OrderedItems emit_order(Emitter& e, const Order& order) {
  OrderEmitter emitter(e, order);
  // A row of one tile is sorted at once.
  return order.axis.n > kSortTile && order.kept <= kMostSelected ? emitter.select() : emitter.sort();
}

}  // namespace rlx::simt
