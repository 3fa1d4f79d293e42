#include "program/default_plan.hpp"

#include "program/planner.hpp"

#include <algorithm>

namespace rlx {
namespace {

struct Life {
  uint32_t first = UINT32_MAX;
  uint32_t last = 0;
  bool used() const { return first != UINT32_MAX; }
};

class Planner {
 public:
  explicit Planner(const Program& program) : p_(program), life_(program.tensors().size()) { find_lives(); }

  Status plan(Program& program, std::span<const rlx_node_support> support) {
    std::vector<rlx_plan_item> items;
    std::vector<uint32_t> item_of(life_.size(), RLX_NO_INDEX);
    for (uint32_t t = 0; t < life_.size(); ++t) {
      if (!life_[t].used()) continue;
      item_of[t] = static_cast<uint32_t>(items.size());
      items.push_back({p_.tensors()[t].size_bytes, life_[t].first, life_[t].last, RLX_NO_INDEX, 0, 0});
    }
    for (uint32_t n = 0; n < std::min(support.size(), p_.nodes().size()); ++n) {
      const uint32_t source = overwritten(n, support[n].overwrites);
      if (source != RLX_NO_INDEX) items[item_of[root(p_.nodes()[n].outputs[0])]].reuse = item_of[source];
    }
    rlx_plan_result result{};
    RLX_TRY(plan_memory(items, kTensorAlign, &result));
    std::vector<uint64_t> offsets(life_.size(), RLX_NO_OFFSET);
    for (uint32_t t = 0; t < life_.size(); ++t)
      if (life_[root(t)].used()) offsets[t] = items[item_of[root(t)]].out_offset_bytes + tensor(t).view_offset;
    program.set_plan(offsets, result.arena_bytes, result.lower_bound_bytes);
    return {};
  }

 private:
  const rlx_tensor& tensor(uint32_t t) const { return p_.tensors()[t]; }
  uint32_t root(uint32_t t) const { return tensor(t).view_of == RLX_NO_INDEX ? t : tensor(t).view_of; }

  void touch(uint32_t t, uint32_t step) {
    if (t == RLX_NO_INDEX) return;
    const uint32_t r = root(t);
    if (tensor(r).role == RLX_ROLE_PARAM || tensor(r).role == RLX_ROLE_CONSTANT) return;
    life_[r].first = std::min(life_[r].first, step);
    life_[r].last = std::max(life_[r].last, step);
  }

  // Step 0 is before the first node, node n is step n + 1, the last step is after all nodes.
  void find_lives() {
    const auto end = static_cast<uint32_t>(p_.nodes().size() + 1);
    for (uint32_t n = 0; n + 1 < end; ++n) {
      const rlx_node& node = p_.nodes()[n];
      for (uint32_t i = 0; i < node.input_count; ++i) touch(node.inputs[i], n + 1);
      for (uint32_t i = 0; i < node.output_count; ++i) touch(node.outputs[i], n + 1);
    }
    for (uint32_t t = 0; t < life_.size(); ++t) {
      if (tensor(t).role == RLX_ROLE_INPUT || tensor(t).role == RLX_ROLE_STATE) {
        touch(t, 0);
        touch(t, end);
      }
      if (tensor(t).flags & RLX_TENSOR_OUTPUT) touch(t, end);
    }
  }

  // The tensor whose memory the first output of node n takes over, or RLX_NO_INDEX.
  uint32_t overwritten(uint32_t n, uint32_t mask) const {
    const rlx_node& node = p_.nodes()[n];
    if (node.output_count == 0) return RLX_NO_INDEX;
    const uint32_t out = node.outputs[0];
    const rlx_tensor& out_root = tensor(root(out));
    if (out_root.role != RLX_ROLE_TEMPORARY || life_[root(out)].first != n + 1) return RLX_NO_INDEX;
    for (uint32_t i = 0; i < node.input_count && i < 32; ++i) {
      const uint32_t in = node.inputs[i];
      if (!(mask >> i & 1) || in == RLX_NO_INDEX || !is_whole(in, tensor(out).size_bytes)) continue;
      const uint32_t r = root(in);
      const bool dies_here = tensor(r).role == RLX_ROLE_TEMPORARY && life_[r].last == n + 1 && r != root(out);
      if (dies_here && only_in_step(node, mask, r, tensor(out).size_bytes)) return r;
    }
    return RLX_NO_INDEX;
  }

  bool is_whole(uint32_t t, uint64_t bytes) const {
    return tensor(t).view_offset == 0 && tensor(t).size_bytes == bytes && tensor(root(t)).size_bytes == bytes;
  }

  // Other operands in the same memory must be read in step with the writing, too.
  bool only_in_step(const rlx_node& node, uint32_t mask, uint32_t memory, uint64_t bytes) const {
    for (uint32_t i = 0; i < node.input_count; ++i) {
      const uint32_t in = node.inputs[i];
      if (in == RLX_NO_INDEX || root(in) != memory) continue;
      if (i >= 32 || !(mask >> i & 1) || !is_whole(in, bytes)) return false;
    }
    return true;
  }

  const Program& p_;
  std::vector<Life> life_;
};

}  // namespace

Status plan_arena(Program& program, std::span<const rlx_node_support> support) {
  return Planner(program).plan(program, support);
}

}  // namespace rlx
