// Running the segments of a partition, and the memory between them.
#include "plugin/abi_call.hpp"
#include "runtime/group_device.hpp"
#include "runtime/host_elements.hpp"
#include "runtime/partition_parts.hpp"

namespace rlx {
namespace {

MutableTensorView view_of(const Wire& wire, void* data) {
  return {wire.type, data, static_cast<size_t>(wire.type.bytes())};
}

tl::unexpected<Error> no_such(uint32_t tensor) {
  return error(Code::kNoSlot, "tensor " + std::to_string(tensor) + " of a partition is no input, output or state");
}

}  // namespace

Result<std::unique_ptr<PartitionContext>> PartitionContext::create(const PartitionExecutable& executable,
                                                                   const ContextOptions& options) {
  std::unique_ptr<PartitionContext> context(new PartitionContext(executable));
  const TensorType bytes{DType::kU8, {static_cast<int64_t>(executable.host_bytes)}};
  std::shared_ptr<std::byte> shared;
  for (size_t i = 0; i < executable.segments.size() && !shared; ++i)
    shared = allocate_in_group(executable.segments[i]->device, executable.host_bytes);
  RLX_ASSIGN(context->memory_, shared ? Tensor::adopt(bytes, shared) : Tensor::zeros(bytes.dtype, bytes.shape));
  for (size_t i = 0; i < executable.segments.size(); ++i) {
    auto made = ContextImpl::create(executable.segments[i], options);
    if (!made) return with_context(made.error(), executable.label(i));
    context->segments_.push_back(std::move(*made));
  }
  context->at_.resize(executable.wires.size());
  for (uint32_t w = 0; w < executable.wires.size(); ++w) RLX_TRY(context->attach(w, nullptr));
  return context;
}

Status PartitionContext::attach(uint32_t w, void* data) {
  const Wire& wire = executable_.wires[w];
  at_[w] = data ? static_cast<std::byte*>(data) : static_cast<std::byte*>(memory_.data()) + executable_.offsets[w];
  const MutableTensorView view = view_of(wire, at_[w]);
  if (wire.source.segment != kNoSegment) RLX_TRY(segments_[wire.source.segment]->bind_output(wire.source.index, view));
  for (const SegmentPort& sink : wire.sinks) RLX_TRY(segments_[sink.segment]->bind_input(sink.index, view));
  return {};
}

Status PartitionContext::fetch_states(uint32_t segment) {
  for (const PartitionExecutable::Fetch& f : executable_.fetches) {
    if (f.before != segment) continue;
    const ContextCore& home = *segments_[f.from.segment]->core;
    RLX_TRY(plugin::call("read_raw", home.plugin().arena_table.read_raw, home.arena, f.from.tensor,
                         static_cast<void*>(at_[f.wire]), static_cast<uint64_t>(executable_.wires[f.wire].type.bytes()),
                         uint64_t{0}));
  }
  return {};
}

Status PartitionContext::run() {
  for (uint32_t i = 0; i < segments_.size(); ++i) {
    Status done = fetch_states(i);
    if (done) done = segments_[i]->run();
    if (!done) return with_context(done.error(), executable_.label(i));
  }
  return {};
}

Result<std::vector<KernelTime>> PartitionContext::profile() {
  std::vector<KernelTime> all;
  for (uint32_t i = 0; i < segments_.size(); ++i) {
    RLX_TRY(fetch_states(i));
    auto kernels = segments_[i]->profile();
    if (!kernels) return with_context(kernels.error(), executable_.label(i));
    for (KernelTime& k : *kernels) {
      k.kernel = executable_.segments[i]->device.id() + " " + k.kernel;
      all.push_back(std::move(k));
    }
  }
  return all;
}

Status PartitionContext::bind(uint32_t tensor, void* data) {
  const auto wire = executable_.wire_of.find(tensor);
  if (wire == executable_.wire_of.end()) return no_such(tensor);
  return attach(wire->second, data);
}

Result<std::byte*> PartitionContext::range(uint32_t tensor, uint64_t offset, uint64_t bytes) const {
  const auto wire = executable_.wire_of.find(tensor);
  if (wire == executable_.wire_of.end()) return no_such(tensor);
  const auto limit = static_cast<uint64_t>(executable_.wires[wire->second].type.bytes());
  if (offset > limit || bytes > limit - offset)
    return error(Code::kOutOfRange, "tensor " + std::to_string(tensor) + ": " + std::to_string(bytes) + " bytes from " +
                                        std::to_string(offset) + " exceed its " + std::to_string(limit));
  return at_[wire->second] + offset;
}

Result<DType> PartitionContext::dtype_of(uint32_t tensor) const {
  const auto wire = executable_.wire_of.find(tensor);
  if (wire == executable_.wire_of.end()) return no_such(tensor);
  return executable_.wires[wire->second].type.dtype;
}

Status PartitionContext::write(uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t bytes, uint64_t first) {
  const auto state = executable_.state_of.find(tensor);
  if (state != executable_.state_of.end()) {
    const ContextCore& home = *segments_[state->second.segment]->core;
    return plugin::call("write", home.plugin().arena_table.write, home.arena, state->second.tensor, dtype, src, bytes,
                        first);
  }
  RLX_ASSIGN(const DType own, dtype_of(tensor));
  return write_elements(*this, tensor, own, static_cast<DType>(dtype), src, bytes, first);
}

Status PartitionContext::read(uint32_t tensor, rlx_dtype dtype, void* dst, uint64_t bytes, uint64_t first) {
  const auto state = executable_.state_of.find(tensor);
  if (state != executable_.state_of.end()) {
    const ContextCore& home = *segments_[state->second.segment]->core;
    return plugin::call("read", home.plugin().arena_table.read, home.arena, state->second.tensor, dtype, dst, bytes,
                        first);
  }
  RLX_ASSIGN(const DType own, dtype_of(tensor));
  return read_elements(*this, tensor, own, static_cast<DType>(dtype), dst, bytes, first);
}

Status PartitionContext::copy_range(uint32_t dst, uint64_t dst_offset, uint32_t src, uint64_t src_offset,
                                    uint64_t bytes) {
  return copy_bytes(*this, dst, dst_offset, src, src_offset, bytes);
}

Status PartitionContext::copy_from(PartitionContext& from, uint32_t tensor) {
  const auto state = executable_.state_of.find(tensor);
  if (state == executable_.state_of.end()) return no_such(tensor);
  const ContextCore& here = *segments_[state->second.segment]->core;
  const ContextCore& there = *from.segments_[state->second.segment]->core;
  return plugin::call("copy_from", here.plugin().arena_table.copy_from, here.arena, there.arena, state->second.tensor);
}

Status PartitionContext::reset_state() {
  for (uint32_t i = 0; i < segments_.size(); ++i) {
    if (executable_.segments[i]->states.size() == 0) continue;
    const ContextCore& core = *segments_[i]->core;
    const Status done = plugin::call("reset_state", core.plugin().executable_table.reset_state, core.handle);
    if (!done) return with_context(done.error(), executable_.label(i));
  }
  return {};
}

Status PartitionContext::stats(rlx_arena_stats& out) const {
  out.size = executable_.host_bytes;
  out.valid = RLX_ARENA_HAS_LOWER_BOUND;
  for (const std::unique_ptr<ContextImpl>& segment : segments_) {
    rlx_arena_stats s{};
    s.struct_size = sizeof s;
    const Status told = plugin::call("stats", segment->plugin().arena_table.stats, segment->core->arena, &s);
    if (!told && told.error().code != Code::kUnimplemented) return told;
    out.size += s.size;
    out.scratch += s.scratch;
    out.lower_bound += s.lower_bound;
  }
  return {};
}

}  // namespace rlx
