// The tables of a partition: the ABI's functions over PartitionExecutable and PartitionContext.
#include "plugin/abi_call.hpp"
#include "plugin/table.hpp"
#include "runtime/capi.hpp"
#include "runtime/partition_parts.hpp"

#include <algorithm>

namespace rlx {
namespace {

using capi::edge;

PartitionExecutable& of(rlx_executable* e) {
  return *reinterpret_cast<PartitionExecutable*>(e);
}
PartitionContext& of(rlx_context* c) {
  return *reinterpret_cast<PartitionContext*>(c);
}
PartitionContext& of(rlx_arena* a) {
  return *reinterpret_cast<PartitionContext*>(a);
}

rlx_str text(const std::string& s) {
  return {s.data(), s.size()};
}

rlx_status* never(std::string_view what) {
  return edge([&]() -> Status { return error(Code::kUnimplemented, std::string(what) + ": this is a partition"); });
}

// ---- executable ----

rlx_status* compile(rlx_device*, const rlx_program*, const rlx_compile_options*, rlx_executable**) {
  return never("compile");
}
rlx_status* set_param(rlx_executable* e, rlx_str name, rlx_dtype dtype, const void* src, uint64_t bytes) {
  return edge([&] { return of(e).set_param({name.data, name.size}, dtype, src, bytes); });
}
rlx_status* finalize(rlx_executable* e) {
  return edge([&] { return of(e).finalize(); });
}
rlx_status* stats(rlx_executable* e, rlx_executable_stats* out) {
  return edge([&] { return of(e).stats(*out); });
}
void release(rlx_executable* e) {
  delete &of(e);
}

rlx_status* create_context(rlx_executable* e, const rlx_context_options* options, rlx_context** out) {
  return edge([&]() -> Status {
    RLX_ASSIGN(std::unique_ptr<PartitionContext> made,
               PartitionContext::create(of(e), {.threads = options ? options->threads : 0}));
    *out = reinterpret_cast<rlx_context*>(made.release());
    return {};
  });
}
void release_context(rlx_context* c) {
  delete &of(c);
}
rlx_arena* arena(rlx_context* c) {
  return reinterpret_cast<rlx_arena*>(c);
}
rlx_status* bind(rlx_context* c, uint32_t tensor, void* data, uint64_t) {
  return edge([&] { return of(c).bind(tensor, data); });
}
rlx_status* run(rlx_context* c) {
  return edge([&] { return of(c).run(); });
}
rlx_status* reset_state(rlx_context* c) {
  return edge([&] { return of(c).reset_state(); });
}
rlx_status* profile(rlx_context* c, uint64_t capacity, rlx_kernel_time* out, uint64_t* count) {
  return edge([&]() -> Status {
    std::vector<KernelTime>& times = of(c).times;
    RLX_ASSIGN(times, of(c).profile());
    *count = times.size();
    for (size_t i = 0; i < std::min<uint64_t>(capacity, times.size()); ++i)
      out[i] = {text(times[i].op), text(times[i].node), text(times[i].kernel), times[i].time_ns};
    return {};
  });
}

// ---- arena ----

rlx_status* slot(rlx_arena*, uint32_t tensor, rlx_slot*) {
  return edge([&]() -> Status {
    return error(Code::kNoSlot, "tensor " + std::to_string(tensor) + ": a partition has no arena of its own");
  });
}
rlx_status* write(rlx_arena* a, uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t bytes, uint64_t first) {
  return edge([&] { return of(a).write(tensor, dtype, src, bytes, first); });
}
rlx_status* read(rlx_arena* a, uint32_t tensor, rlx_dtype dtype, void* dst, uint64_t bytes, uint64_t first) {
  return edge([&] { return of(a).read(tensor, dtype, dst, bytes, first); });
}
rlx_status* copy_range(rlx_arena* a, uint32_t dst, uint64_t dst_offset, uint32_t src, uint64_t src_offset,
                       uint64_t bytes) {
  return edge([&] { return of(a).copy_range(dst, dst_offset, src, src_offset, bytes); });
}
rlx_status* copy_from(rlx_arena* a, rlx_arena* from, uint32_t tensor) {
  return edge([&] { return of(a).copy_from(of(from), tensor); });
}
rlx_status* arena_stats(rlx_arena* a, rlx_arena_stats* out) {
  return edge([&] { return of(a).stats(*out); });
}

// ---- device ----

rlx_status* enumerate(uint32_t, rlx_device**, uint32_t* count) {
  *count = 0;
  return nullptr;
}
// The handle is the first of the partition's devices, as DeviceImpl.
rlx_status* info(rlx_device* device, rlx_device_info* out) {
  const DeviceImpl& first = *reinterpret_cast<const DeviceImpl*>(device);
  return first.device_table.info(first.handle, out);
}
rlx_status* query(rlx_device*, const rlx_program*, rlx_node_support*, uint64_t) {
  return never("query");
}

constexpr rlx_device_table_v1 kDeviceTable{sizeof(rlx_device_table_v1), RLX_ABI_MINOR, enumerate, info, query};

// Without submit: the host runs the context on a thread of its own, from one segment to the next.
const rlx_executable_table_v1& executable_table() {
  static const rlx_executable_table_v1 given{
      sizeof given,    RLX_ABI_MINOR, compile, set_param, finalize, nullptr, stats,       release, create_context,
      release_context, arena,         bind,    run,       nullptr,  nullptr, reset_state, profile};
  static const rlx_executable_table_v1 table = *plugin::complete_executable_table(&given);
  return table;
}

const rlx_arena_table_v1& arena_table() {
  static const rlx_arena_table_v1 given{sizeof given, RLX_ABI_MINOR, slot,       write,     read,
                                        nullptr,      nullptr,       copy_range, copy_from, arena_stats};
  static const rlx_arena_table_v1 table = *plugin::complete_arena_table(&given);
  return table;
}

}  // namespace

Device partition_device(const std::vector<Device>& devices) {
  DeviceInfo info = devices.front().info();
  info.host_pointers = true;
  for (size_t i = 1; i < devices.size(); ++i) {
    info.id += "+" + devices[i].id();
    info.name += " + " + devices[i].info().name;
  }
  auto* first = const_cast<DeviceImpl*>(devices.front().impl().get());
  // The aliases' owner keeps the parts' devices alive, wherever they come from.
  struct Owned {
    std::vector<Device> devices;
    DeviceImpl impl;
  };
  auto owned = std::make_shared<const Owned>(
      Owned{devices,
            {kDeviceTable, executable_table(), arena_table(), reinterpret_cast<rlx_device*>(first), std::move(info)}});
  return Device(std::shared_ptr<const DeviceImpl>(owned, &owned->impl));
}

}  // namespace rlx
