// The tables of a process group: the ABI's functions over GroupExecutable and GroupContext.
#include "runtime/group_parts.hpp"
#include "runtime/handle_calls.hpp"
#include "runtime/host_elements.hpp"

#include <rlx/sdk/out_struct.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace rlx {
namespace {

using plugin::answer;
using Calls = HandleCalls<GroupExecutable, GroupContext>;

GroupDevice& of(rlx_device* d) {
  return *reinterpret_cast<GroupDevice*>(d);
}

// ---- device ----

rlx_status* enumerate(uint32_t, rlx_device**, uint32_t* count) {
  *count = 0;
  return nullptr;
}
rlx_status* info(rlx_device*, rlx_device_info* out) {
  rlx_device_info info{};
  info.struct_size = out->struct_size;
  info.kind = RLX_DEVICE_CPU;
  info.flags = RLX_DEVICE_HOST_POINTERS;
  info.numa_node = UINT32_MAX;
  std::memcpy(out, &info, std::min<size_t>(out->struct_size, sizeof info));
  return nullptr;
}
rlx_status* query(rlx_device* d, const rlx_program* program, rlx_node_support* out, uint64_t count) {
  return answer([&]() -> Status {
    const sdk::ProgramView view(*program);
    for (uint64_t i = 0; i < count; ++i) {
      const std::string reason = refusal_of(view.node(view.main(), i), *of(d).group);
      out[i].level = reason.empty() ? RLX_SUPPORT_NATIVE : RLX_SUPPORT_NO;
      if (!reason.empty()) out[i].reason = plugin::make_status(Error{Code::kUnimplemented, reason, {}, 0, {}, 0});
    }
    return {};
  });
}

// ---- executable ----

rlx_status* compile(rlx_device* d, const rlx_program* program, const rlx_compile_options*, rlx_executable** out) {
  return answer([&]() -> Status {
    *out = reinterpret_cast<rlx_executable*>(new GroupExecutable(of(d), *program));
    return {};
  });
}
rlx_status* set_param(rlx_executable* e, rlx_str name, rlx_dtype dtype, const void* src, uint64_t bytes) {
  return answer([&] { return Calls::of(e).set_param({name.data, name.size}, static_cast<DType>(dtype), src, bytes); });
}
rlx_status* stats(rlx_executable* e, rlx_executable_stats* out) {
  Calls::of(e).stats(*out);
  return nullptr;
}
rlx_status* create_context(rlx_executable* e, const rlx_context_options*, rlx_context** out) {
  return answer([&]() -> Status {
    RLX_ASSIGN(std::unique_ptr<GroupContext> made, GroupContext::create(Calls::of(e)));
    *out = reinterpret_cast<rlx_context*>(made.release());
    return {};
  });
}
rlx_status* bind(rlx_context* c, uint32_t tensor, void* data, uint64_t bytes) {
  return answer([&] { return Calls::of(c).bind(tensor, data, bytes); });
}
rlx_status* reset_state(rlx_context* c) {
  Calls::of(c).reset_state();
  return nullptr;
}
// Collectives wait for each other: the time of one means little, so the segment is one entry.
rlx_status* profile(rlx_context* c, uint64_t capacity, uint64_t stride, rlx_kernel_time* out, uint64_t* count) {
  return answer([&]() -> Status {
    const auto start = std::chrono::steady_clock::now();
    RLX_TRY(Calls::of(c).run());
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start);
    const GroupExecutable& executable = Calls::of(c).executable();
    const auto text = [](std::string_view s) { return rlx_str{s.data(), s.size()}; };
    std::vector<rlx_kernel_time> times;
    if (!executable.steps.empty())
      times.push_back({text(executable.steps[0].op), text(executable.steps[0].name), text("collectives"),
                       static_cast<uint64_t>(ns.count()), executable.operand_bytes()});
    sdk::write_out(out, capacity, stride, count, times);
    return {};
  });
}

// ---- arena ----

rlx_status* slot(rlx_arena* a, uint32_t tensor, rlx_slot* out) {
  return answer([&]() -> Status {
    RLX_TRY(Calls::of(a).range(tensor, 0, 0));
    const std::vector<GroupTensor>& tensors = Calls::of(a).executable().tensors;
    const GroupTensor& t = tensors[tensor];
    *out = {tensors[t.root].plan_offset + t.view_offset, t.bytes, static_cast<rlx_dtype>(t.dtype), 0};
    return {};
  });
}
Result<DType> dtype_of(rlx_arena* a, uint32_t tensor) {
  RLX_TRY(Calls::of(a).range(tensor, 0, 0));
  return Calls::of(a).executable().tensors[tensor].dtype;
}
rlx_status* write(rlx_arena* a, uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t bytes, uint64_t first) {
  return answer([&]() -> Status {
    RLX_ASSIGN(const DType own, dtype_of(a, tensor));
    return write_elements(Calls::of(a), tensor, own, static_cast<DType>(dtype), src, bytes, first);
  });
}
rlx_status* read(rlx_arena* a, uint32_t tensor, rlx_dtype dtype, void* dst, uint64_t bytes, uint64_t first) {
  return answer([&]() -> Status {
    RLX_ASSIGN(const DType own, dtype_of(a, tensor));
    return read_elements(Calls::of(a), tensor, own, static_cast<DType>(dtype), dst, bytes, first);
  });
}
rlx_status* write_raw(rlx_arena* a, uint32_t tensor, const void* src, uint64_t bytes, uint64_t offset) {
  return answer([&]() -> Status {
    RLX_ASSIGN(std::byte* const dst, Calls::of(a).range(tensor, offset, bytes));
    if (bytes) std::memcpy(dst, src, bytes);
    return {};
  });
}
rlx_status* read_raw(rlx_arena* a, uint32_t tensor, void* dst, uint64_t bytes, uint64_t offset) {
  return answer([&]() -> Status {
    RLX_ASSIGN(const std::byte* const src, Calls::of(a).range(tensor, offset, bytes));
    if (bytes) std::memcpy(dst, src, bytes);
    return {};
  });
}
rlx_status* copy_range(rlx_arena* a, uint32_t dst, uint64_t dst_offset, uint32_t src, uint64_t src_offset,
                       uint64_t bytes) {
  return answer([&] { return copy_bytes(Calls::of(a), dst, dst_offset, src, src_offset, bytes); });
}
rlx_status* copy_from(rlx_arena* a, rlx_arena* from, uint32_t tensor) {
  return answer([&]() -> Status {
    RLX_TRY(Calls::of(a).range(tensor, 0, 0));
    const uint64_t bytes = Calls::of(a).executable().tensors[tensor].bytes;
    RLX_ASSIGN(const std::byte* const src, Calls::of(from).range(tensor, 0, bytes));
    RLX_ASSIGN(std::byte* const dst, Calls::of(a).range(tensor, 0, bytes));
    if (bytes) std::memcpy(dst, src, bytes);
    return {};
  });
}
rlx_status* arena_stats(rlx_arena* a, rlx_arena_stats* out) {
  out->size = Calls::of(a).executable().arena_bytes;
  out->lower_bound = Calls::of(a).executable().lower_bound;
  out->valid = RLX_ARENA_HAS_LOWER_BOUND;
  return nullptr;
}

constexpr rlx_device_table_v1 kDeviceTable{sizeof(rlx_device_table_v1), RLX_ABI_MINOR, enumerate, info, query};

const rlx_executable_table_v1& executable_table() {
  static const rlx_executable_table_v1 table = [] {
    rlx_executable_table_v1 t = Calls::executable_table();
    t.compile = compile;
    t.set_param = set_param;
    t.stats = stats;
    t.create_context = create_context;
    t.bind = bind;
    t.reset_state = reset_state;
    t.profile = profile;
    return *plugin::complete_executable_table(&t);
  }();
  return table;
}

const rlx_arena_table_v1& arena_table() {
  static const rlx_arena_table_v1 table = [] {
    rlx_arena_table_v1 t = Calls::arena_table();
    t.slot = slot;
    t.write = write;
    t.read = read;
    t.write_raw = write_raw;
    t.read_raw = read_raw;
    t.copy_range = copy_range;
    t.copy_from = copy_from;
    t.stats = arena_stats;
    return *plugin::complete_arena_table(&t);
  }();
  return table;
}

}  // namespace

Device group_device(std::shared_ptr<ProcessGroup> group) {
  DeviceInfo info;
  info.id = "group";
  info.plugin = "group";
  info.host_pointers = true;
  info.name = "process group '" + group->heap().group() + "', rank " + std::to_string(group->rank()) + " of " +
              std::to_string(group->size());
  struct Owned {
    Owned(std::shared_ptr<ProcessGroup> g, DeviceInfo i)
        : device(std::move(g)),
          impl{kDeviceTable, executable_table(), arena_table(), reinterpret_cast<rlx_device*>(&device), std::move(i)} {}
    GroupDevice device;
    DeviceImpl impl;
  };
  const auto owned = std::make_shared<Owned>(std::move(group), std::move(info));
  return Device(std::shared_ptr<const DeviceImpl>(owned, &owned->impl));
}

std::shared_ptr<std::byte> allocate_in_group(const Device& device, uint64_t bytes) {
  const DeviceImpl& impl = *device.impl();
  if (&impl.device_table != &kDeviceTable) return nullptr;
  GroupDevice& group = of(impl.handle);
  const std::lock_guard lock(group.heap_mutex);
  Rank& heap = group.group->heap();
  const Result<uint64_t> offset = heap.allocate(bytes);
  if (!offset) return nullptr;
  auto* memory = static_cast<std::byte*>(heap.heap()) + *offset;
  std::memset(memory, 0, bytes);
  return {memory, [device, at = *offset](std::byte*) {
            GroupDevice& owner = of(device.impl()->handle);
            const std::lock_guard relock(owner.heap_mutex);
            (void)owner.group->heap().release(at);
          }};
}

}  // namespace rlx
