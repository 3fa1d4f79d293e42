// A whole plugin in one file: one device that can do one thing, y = −x for f32 tensors. docs/plugin-author.md explains
// each part. Build it with the C++ compiler and the headers in abi/; it links with nothing of RLX.
#include <rlx/sdk/access.hpp>
#include <rlx/sdk/convert.hpp>
#include <rlx/sdk/entry.hpp>
#include <rlx/sdk/note.hpp>
#include <rlx/sdk/out_struct.hpp>
#include <rlx/sdk/program_view.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

// 1. Who this is, readable without running code.
RLX_PLUGIN_NOTE("negate", "example", "0.1.0", RLX_KIND_DEVICE);

using namespace rlx::sdk;

// 2. What the plugin keeps. The ABI only knows pointers to these; their contents are our own business.
struct Slot {
  bool is_ours;  // has a place in the arena
  uint64_t offset, size_bytes, elements;
  rlx_dtype dtype;
};
struct Compiled {
  std::vector<Slot> slots;                            // by tensor
  std::vector<std::pair<uint32_t, uint32_t>> negate;  // from tensor, to tensor: one per node
  uint64_t arena_bytes = 0;
};
struct rlx_device {};
struct rlx_executable {
  std::shared_ptr<const Compiled> compiled;
};
struct rlx_arena {
  std::shared_ptr<const Compiled> compiled;  // lives as long as the last context
  std::vector<std::byte> memory;
};
struct rlx_context : rlx_arena {};

namespace {

rlx_device the_device;

// 3. What the device can do. query and compile both ask here, so that they never disagree.
std::string why_not(const NodeView& node) {
  if (node.op() != "unary" || node.s("kind") != "neg") return std::string(node.op()) + ": only unary neg is here";
  if (node.in(0).dtype != RLX_DTYPE_F32) return "neg: only f32, not " + std::string(dtype_name(node.in(0).dtype));
  const rlx_tensor& x = node.in(0);
  const rlx_tensor& owner = x.view_of == RLX_NO_INDEX ? x : node.program().tensor(x.view_of);
  if (owner.role != RLX_ROLE_INPUT && owner.role != RLX_ROLE_TEMPORARY) return "neg: x is a parameter or a state";
  return {};
}

// 4. The device table.
rlx_status* enumerate(uint32_t capacity, rlx_device** out_devices, uint32_t* out_count) {
  if (capacity > 0) out_devices[0] = &the_device;
  *out_count = 1;
  return nullptr;
}

rlx_status* info(rlx_device*, rlx_device_info* out_info) {
  rlx_device_info i{};
  i.kind = RLX_DEVICE_CPU;
  i.flags = RLX_DEVICE_SOFTWARE;
  i.score = 1;
  i.name = str("negator");
  write_out(out_info, i);
  return nullptr;
}

rlx_status* query(rlx_device*, const rlx_program* program, rlx_node_support* out_support, uint64_t support_count) {
  return guard([&] {
    const ProgramView view(*program);
    for (uint64_t i = 0; i < std::min(support_count, view.main().node_count); ++i) {
      const std::string reason = why_not(view.node(view.main(), i));
      out_support[i].level = reason.empty() ? RLX_SUPPORT_NATIVE : RLX_SUPPORT_NO;
      if (!reason.empty()) out_support[i].reason = make_status(host(), RLX_UNIMPLEMENTED, reason);
    }
  });
}

// 5. The executable table. The program is gone when compile returns: copy what runs need.
rlx_status* compile(rlx_device*, const rlx_program* program, const rlx_compile_options*, rlx_executable** out) {
  return guard([&] {
    const ProgramView view(*program);
    auto compiled = std::make_shared<Compiled>();
    compiled->arena_bytes = program->arena_bytes;  // the host's default plan is good enough here
    for (uint64_t i = 0; i < view.tensor_count(); ++i) {
      const rlx_tensor& t = view.tensor(i);
      const rlx_tensor& owner = t.view_of == RLX_NO_INDEX ? t : view.tensor(t.view_of);
      const uint64_t start = t.view_of == RLX_NO_INDEX ? 0 : t.view_offset;
      const bool is_ours = owner.plan_offset != RLX_NO_OFFSET;
      compiled->slots.push_back({is_ours, is_ours ? owner.plan_offset + start : 0, t.size_bytes, elements(t), t.dtype});
    }
    for (uint64_t i = 0; i < view.main().node_count; ++i) {
      const NodeView node = view.node(view.main(), i);
      if (const std::string reason = why_not(node); !reason.empty()) throw Error(RLX_UNIMPLEMENTED, reason);
      compiled->negate.emplace_back(node.input(0), node.output(0));
    }
    *out = new rlx_executable{std::move(compiled)};
  });
}

rlx_status* set_param(rlx_executable*, rlx_str name, rlx_dtype, const void*, uint64_t) {
  return guard([&] { throw Error(RLX_NOT_FOUND, "no parameter '" + std::string(view(name)) + "'"); });
}
rlx_status* finalize(rlx_executable*) {
  return nullptr;
}
void release(rlx_executable* executable) {
  delete executable;
}

rlx_status* create_context(rlx_executable* executable, const rlx_context_options*, rlx_context** out) {
  return guard([&] {
    const auto& compiled = executable->compiled;
    *out = new rlx_context{{compiled, std::vector<std::byte>(compiled->arena_bytes)}};
  });
}
void release_context(rlx_context* context) {
  delete context;
}
rlx_arena* arena(rlx_context* context) {
  return context;
}

rlx_status* run(rlx_context* c) {
  for (const auto& [from, to] : c->compiled->negate) {
    const Slot &x = c->compiled->slots[from], &y = c->compiled->slots[to];
    for (uint64_t i = 0; i < y.elements; ++i) {
      float value;
      std::memcpy(&value, c->memory.data() + x.offset + i * sizeof value, sizeof value);
      value = -value;
      std::memcpy(c->memory.data() + y.offset + i * sizeof value, &value, sizeof value);
    }
  }
  return nullptr;
}

// 6. The arena table: how the host reaches a context's tensors.
const Slot& checked_slot(rlx_arena* a, uint32_t tensor) {
  if (tensor >= a->compiled->slots.size()) throw Error(RLX_OUT_OF_RANGE, "no tensor " + std::to_string(tensor));
  const Slot& s = a->compiled->slots[tensor];
  if (!s.is_ours) throw Error(RLX_NO_SLOT, "tensor " + std::to_string(tensor) + " is not in the arena");
  return s;
}

// The elements that size_bytes of a dtype stand for, checked by the rules that all plugins share.
struct Range {
  std::byte* start;
  uint64_t count;
};
Range checked_range(rlx_arena* a, const Slot& s, rlx_dtype dtype, uint64_t size_bytes, uint64_t first) {
  const uint64_t count = whole_elements("tensor", dtype, size_bytes);
  check_range("tensor", first, count, s.elements, "elements");
  return {a->memory.data() + s.offset + first * dtype_size(s.dtype), count};
}

rlx_status* slot(rlx_arena* a, uint32_t tensor, rlx_slot* out) {
  return guard([&] {
    const Slot& s = checked_slot(a, tensor);
    *out = {s.offset, s.size_bytes, s.dtype, 0};
  });
}

rlx_status* write(rlx_arena* a, uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                  uint64_t first_elem) {
  return guard([&] {
    const Slot& s = checked_slot(a, tensor);
    const Range to = checked_range(a, s, dtype, size_bytes, first_elem);
    convert(dtype, src, s.dtype, to.start, to.count);
  });
}

rlx_status* read(rlx_arena* a, uint32_t tensor, rlx_dtype dtype, void* dst, uint64_t size_bytes, uint64_t first_elem) {
  return guard([&] {
    const Slot& s = checked_slot(a, tensor);
    const Range from = checked_range(a, s, dtype, size_bytes, first_elem);
    convert(s.dtype, from.start, dtype, dst, from.count);
  });
}

// 7. The tables by interface. Slots that stay NULL answer UNIMPLEMENTED.
const rlx_device_table_v1 kDevice{
    .struct_size = sizeof kDevice, .minor = RLX_ABI_MINOR, .enumerate = enumerate, .info = info, .query = query};
const rlx_executable_table_v1 kExecutable{.struct_size = sizeof kExecutable,
                                          .minor = RLX_ABI_MINOR,
                                          .compile = compile,
                                          .set_param = set_param,
                                          .finalize = finalize,
                                          .release = release,
                                          .create_context = create_context,
                                          .release_context = release_context,
                                          .arena = arena,
                                          .run = run};
const rlx_arena_table_v1 kArena{
    .struct_size = sizeof kArena, .minor = RLX_ABI_MINOR, .slot = slot, .write = write, .read = read};

rlx_status* query_interface(uint32_t iface, uint32_t max_version, const void** out_table, uint32_t* out_version) {
  return offer("negate",
               {{RLX_IFACE_DEVICE, &kDevice}, {RLX_IFACE_EXECUTABLE, &kExecutable}, {RLX_IFACE_ARENA, &kArena}}, iface,
               max_version, out_table, out_version);
}

const rlx_plugin_v1 kPlugin{sizeof kPlugin, RLX_ABI_MINOR, query_interface, nullptr};

}  // namespace

// 8. The one exported function.
RLX_PLUGIN_EXPORT("negate", kPlugin)
