#include "arena.hpp"

#include <rlx/sdk/access.hpp>

#include <algorithm>
#include <numeric>
#include <optional>

namespace rlx::vulkan {

namespace {

struct BlockPlan {
  std::vector<const ArenaItem*> items;  // by offset in the block
  uint64_t end = 0;
};

bool alive_together(const ArenaItem& a, const ArenaItem& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

// The lowest offset with room for an item among those that live at the same time.
std::optional<uint64_t> room_in(const BlockPlan& block, const ArenaItem& item, uint64_t block_bytes) {
  const uint64_t size = align_up(item.bytes);
  uint64_t at = 0;
  for (const ArenaItem* other : block.items) {
    if (!alive_together(*other, item)) continue;
    if (other->offset >= at && other->offset - at >= size) break;
    at = std::max(at, align_up(other->offset + other->bytes));
  }
  if (size > block_bytes || at > block_bytes - size) return {};
  return at;
}

// Callers write inputs and states before a run and read outputs after it.
bool outlives_a_run(const rlx_tensor& t) {
  return t.role != RLX_ROLE_TEMPORARY || (t.flags & RLX_TENSOR_OUTPUT);
}

// By tensor, those with memory of their own in the arena: from the node that writes it first to the last that uses it.
std::vector<ArenaItem> lifetimes(const sdk::ProgramView& program) {
  const uint64_t end = program.main().node_count;
  std::vector<ArenaItem> items;
  for (uint64_t i = 0; i < program.tensor_count(); ++i) {
    const rlx_tensor& t = program.tensor(i);
    items.push_back(outlives_a_run(t) ? ArenaItem{t.size_bytes, 0, end} : ArenaItem{t.size_bytes, end, 0});
  }
  const auto use = [&](uint32_t tensor, uint64_t step) {
    const rlx_tensor& t = program.tensor(tensor);
    ArenaItem& item = items[t.view_of == RLX_NO_INDEX ? tensor : t.view_of];
    item.first_step = std::min(item.first_step, step);
    item.last_step = std::max(item.last_step, (t.flags & RLX_TENSOR_OUTPUT) ? end : step);
  };
  for (uint64_t step = 0; step < end; ++step) {
    const sdk::NodeView node = program.node(program.main(), step);
    for (uint32_t i = 0; i < node.input_count(); ++i)
      if (node.has_input(i)) use(node.input(i), step);
    for (uint32_t i = 0; i < node.output_count(); ++i) use(node.output(i), step);
  }
  return items;
}

}  // namespace

// Largest first, each at the lowest offset of the first block that has room for it.
std::vector<uint64_t> plan_blocks(std::vector<ArenaItem>& items, uint64_t block_bytes) {
  std::vector<size_t> order(items.size()), block_of(items.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return items[a].bytes > items[b].bytes; });
  std::vector<BlockPlan> blocks;
  for (const size_t i : order) {
    ArenaItem& item = items[i];
    std::optional<uint64_t> at;
    size_t b = 0;
    while (b < blocks.size() && !(at = room_in(blocks[b], item, block_bytes))) ++b;
    if (!at) blocks.emplace_back();
    item.offset = at.value_or(0);
    block_of[i] = b;
    BlockPlan& block = blocks[b];
    block.end = std::max(block.end, align_up(item.offset + item.bytes));
    const auto behind = std::upper_bound(block.items.begin(), block.items.end(), item.offset,
                                         [](uint64_t offset, const ArenaItem* o) { return offset < o->offset; });
    block.items.insert(behind, &item);
  }
  std::vector<uint64_t> starts = {0};
  for (const BlockPlan& block : blocks) starts.push_back(starts.back() + block.end);
  for (size_t i = 0; i < items.size(); ++i) items[i].offset += starts[block_of[i]];
  return starts;
}

void check_allocation(const std::string& device, const std::string& name, uint64_t bytes, uint64_t limit) {
  if (bytes <= limit) return;
  throw sdk::Error(RLX_RESOURCE_EXHAUSTED, device + ": an allocation of " + std::to_string(bytes) + " bytes for " +
                                               name + " exceeds its limit of " + std::to_string(limit));
}

Arena::Spot Arena::locate(uint64_t offset) const {
  // The end is no start of a block, and neither is the second of two equal ones.
  const auto behind = std::upper_bound(starts.begin(), std::prev(starts.end()), offset);
  const auto block = static_cast<size_t>(std::prev(behind) - starts.begin());
  return {block, offset - starts[block]};
}

Arena lay_out_arena(const sdk::ProgramView& program, uint64_t scratch_bytes, uint64_t params_bytes,
                    uint64_t block_bytes, const std::string& device) {
  Arena arena;
  for (uint64_t i = 0; i < program.tensor_count(); ++i) {
    const rlx_tensor& t = program.tensor(i);
    arena.tensors.push_back(t.view_of == RLX_NO_INDEX ? t.plan_offset : RLX_NO_OFFSET);
  }
  arena.scratch = align_up(program.raw().arena_bytes);
  arena.params = arena.scratch + align_up(scratch_bytes);
  arena.starts = {0, arena.params + params_bytes};
  if (arena.bytes() <= block_bytes) return arena;

  std::vector<ArenaItem> items;
  std::vector<uint64_t*> results;
  const auto add = [&](const ArenaItem& item, uint64_t& result, const std::string& name) {
    check_allocation(device, name, item.bytes, block_bytes);
    items.push_back(item);
    results.push_back(&result);
  };
  const std::vector<ArenaItem> alive = lifetimes(program);
  for (uint32_t i = 0; i < arena.tensors.size(); ++i)
    if (arena.tensors[i] != RLX_NO_OFFSET) add(alive[i], arena.tensors[i], sdk::tensor_label(program, i));
  const uint64_t end = program.main().node_count;
  add({scratch_bytes, 0, end}, arena.scratch, "working memory");
  add({params_bytes, 0, end}, arena.params, "the parameters of its dispatches");
  arena.starts = plan_blocks(items, block_bytes);
  for (size_t i = 0; i < items.size(); ++i) *results[i] = items[i].offset;
  return arena;
}

}  // namespace rlx::vulkan
