// The tables of a partition: the ABI's functions over PartitionExecutable and PartitionContext.
#include "plugin/abi_call.hpp"
#include "runtime/handle_calls.hpp"
#include "runtime/partition_parts.hpp"

#include <rlx/sdk/out_struct.hpp>

namespace rlx {
namespace {

using plugin::answer;
using Calls = HandleCalls<PartitionExecutable, PartitionContext>;

rlx_str text(const std::string& s) {
  return {s.data(), s.size()};
}

rlx_status* never(std::string_view what) {
  return answer([&]() -> Status { return error(Code::kUnimplemented, std::string(what) + ": this is a partition"); });
}

// ---- executable ----

rlx_status* compile(rlx_device*, const rlx_program*, const rlx_compile_options*, rlx_executable**) {
  return never("compile");
}
rlx_status* set_param(rlx_executable* e, rlx_str name, rlx_dtype dtype, const void* src, uint64_t bytes) {
  return answer([&] { return Calls::of(e).set_param({name.data, name.size}, dtype, src, bytes); });
}
rlx_status* stats(rlx_executable* e, rlx_executable_stats* out) {
  return answer([&] { return Calls::of(e).stats(*out); });
}

rlx_status* create_context(rlx_executable* e, const rlx_context_options* options, rlx_context** out) {
  return answer([&]() -> Status {
    RLX_ASSIGN(std::unique_ptr<PartitionContext> made,
               PartitionContext::create(Calls::of(e), {.threads = options ? options->threads : 0}));
    *out = reinterpret_cast<rlx_context*>(made.release());
    return {};
  });
}
rlx_status* bind(rlx_context* c, uint32_t tensor, void* data, uint64_t) {
  return answer([&] { return Calls::of(c).bind(tensor, data); });
}
rlx_status* reset_state(rlx_context* c) {
  return answer([&] { return Calls::of(c).reset_state(); });
}
rlx_status* profile(rlx_context* c, uint64_t capacity, uint64_t stride, rlx_kernel_time* out, uint64_t* count) {
  return answer([&]() -> Status {
    std::vector<KernelTime>& own = Calls::of(c).times;
    RLX_ASSIGN(own, Calls::of(c).profile());
    std::vector<rlx_kernel_time> times;
    for (const KernelTime& k : own)
      times.push_back({text(k.op), text(k.node), text(k.kernel), k.time_ns, k.operand_bytes});
    sdk::write_out(out, capacity, stride, count, times);
    return {};
  });
}

// ---- arena ----

rlx_status* slot(rlx_arena*, uint32_t tensor, rlx_slot*) {
  return answer([&]() -> Status {
    return error(Code::kNoSlot, "tensor " + std::to_string(tensor) + ": a partition has no arena of its own");
  });
}
rlx_status* write(rlx_arena* a, uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t bytes, uint64_t first) {
  return answer([&] { return Calls::of(a).write(tensor, dtype, src, bytes, first); });
}
rlx_status* read(rlx_arena* a, uint32_t tensor, rlx_dtype dtype, void* dst, uint64_t bytes, uint64_t first) {
  return answer([&] { return Calls::of(a).read(tensor, dtype, dst, bytes, first); });
}
rlx_status* copy_range(rlx_arena* a, uint32_t dst, uint64_t dst_offset, uint32_t src, uint64_t src_offset,
                       uint64_t bytes) {
  return answer([&] { return Calls::of(a).copy_range(dst, dst_offset, src, src_offset, bytes); });
}
rlx_status* copy_from(rlx_arena* a, rlx_arena* from, uint32_t tensor) {
  return answer([&] { return Calls::of(a).copy_from(Calls::of(from), tensor); });
}
rlx_status* arena_stats(rlx_arena* a, rlx_arena_stats* out) {
  return answer([&] { return Calls::of(a).stats(*out); });
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
    t.copy_range = copy_range;
    t.copy_from = copy_from;
    t.stats = arena_stats;
    return *plugin::complete_arena_table(&t);
  }();
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
