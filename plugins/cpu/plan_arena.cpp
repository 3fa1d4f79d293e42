// Where everything lies in the arena. The host packs; this file says what is alive when, in this plugin's own sizes.
#include "host.hpp"
#include "schedule.hpp"

#include <algorithm>

namespace rlx::cpu {

namespace {

constexpr uint64_t kAlign = 64;
constexpr uint32_t kNever = UINT32_MAX;

struct Life {
  uint32_t first = kNever, last = 0;
};

bool lives_in_arena(const TensorPlan& t, uint32_t index) {
  return t.in_main && t.root == index && t.desc.role != RLX_ROLE_PARAM && t.desc.role != RLX_ROLE_CONSTANT;
}

std::vector<Life> lives_of(const Schedule& s) {
  std::vector<Life> life(s.tensors.size());
  const uint32_t end = static_cast<uint32_t>(s.steps.size());  // after the last one: what lives until then is no step's
  auto touch = [&](uint32_t tensor, uint32_t step) {
    if (tensor == RLX_NO_INDEX) return;
    Life& l = life[s.tensors[tensor].root];
    l.first = std::min(l.first, step);
    l.last = std::max(l.last, step);
  };
  for (uint32_t i = 0; i < s.steps.size(); ++i) {
    for (uint32_t t : s.steps[i].inputs) touch(t, i);
    for (uint32_t t : s.steps[i].outputs) touch(t, i);
  }
  for (uint32_t t : s.outputs) touch(t, end);
  // Inputs may be written once and read by many runs; states live between runs.
  for (const std::vector<uint32_t>* kind : {&s.inputs, &s.states})
    for (uint32_t t : *kind) {
      touch(t, 0);
      touch(t, end);
    }
  return life;
}

// The tensor whose memory the first output of a step may take over, or RLX_NO_INDEX.
uint32_t overwritten(const Schedule& s, const std::vector<Life>& life, uint32_t index) {
  const Step& step = s.steps[index];
  if (step.overwrites == 0 || step.outputs.empty()) return RLX_NO_INDEX;
  const uint32_t out = step.outputs[0];
  if (s.tensors[out].root != out || life[out].first != index) return RLX_NO_INDEX;
  for (uint32_t i = 0; i < step.inputs.size() && i < 32; ++i) {
    const uint32_t in = step.inputs[i];
    if (!(step.overwrites >> i & 1) || in == RLX_NO_INDEX) continue;
    const TensorPlan& t = s.tensors[in];
    const uint32_t root = t.root;
    const bool whole = t.root_offset == 0 && t.bytes == s.tensors[root].bytes && t.bytes == s.tensors[out].bytes;
    if (!whole || !lives_in_arena(s.tensors[root], root) || life[root].last != index) continue;
    if (s.tensors[root].desc.role != RLX_ROLE_TEMPORARY) continue;
    // The kernel may read the same memory through another operand after it was written.
    bool other_reader = false;
    for (uint32_t j = 0; j < step.inputs.size(); ++j) {
      const uint32_t other = step.inputs[j];
      if (other == RLX_NO_INDEX || s.tensors[other].root != root) continue;
      const bool same = s.tensors[other].root_offset == 0 && s.tensors[other].bytes == t.bytes;
      other_reader |= !same || j >= 32 || !(step.overwrites >> j & 1);
    }
    if (!other_reader) return root;
  }
  return RLX_NO_INDEX;
}

}  // namespace

void plan_arena(Schedule& s) {
  const std::vector<Life> life = lives_of(s);
  std::vector<rlx_plan_item> items;
  std::vector<uint32_t> owner;  // of each item: a tensor
  std::vector<uint32_t> item_of(s.tensors.size(), RLX_NO_INDEX);
  for (uint32_t i = 0; i < s.tensors.size(); ++i) {
    if (!lives_in_arena(s.tensors[i], i) || life[i].first == kNever) continue;
    item_of[i] = static_cast<uint32_t>(items.size());
    items.push_back({std::max<uint64_t>(s.tensors[i].bytes, 1), life[i].first, life[i].last, RLX_NO_INDEX, 0, 0});
    owner.push_back(i);
  }
  for (uint32_t i = 0; i < s.steps.size(); ++i) {
    const uint32_t reused = overwritten(s, life, i);
    if (reused != RLX_NO_INDEX) items[item_of[s.steps[i].outputs[0]]].reuse = item_of[reused];
  }
  const size_t first_scratch = items.size();
  for (uint32_t i = 0; i < s.steps.size(); ++i) {
    if (s.steps[i].scratch_bytes == 0) continue;
    items.push_back({s.steps[i].scratch_bytes, i, i, RLX_NO_INDEX, 0, 0});
    owner.push_back(i);
    s.scratch_bytes = std::max(s.scratch_bytes, s.steps[i].scratch_bytes);
  }
  rlx_plan_result result{};
  sdk::check(host(), host().plan_memory(host().ctx, items.data(), items.size(), kAlign, &result));
  for (size_t i = 0; i < items.size(); ++i) {
    if (i < first_scratch)
      s.tensors[owner[i]].arena_offset = items[i].out_offset_bytes;
    else
      s.steps[owner[i]].scratch_offset = items[i].out_offset_bytes;
  }
  s.arena_bytes = result.arena_bytes;
  s.lower_bound = result.lower_bound_bytes;
}

}  // namespace rlx::cpu
