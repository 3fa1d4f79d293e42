// From the nodes of a segment to collectives with addresses.
#include "runtime/group_parts.hpp"
#include "status/format.hpp"

#include <rlx/op.hpp>

#include <cstring>

namespace rlx {
namespace {

constexpr std::string_view kOps[] = {"all_reduce", "all_gather", "reduce_scatter", "broadcast", "all_to_all", "copy"};

Reduction reduction_of(std::string_view kind) {
  for (uint32_t r = RLX_REDUCTION_SUM; r <= RLX_REDUCTION_OR; ++r)
    if (name_of(static_cast<Reduction>(r)) == kind) return static_cast<Reduction>(r);
  return Reduction::kSum;
}

GroupStep step_of(const sdk::NodeView& node) {
  GroupStep step;
  for (uint32_t k = 0; k < std::size(kOps); ++k)
    if (kOps[k] == node.op()) step.kind = static_cast<GroupStep::Kind>(k);
  step.op = node.op();
  step.name = node.name();
  step.src = node.input(0);
  step.dst = node.output(0);
  if (node.find("kind")) step.reduction = reduction_of(node.s("kind"));
  if (node.find("root")) step.root = static_cast<uint32_t>(node.i("root"));
  return step;
}

}  // namespace

std::string refusal_of(const sdk::NodeView& node, const ProcessGroup& group) {
  const OpSchema* schema = find_op(node.op());
  // The lowering copies what goes straight from an input to an output.
  if (node.op() == "copy") return {};
  if (!schema || !(schema->flags & kOpCollective)) return "a process group runs collectives only";
  if (node.find("ranks") && node.i("ranks") != group.size())
    return fmt::format("made for {} ranks, the group has {}", node.i("ranks"), group.size());
  if (node.find("root") && node.i("root") >= group.size())
    return fmt::format("root {} is unknown in a group of {}", node.i("root"), group.size());
  return {};
}

GroupExecutable::GroupExecutable(GroupDevice& d, const rlx_program& program)
    : device(d), arena_bytes(program.arena_bytes), lower_bound(program.arena_lower_bound) {
  const sdk::ProgramView view(program);
  for (uint32_t i = 0; i < view.tensor_count(); ++i) {
    const rlx_tensor& t = view.tensor(i);
    const bool is_view = t.view_of != RLX_NO_INDEX;
    GroupTensor& tensor = tensors.emplace_back();
    tensor.dtype = static_cast<DType>(t.dtype);
    tensor.role = t.role;
    tensor.is_public = !is_view && (t.role == RLX_ROLE_INPUT || (t.flags & RLX_TENSOR_OUTPUT));
    tensor.root = is_view ? t.view_of : i;
    tensor.view_offset = is_view ? t.view_offset : 0;
    tensor.bytes = t.size_bytes;
    tensor.plan_offset = t.plan_offset;
    tensor.name = sdk::view(t.name);
    tensor.data = is_view ? nullptr : t.data;
  }
  stored.resize(tensors.size());
  is_set_.resize(tensors.size());
  for (uint64_t i = 0; i < view.main().node_count; ++i) steps.push_back(step_of(view.node(view.main(), i)));
}

Status GroupExecutable::set_param(std::string_view name, DType dtype, const void* src, uint64_t bytes) {
  for (uint32_t i = 0; i < tensors.size(); ++i) {
    const GroupTensor& t = tensors[i];
    if (t.role != RLX_ROLE_PARAM || t.root != i || t.name != name) continue;
    if (bytes != t.elements() * size_of(dtype))
      return fail(Code::kInvalidArgument, "parameter '{}': expected {} bytes of {}, got {}", name,
                  t.elements() * size_of(dtype), name_of(dtype), bytes);
    stored[i].resize(t.bytes);
    convert(dtype, src, t.dtype, stored[i].data(), t.elements());
    is_set_[i] = true;
    return {};
  }
  return fail(Code::kNotFound, "no parameter '{}'", name);
}

Status GroupExecutable::finalize() {
  std::string missing;
  for (uint32_t i = 0; i < tensors.size(); ++i) {
    GroupTensor& t = tensors[i];
    if (t.role == RLX_ROLE_PARAM && t.root == i && !is_set_[i])
      missing += (missing.empty() ? "'" : ", '") + t.name + "'";
    if (t.data) {
      const auto* bytes = static_cast<const std::byte*>(t.data);
      stored[i].assign(bytes, bytes + t.bytes);
      t.data = nullptr;
    }
  }
  if (missing.empty()) return {};
  return fail(Code::kFailedPrecondition, "parameters without a value: {}", missing);
}

uint64_t GroupExecutable::operand_bytes() const {
  uint64_t bytes = 0;
  for (const GroupStep& step : steps) bytes += tensors[step.src].bytes + tensors[step.dst].bytes;
  return bytes;
}

void GroupExecutable::stats(rlx_executable_stats& out) const {
  for (const std::vector<std::byte>& bytes : stored) out.weight_bytes += bytes.size();
  out.arena_bytes = arena_bytes;
  out.arena_lower_bound = lower_bound;
  out.kernel_count = steps.size();
  out.operand_bytes = operand_bytes();
}

}  // namespace rlx
