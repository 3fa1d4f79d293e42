// Recording and submitting runs; states.
#include "context.hpp"

#include "execute/profile.hpp"

#include <algorithm>
#include <new>

namespace rlx::vulkan {

using sdk::Error;

Context::Context(Executable& executable) : executable_(executable), commands_(executable.device(), 2) {
  const Arena& arena = executable.arena();
  for (size_t block = 0; block < arena.block_count(); ++block)
    memory_.emplace_back(device().pool(MemoryKind::kDevice), arena.block_bytes(block));
  mailbox_block_ = {device().pool(MemoryKind::kHost), sizeof(gpu::Mailbox)};
  mailbox_ = new (mailbox_block_.get().mapped()) gpu::Mailbox{};
  write_params();
  record(commands_.begin(0), nullptr);
  commands_.end(0);
  reset_state();
}

Context::~Context() {
  try {
    settle();
  } catch (const Error&) {
    // The device is lost: nothing is in flight any more.
  }
}

uint64_t Context::device_address(const Place& place) const {
  if (place.block != Place::kArena) return executable().weights(place.block).address() + place.offset;
  const Arena::Spot spot = executable().arena().locate(place.offset);
  return memory(spot.block).address() + spot.offset;
}

// As a linker does: each dispatch's parameters with the addresses that its references stand for.
void Context::write_params() {
  const Arena& arena = executable().arena();
  const Arena::Spot spot = arena.locate(arena.params);
  std::vector<std::byte> all(executable().params_bytes());
  size_t used = 0;
  for (const Dispatch& d : executable().dispatches()) {
    std::byte* params = all.data() + used;
    std::copy(d.params.begin(), d.params.end(), params);
    for (const Reference& r : d.references) {
      const uint64_t address = device_address(executable().place(r.tensor)) + r.offset;
      std::memcpy(params + r.field, &address, sizeof address);
    }
    params_.push_back(memory(spot.block).address() + spot.offset + used);
    used += align_up(d.params.size());
  }
  device().transfer().write(
      memory(spot.block), spot.offset, all.size(), 1,
      [&](std::byte* chunk, uint64_t first, uint64_t bytes) { std::memcpy(chunk, all.data() + first, bytes); });
}

void Context::record(VkCommandBuffer commands, Profile* profile) {
  const DeviceFunctions& vk = device().vk();
  Pipelines& pipelines = device().pipelines();
  VkPipeline bound = VK_NULL_HANDLE;
  if (profile) profile->mark(commands);
  for (size_t i = 0; i < executable().dispatches().size(); ++i) {
    const Dispatch& d = executable().dispatches()[i];
    // Times mean something only if dispatches do not overlap.
    if (executable().barriers()[i] || (profile && i > 0)) barrier(vk, commands, kShaderWrites, kShader);
    const VkPipeline pipeline = pipelines.get(d.pipeline);
    if (pipeline != bound) vk.vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    bound = pipeline;
    const gpu::Push push{{params_[i]}, {mailbox_block_.get().address()}, d.node, 0};
    vk.vkCmdPushConstants(commands, pipelines.layout(), VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof push, &push);
    vk.vkCmdDispatch(commands, d.groups.x, d.groups.y, d.groups.z);
    if (profile) profile->mark(commands);
  }
  // For the host, for copies, and for the next run.
  barrier(vk, commands, kShaderWrites, kEveryone);
}

uint64_t Context::start(VkCommandBuffer commands) {
  mailbox_->failed = 0;
  mailbox_->run = run_counter_;
  last_ = device().submit(commands);
  ++run_counter_;
  return last_;
}

uint64_t Context::submit() {
  settle();  // the mailbox of the run before
  return start(commands_[0]);
}

void Context::wait(uint64_t place, uint64_t deadline_ns) {
  device().wait(place, deadline_ns);
  check_mailbox();
}

// Earlier points of the same timeline: the queue runs in order.
rlx_point Context::submit(std::span<const rlx_point> waits) {
  for (size_t i = 0; i < waits.size(); ++i)
    if (waits[i].value != 0 && waits[i].timeline != timeline())
      throw Error(RLX_UNIMPLEMENTED, "submit: wait point " + std::to_string(i) + " is of another device's timeline");
  return {timeline(), submit()};
}

void Context::wait(rlx_point point, uint64_t deadline_ns) {
  if (point.value != 0 && point.timeline != timeline())
    throw Error(RLX_INVALID_ARGUMENT, "wait: the point is of another device's timeline");
  wait(point.value, deadline_ns);
}

void Context::check_mailbox() {
  if (!mailbox_->failed) return;
  throw Error(RLX_OUT_OF_RANGE, executable().nodes()[mailbox_->node].label + ": index " +
                                    std::to_string(mailbox_->value) + " out of range for size " +
                                    std::to_string(mailbox_->limit));
}

void Context::settle() {
  device().wait(last_);
}

std::vector<rlx_kernel_time> Context::profile() {
  const std::vector<Dispatch>& dispatches = executable().dispatches();
  settle();
  if (!profile_) {
    profile_ = std::make_unique<Profile>(device(), static_cast<uint32_t>(dispatches.size()));
    record(commands_.begin(1), profile_.get());
    commands_.end(1);
  }
  wait(start(commands_[1]), RLX_FOREVER);
  const std::vector<uint64_t> ns = profile_->times();
  std::vector<rlx_kernel_time> times;
  for (size_t i = 0; i < dispatches.size(); ++i) {
    const NodeInfo& node = executable().nodes()[dispatches[i].node];
    times.push_back({sdk::str(node.op), sdk::str(node.name), sdk::str(name_of(dispatches[i].pipeline.shader)), ns[i],
                     dispatches[i].operand_bytes()});
  }
  return times;
}

void Context::reset_state() {
  Transfer& transfer = device().transfer();
  for (uint32_t i = 0; i < executable().tensors().size(); ++i) {
    const rlx_tensor& t = executable().tensors()[i].desc;
    if (t.role != RLX_ROLE_STATE || t.view_of != RLX_NO_INDEX || t.size_bytes == 0) continue;
    const Place first = executable().first_value(i);
    const Arena::Spot spot = executable().arena().locate(executable().arena().tensors[i]);
    const Block& block = memory(spot.block);
    if (first.block == Place::kNowhere)
      note(transfer.clear(block, spot.offset, (t.size_bytes + 3) / 4 * 4));
    else
      note(transfer.copy(block, spot.offset, executable().weights(first.block), first.offset, t.size_bytes));
  }
}

uint64_t Context::offset_bytes(uint32_t tensor) const {
  const Place place = executable().place(tensor);
  if (place.block != Place::kArena)
    throw Error(RLX_NO_SLOT, executable().tensor(tensor).label() + " has no memory of its own in the arena");
  return place.offset;
}

void Context::copy(uint64_t to, uint64_t from, uint64_t bytes) {
  copy_from(*this, to, from, bytes);
}

void Context::copy_from(Context& other, uint64_t to, uint64_t from, uint64_t bytes) {
  const Arena::Spot there = executable().arena().locate(to), here = executable().arena().locate(from);
  const uint64_t place =
      device().transfer().copy(memory(there.block), there.offset, other.memory(here.block), here.offset, bytes);
  note(place);
  other.note(place);
}

void Context::stats(rlx_arena_stats& out) const {
  out.valid = RLX_ARENA_HAS_LOWER_BOUND;
  out.size = executable().arena().bytes();
  out.lower_bound = executable().arena_lower_bound();
  out.scratch = executable().scratch_bytes();
  sdk::describe(device().pool(MemoryKind::kDevice).stats(), out);
}

}  // namespace rlx::vulkan
