// The memory of a segment of collectives, and its run.
#include "runtime/group_parts.hpp"
#include "status/format.hpp"

#include <algorithm>
#include <cstring>

namespace rlx {

Result<std::unique_ptr<GroupContext>> GroupContext::create(const GroupExecutable& executable) {
  std::unique_ptr<GroupContext> context(new GroupContext(executable));
  const uint64_t bytes = std::max<uint64_t>(1, executable.arena_bytes);
  RLX_ASSIGN(Tensor memory, Tensor::zeros(DType::kU8, {static_cast<int64_t>(bytes)}));
  auto owner = std::make_shared<Tensor>(std::move(memory));
  context->arena_ = {owner, static_cast<std::byte*>(owner->data())};
  context->bound_.resize(executable.tensors.size());
  context->at_.resize(executable.tensors.size());
  context->resolve();
  context->reset_state();
  return context;
}

void GroupContext::resolve() {
  for (uint32_t i = 0; i < at_.size(); ++i) {
    const GroupTensor& t = executable_.tensors[i];
    const GroupTensor& root = executable_.tensors[t.root];
    std::byte* start = bound_[t.root];
    // Nothing writes to parameters and constants.
    if (!start && (root.role == RLX_ROLE_PARAM || root.role == RLX_ROLE_CONSTANT))
      start = const_cast<std::byte*>(executable_.stored[t.root].data());
    if (!start && root.plan_offset != RLX_NO_OFFSET) start = arena_.get() + root.plan_offset;
    at_[i] = start ? start + t.view_offset : nullptr;
  }
}

Status GroupContext::run() {
  std::atomic<bool>& busy = executable_.device.busy;
  if (busy.exchange(true, std::memory_order_acquire))
    return fail(Code::kBusy, "process group '{}' is at work in another run", executable_.device.group->heap().group());
  Status status;
  for (const GroupStep& step : executable_.steps) {
    status = run(step);
    if (status) continue;
    if (!step.name.empty()) status = with_context(status.error(), "'" + step.name + "'");
    break;
  }
  busy.store(false, std::memory_order_release);
  return status;
}

Status GroupContext::run(const GroupStep& step) {
  using Kind = GroupStep::Kind;
  ProcessGroup& group = *executable_.device.group;
  const GroupTensor &in = executable_.tensors[step.src], &out = executable_.tensors[step.dst];
  std::byte *src = at_[step.src], *dst = at_[step.dst];
  switch (step.kind) {
    case Kind::kAllReduce:
      return group.all_reduce(step.reduction, in.dtype, src, dst, in.elements());
    case Kind::kAllGather:
      return group.all_gather(src, in.bytes, dst);
    case Kind::kReduceScatter:
      return group.reduce_scatter(step.reduction, in.dtype, src, dst, out.elements());
    case Kind::kAllToAll:
      return group.all_to_all(src, dst, in.bytes / group.size());
    case Kind::kBroadcast:
      if (group.rank() == step.root && in.bytes && src != dst) std::memcpy(dst, src, in.bytes);
      return group.broadcast(dst, in.bytes, step.root);
    case Kind::kCopy:
      if (in.bytes && src != dst) std::memcpy(dst, src, in.bytes);
      return {};
  }
  return {};
}

Status GroupContext::bind(uint32_t tensor, void* data, uint64_t bytes) {
  if (tensor >= at_.size() || !executable_.tensors[tensor].is_public)
    return fail(Code::kInvalidArgument, "bind: tensor {} is no input or output", tensor);
  const GroupTensor& t = executable_.tensors[tensor];
  if (data && bytes != t.bytes)
    return fail(Code::kInvalidArgument, "bind: '{}' has {} bytes, got {}", t.name, t.bytes, bytes);
  bound_[tensor] = static_cast<std::byte*>(data);
  resolve();
  return {};
}

void GroupContext::reset_state() {
  for (uint32_t i = 0; i < at_.size(); ++i) {
    const GroupTensor& t = executable_.tensors[i];
    if (t.role != RLX_ROLE_STATE || t.root != i || !at_[i] || t.bytes == 0) continue;
    if (executable_.stored[i].empty())
      std::memset(at_[i], 0, t.bytes);
    else
      std::memcpy(at_[i], executable_.stored[i].data(), t.bytes);
  }
}

Result<std::byte*> GroupContext::range(uint32_t tensor, uint64_t offset, uint64_t bytes) const {
  if (tensor >= at_.size())
    return fail(Code::kOutOfRange, "tensor {} out of range for a program of {}", tensor, at_.size());
  const GroupTensor& t = executable_.tensors[tensor];
  if (!at_[tensor] || executable_.tensors[t.root].plan_offset == RLX_NO_OFFSET)
    return fail(Code::kNoSlot, "tensor {} has no memory of its own in the arena", tensor);
  if (offset > t.bytes || bytes > t.bytes - offset)
    return fail(Code::kOutOfRange, "tensor {}: {} bytes from {} exceed its {}", tensor, bytes, offset, t.bytes);
  return at_[tensor] + offset;
}

}  // namespace rlx
