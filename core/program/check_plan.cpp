// The memory plan of a program that did not come from plan_arena(): a plugin that uses it finds every tensor of the
// main region inside the arena, aligned, views where their roots are, and no two tensors in one place while both are
// alive. A result may lie over an operand that dies there: whether it may is for the device to know.
#include "program/check.hpp"
#include "program/default_plan.hpp"
#include "program/lives.hpp"

#include <rlx/dtype.hpp>

#include <map>

namespace rlx {
namespace {

constexpr uint64_t kMostArenaBytes = uint64_t{1} << 62;

tl::unexpected<Error> broken(uint32_t tensor, const std::string& what) {
  return error(Code::kInvalidArgument, "program: tensor " + std::to_string(tensor) + " " + what);
}

class PlanChecker {
 public:
  explicit PlanChecker(const Program& program) : p_(program), lives_(program) {}

  Status run() {
    if (p_.raw().arena_bytes > kMostArenaBytes || p_.raw().arena_lower_bound > p_.raw().arena_bytes)
      return error(Code::kInvalidArgument, "program: an arena of " + std::to_string(p_.raw().arena_bytes) +
                                               " bytes with a lower bound of " +
                                               std::to_string(p_.raw().arena_lower_bound));
    for (uint32_t t = 0; t < p_.tensors().size(); ++t) {
      const uint32_t role = p_.tensors()[t].role;
      const bool is_public = role == RLX_ROLE_INPUT || role == RLX_ROLE_STATE;
      if (is_public || p_.tensors()[t].flags & RLX_TENSOR_OUTPUT) RLX_TRY(check(t));
    }
    for (const rlx_node& node : p_.nodes()) {
      for (uint32_t i = 0; i < node.input_count; ++i)
        if (node.inputs[i] != RLX_NO_INDEX) RLX_TRY(check(node.inputs[i]));
      for (uint32_t i = 0; i < node.output_count; ++i) RLX_TRY(check(node.outputs[i]));
    }
    return check_overlap();
  }

 private:
  Status check(uint32_t t) const {
    const rlx_tensor& tensor = p_.tensors()[t];
    const bool is_view = tensor.view_of != RLX_NO_INDEX;
    const rlx_tensor& root = is_view ? p_.tensors()[tensor.view_of] : tensor;
    if (tensor.view_offset % size_of(static_cast<DType>(tensor.dtype)) != 0)
      return broken(t, "is a view from byte " + std::to_string(tensor.view_offset) + ", in the middle of an element");
    if (root.role == RLX_ROLE_PARAM || root.role == RLX_ROLE_CONSTANT || root.size_bytes == 0) return {};
    if (root.plan_offset == RLX_NO_OFFSET) return broken(t, "has no place in the arena");
    if (root.plan_offset % kTensorAlign != 0)
      return broken(t, "lies at byte " + std::to_string(root.plan_offset) + " of the arena, not a multiple of " +
                           std::to_string(kTensorAlign));
    if (is_view && tensor.plan_offset != root.plan_offset + tensor.view_offset)
      return broken(t, "does not lie where the tensor is that it views");
    return {};
  }

  // Goes through the steps with the set of what is alive, which never overlaps.
  Status check_overlap() {
    const size_t steps = p_.nodes().size() + 2;
    std::vector<std::vector<uint32_t>> begins(steps), ends(steps);
    for (uint32_t t = 0; t < p_.tensors().size(); ++t) {
      if (!lives_.of(t).used() || p_.tensors()[t].size_bytes == 0) continue;
      begins[lives_.of(t).first].push_back(t);
      ends[lives_.of(t).last].push_back(t);
    }
    for (uint32_t step = 0; step < steps; ++step) {
      for (uint32_t t : begins[step]) RLX_TRY(place(t, step));
      for (uint32_t t : ends[step])
        if (const auto at = alive_.find(p_.tensors()[t].plan_offset); at != alive_.end() && at->second == t)
          alive_.erase(at);
    }
    return {};
  }

  Status place(uint32_t t, uint32_t step) {
    const uint64_t begin = p_.tensors()[t].plan_offset, end = begin + p_.tensors()[t].size_bytes;
    auto at = alive_.upper_bound(begin);
    if (at != alive_.begin() && end_of(std::prev(at)->second) > begin) --at;
    while (at != alive_.end() && at->first < end) {
      const uint32_t other = at->second;
      const bool in_place = at->first == begin && step > 0 && step <= p_.nodes().size() && is_first_output(t, step) &&
                            lives_.takes_over(step - 1, other, ~uint32_t{0});
      if (!in_place)
        return broken(t,
                      "lies in the arena over tensor " + std::to_string(other) + ", which is alive at the same time");
      at = alive_.erase(at);
    }
    alive_.emplace(begin, t);
    return {};
  }

  bool is_first_output(uint32_t t, uint32_t step) const {
    const rlx_node& node = p_.nodes()[step - 1];
    return node.output_count > 0 && lives_.root(node.outputs[0]) == t;
  }
  uint64_t end_of(uint32_t t) const { return p_.tensors()[t].plan_offset + p_.tensors()[t].size_bytes; }

  const Program& p_;
  const Lives lives_;
  std::map<uint64_t, uint32_t> alive_;  // tensors by offset
};

}  // namespace

Status check_plan(const Program& program) {
  return PlanChecker(program).run();
}

}  // namespace rlx
