// Turns items into blocks (chains of in-place reuse share one), packs the blocks in several ways and keeps the best.
#include "program/planner.hpp"

#include "program/packing.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <vector>

namespace rlx {
namespace {

constexpr uint64_t kLargestArena = uint64_t{1} << 62;
// Comparisons that all tries together may make: about 0.1 s. A count and not a clock, so that plans are reproducible.
constexpr uint64_t kBudget = 50'000'000;
constexpr int kRepairRounds = 32;

Status check(std::span<const rlx_plan_item> items, uint64_t align) {
  if (!std::has_single_bit(align) || align > kLargestArena)
    return error(Code::kInvalidArgument, "plan_memory: align " + std::to_string(align) + " is no power of two");
  uint64_t total = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    const rlx_plan_item& item = items[i];
    if (item.last_step < item.first_step)
      return error(Code::kInvalidArgument, "plan_memory: item " + std::to_string(i) + " ends in step " +
                                               std::to_string(item.last_step) + " before it begins in " +
                                               std::to_string(item.first_step));
    if (item.reuse != RLX_NO_INDEX && item.reuse >= items.size())
      return error(Code::kInvalidArgument, "plan_memory: item " + std::to_string(i) + " reuses item " +
                                               std::to_string(item.reuse) + " of " + std::to_string(items.size()));
    if (item.size_bytes > kLargestArena - align || total + item.size_bytes + align > kLargestArena)
      return error(Code::kResourceExhausted, "plan_memory: sizes add up to more than 2^62 bytes");
    total += item.size_bytes + align;
  }
  return {};
}

// next[i]: the item that takes over the memory of i. An item is taken over by at most one other: the largest that asks,
// since that leaves the least idle memory.
std::vector<uint32_t> takeovers(std::span<const rlx_plan_item> items, const std::vector<uint64_t>& sizes) {
  std::vector<uint32_t> next(items.size(), RLX_NO_INDEX);
  for (uint32_t i = 0; i < items.size(); ++i) {
    const uint32_t from = items[i].reuse;
    if (from == RLX_NO_INDEX || from == i || sizes[i] == 0) continue;
    if (items[from].last_step != items[i].first_step || sizes[i] > sizes[from]) continue;
    if (next[from] == RLX_NO_INDEX || sizes[next[from]] < sizes[i]) next[from] = i;
  }
  return next;
}

void append(Block& block, const rlx_plan_item& item, uint64_t size) {
  if (block.segments.empty()) {
    block.segments.push_back({item.first_step, item.last_step, size});
    return;
  }
  Segment& before = block.segments.back();
  if (item.last_step == before.last) return;  // the step they share is the owner's
  if (before.size == size)
    before.last = item.last_step;
  else
    block.segments.push_back({before.last + 1, item.last_step, size});
}

struct Blocks {
  std::vector<Block> blocks;
  std::vector<uint32_t> of_item;  // RLX_NO_INDEX: needs no memory
};

Blocks make_blocks(std::span<const rlx_plan_item> items, uint64_t align) {
  std::vector<uint64_t> sizes(items.size());
  for (size_t i = 0; i < items.size(); ++i) sizes[i] = (items[i].size_bytes + align - 1) & ~(align - 1);
  const std::vector<uint32_t> next = takeovers(items, sizes);
  std::vector<bool> is_head(items.size(), true);
  for (uint32_t n : next)
    if (n != RLX_NO_INDEX) is_head[n] = false;

  Blocks out;
  out.of_item.assign(items.size(), RLX_NO_INDEX);
  const auto follow = [&](uint32_t head) {
    const auto index = static_cast<uint32_t>(out.blocks.size());
    Block& block = out.blocks.emplace_back();
    for (uint32_t i = head; i != RLX_NO_INDEX && out.of_item[i] == RLX_NO_INDEX; i = next[i]) {
      append(block, items[i], sizes[i]);
      out.of_item[i] = index;
    }
  };
  for (uint32_t i = 0; i < items.size(); ++i)
    if (sizes[i] != 0 && is_head[i]) follow(i);
  // What is left are rings of items that live in one step only and reuse each other: opened anywhere.
  for (uint32_t i = 0; i < items.size(); ++i)
    if (sizes[i] != 0 && out.of_item[i] == RLX_NO_INDEX) follow(i);
  return out;
}

class Search {
 public:
  explicit Search(std::vector<Block>& blocks) : blocks_(blocks), bound_(peak_live_bytes(blocks)) {
    take_if_better(pack_by_time(blocks_));
  }

  uint64_t bound() const { return bound_; }
  uint64_t arena() const { return best_; }
  uint64_t offset(uint32_t block) const { return best_offsets_[block]; }

  void run() {
    const auto lifetime = [](const Block& b) { return uint64_t{b.last()} - b.first() + 1; };
    try_order([](const Block& a, const Block& b) { return a.size() > b.size(); });
    try_order([&](const Block& a, const Block& b) { return area(a) > area(b); });
    try_order([&](const Block& a, const Block& b) { return lifetime(a) > lifetime(b); });
    try_order([](const Block& a, const Block& b) { return a.first() < b.first(); });
    for (int round = 0; round < kRepairRounds && !done(); ++round) repair();
  }

 private:
  bool done() const { return best_ == bound_ || budget_ == 0; }

  static long double area(const Block& b) {
    long double sum = 0;
    for (const Segment& s : b.segments) sum += static_cast<long double>(s.size) * (uint64_t{s.last} - s.first + 1);
    return sum;
  }

  template <typename Less>
  void try_order(Less less) {
    if (done()) return;
    std::vector<uint32_t> order(blocks_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      if (less(blocks_[a], blocks_[b])) return true;
      if (less(blocks_[b], blocks_[a])) return false;
      if (blocks_[a].size() != blocks_[b].size()) return blocks_[a].size() > blocks_[b].size();
      return a < b;
    });
    try_order(std::move(order));
  }

  void try_order(std::vector<uint32_t> order) {
    const uint64_t top = pack_in_order(blocks_, order, &budget_);
    if (top == UINT64_MAX) return;
    take_if_better(top);
    last_order_ = std::move(order);
    last_top_ = top;
  }

  // The blocks that stick out most were placed too late: place them first.
  void repair() {
    if (last_order_.empty()) return;
    std::vector<uint32_t> order = last_order_;
    std::stable_partition(order.begin(), order.end(),
                          [&](uint32_t b) { return blocks_[b].offset + blocks_[b].size() == last_top_; });
    try_order(std::move(order));
  }

  void take_if_better(uint64_t top) {
    if (top >= best_) return;
    best_ = top;
    best_offsets_.resize(blocks_.size());
    for (size_t b = 0; b < blocks_.size(); ++b) best_offsets_[b] = blocks_[b].offset;
  }

  std::vector<Block>& blocks_;
  uint64_t bound_;
  uint64_t best_ = UINT64_MAX;
  std::vector<uint64_t> best_offsets_;
  std::vector<uint32_t> last_order_;
  uint64_t last_top_ = 0;
  uint64_t budget_ = kBudget;
};

}  // namespace

Status plan_memory(std::span<rlx_plan_item> items, uint64_t align, rlx_plan_result* out_result) {
  RLX_TRY(check(items, align));
  Blocks made = make_blocks(items, align);
  Search search(made.blocks);
  search.run();
  for (size_t i = 0; i < items.size(); ++i) {
    const uint32_t block = made.of_item[i];
    items[i].out_offset_bytes = block == RLX_NO_INDEX ? 0 : search.offset(block);
  }
  *out_result = {search.arena(), search.bound()};
  return {};
}

}  // namespace rlx
