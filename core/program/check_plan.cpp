// The memory plan of a program that did not come from plan_arena(): a plugin that uses it finds every tensor of the
// main region inside the arena, aligned, and views where their roots are. That live tensors share no memory is not
// checked: a plan that lies about it gives wrong numbers, but no access outside of the arena.
#include "program/check.hpp"
#include "program/default_plan.hpp"

#include <rlx/dtype.hpp>

namespace rlx {
namespace {

constexpr uint64_t kMostArenaBytes = uint64_t{1} << 62;

tl::unexpected<Error> broken(uint32_t tensor, const std::string& what) {
  return error(Code::kInvalidArgument, "program: tensor " + std::to_string(tensor) + " " + what);
}

class PlanChecker {
 public:
  explicit PlanChecker(const Program& program) : p_(program) {}

  Status run() const {
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
    return {};
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

  const Program& p_;
};

}  // namespace

Status check_plan(const Program& program) {
  return PlanChecker(program).run();
}

}  // namespace rlx
