// Copies tables and fills their holes; one line per slot says whether it may be absent.
#include "plugin/table.hpp"

#include "plugin/status.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cstring>

namespace rlx::plugin {

namespace {

// A string as a template argument: each stub is a function of its own that knows its name.
template <size_t kSize>
struct SlotName {
  constexpr SlotName(const char (&name)[kSize]) { std::copy_n(name, kSize, text); }  // NOLINT: literals convert
  char text[kSize]{};
};

rlx_status* unimplemented(std::string_view slot) noexcept {
  constexpr std::string_view kRest = " is not implemented by this plugin";
  // No std::string: this must not throw into the caller either.
  char message[128];
  const size_t length = std::min(slot.size(), sizeof message - kRest.size());
  std::memcpy(message, slot.data(), length);
  std::memcpy(message + length, kRest.data(), kRest.size());
  rlx_status_desc desc{};
  desc.struct_size = sizeof desc;
  desc.code = RLX_UNIMPLEMENTED;
  desc.message = {message, length + kRest.size()};
  return make_status(desc);
}

template <typename Table>
class Completer {
 public:
  Completer(std::string_view name, const void* source) : name_(name) {
    if (!source) {
      fail("is NULL");
    } else if (reinterpret_cast<uintptr_t>(source) % alignof(Table) != 0) {
      fail("is misaligned");
    } else {
      copy(source);
    }
  }

  Table& table() { return table_; }

  template <SlotName kName, typename Slot>
  void mandatory(Slot slot) {
    if (!slot) missing_ += (missing_.empty() ? "" : ", ") + std::string(kName.text);
  }

  template <SlotName kName, typename... Params>
  void optional(rlx_status* (*&slot)(Params...)) {
    if (!slot) slot = [](Params...) -> rlx_status* { return unimplemented(kName.text); };
  }

  Checked<Table> result() {
    if (failure_.empty() && !missing_.empty()) fail("lacks " + missing_);
    if (!failure_.empty()) return refuse(VerdictCode::kBadTable, failure_, "report this to the plugin's author");
    return table_;
  }

 private:
  void copy(const void* source) {
    uint32_t size = 0;
    std::memcpy(&size, source, sizeof size);
    if (size < 2 * sizeof(uint32_t)) return fail(fmt::format("has struct_size {}", size));
    // A table that ends inside of a slot would leave half a pointer.
    const size_t whole = std::min<size_t>(size, sizeof table_) / sizeof(void*) * sizeof(void*);
    std::memcpy(&table_, source, whole);
    table_.struct_size = sizeof table_;
  }

  void fail(std::string what) { failure_ = fmt::format("table: {} table {}", name_, what); }

  std::string_view name_;
  Table table_{};
  std::string failure_, missing_;
};

}  // namespace

Checked<rlx_plugin_v1> complete_plugin_table(const rlx_plugin_v1* source) {
  Completer<rlx_plugin_v1> c("plugin", source);
  c.mandatory<"plugin.query_interface">(c.table().query_interface);
  c.optional<"plugin.shutdown">(c.table().shutdown);
  return c.result();
}

Checked<rlx_device_table_v1> complete_device_table(const void* source) {
  Completer<rlx_device_table_v1> c("device", source);
  c.mandatory<"device.enumerate">(c.table().enumerate);
  c.mandatory<"device.info">(c.table().info);
  c.mandatory<"device.query">(c.table().query);
  return c.result();
}

Checked<rlx_executable_table_v1> complete_executable_table(const void* source) {
  Completer<rlx_executable_table_v1> c("executable", source);
  rlx_executable_table_v1& t = c.table();
  c.mandatory<"executable.compile">(t.compile);
  c.mandatory<"executable.set_param">(t.set_param);
  c.mandatory<"executable.finalize">(t.finalize);
  c.optional<"executable.set_param_range">(t.set_param_range);
  c.optional<"executable.stats">(t.stats);
  c.mandatory<"executable.release">(t.release);
  c.mandatory<"executable.create_context">(t.create_context);
  c.mandatory<"executable.release_context">(t.release_context);
  c.mandatory<"executable.arena">(t.arena);
  c.optional<"executable.bind">(t.bind);
  c.mandatory<"executable.run">(t.run);
  c.optional<"executable.submit">(t.submit);
  c.optional<"executable.wait">(t.wait);
  c.optional<"executable.reset_state">(t.reset_state);
  c.optional<"executable.profile">(t.profile);
  return c.result();
}

Checked<rlx_arena_table_v1> complete_arena_table(const void* source) {
  Completer<rlx_arena_table_v1> c("arena", source);
  rlx_arena_table_v1& t = c.table();
  c.mandatory<"arena.slot">(t.slot);
  c.mandatory<"arena.write">(t.write);
  c.mandatory<"arena.read">(t.read);
  c.optional<"arena.write_raw">(t.write_raw);
  c.optional<"arena.read_raw">(t.read_raw);
  c.optional<"arena.copy_range">(t.copy_range);
  c.optional<"arena.copy_from">(t.copy_from);
  c.optional<"arena.stats">(t.stats);
  return c.result();
}

Checked<rlx_transport_table_v1> complete_transport_table(const void* source) {
  Completer<rlx_transport_table_v1> c("transport", source);
  rlx_transport_table_v1& t = c.table();
  c.mandatory<"transport.attach">(t.attach);
  c.mandatory<"transport.detach">(t.detach);
  c.optional<"transport.destroy">(t.destroy);
  c.mandatory<"transport.heap">(t.heap);
  c.optional<"transport.link">(t.link);
  c.optional<"transport.map">(t.map);
  c.mandatory<"transport.put">(t.put);
  c.optional<"transport.get">(t.get);
  c.optional<"transport.put_strided">(t.put_strided);
  c.optional<"transport.get_strided">(t.get_strided);
  c.mandatory<"transport.put_signal">(t.put_signal);
  c.mandatory<"transport.wait_signal">(t.wait_signal);
  c.optional<"transport.atomic_add">(t.atomic_add);
  c.mandatory<"transport.fence">(t.fence);
  c.optional<"transport.quiet">(t.quiet);
  c.optional<"transport.barrier">(t.barrier);
  c.optional<"transport.put_async">(t.put_async);
  c.optional<"transport.get_async">(t.get_async);
  c.optional<"transport.wait_point">(t.wait_point);
  c.optional<"transport.register_region">(t.register_region);
  c.optional<"transport.put_region">(t.put_region);
  c.optional<"transport.get_region">(t.get_region);
  c.optional<"transport.fail">(t.fail);
  c.optional<"transport.collective">(t.collective);
  // Whoever gives regions takes them back.
  if (!t.release_region) t.release_region = [](rlx_rank*, rlx_rank_memory*) {};
  return c.result();
}

}  // namespace rlx::plugin
