#include "program/default_plan.hpp"

#include "program/lives.hpp"
#include "program/planner.hpp"

#include <algorithm>

namespace rlx {
namespace {

// The tensor whose memory the first output of node n takes over, or RLX_NO_INDEX.
uint32_t overwritten(const Program& p, const Lives& lives, uint32_t n, uint32_t mask) {
  const rlx_node& node = p.nodes()[n];
  for (uint32_t i = 0; i < node.input_count; ++i) {
    const uint32_t in = node.inputs[i];
    if (in != RLX_NO_INDEX && lives.takes_over(n, lives.root(in), mask)) return lives.root(in);
  }
  return RLX_NO_INDEX;
}

}  // namespace

Status plan_arena(Program& program, std::span<const rlx_node_support> support) {
  const std::span<const rlx_tensor> tensors = program.tensors();
  const Lives lives(program);
  std::vector<rlx_plan_item> items;
  std::vector<uint32_t> item_of(tensors.size(), RLX_NO_INDEX);
  for (uint32_t t = 0; t < tensors.size(); ++t) {
    if (!lives.of(t).used()) continue;
    item_of[t] = static_cast<uint32_t>(items.size());
    items.push_back({tensors[t].size_bytes, lives.of(t).first, lives.of(t).last, RLX_NO_INDEX, 0, 0});
  }
  for (uint32_t n = 0; n < std::min(support.size(), program.nodes().size()); ++n) {
    const uint32_t source = overwritten(program, lives, n, support[n].overwrites);
    if (source != RLX_NO_INDEX) items[item_of[lives.root(program.nodes()[n].outputs[0])]].reuse = item_of[source];
  }
  rlx_plan_result result{};
  RLX_TRY(plan_memory(items, kTensorAlign, &result));
  std::vector<uint64_t> offsets(tensors.size(), RLX_NO_OFFSET);
  for (uint32_t t = 0; t < tensors.size(); ++t) {
    const uint32_t item = item_of[lives.root(t)];
    if (item != RLX_NO_INDEX) offsets[t] = items[item].out_offset_bytes + tensors[t].view_offset;
  }
  program.set_plan(offsets, result.arena_bytes, result.lower_bound_bytes);
  return {};
}

}  // namespace rlx
