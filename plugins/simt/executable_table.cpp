// The executable table: handles in, objects out, exceptions to statuses.
#include "context.hpp"
#include "host.hpp"
#include "tables.hpp"
#include "vendor.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::simt {

namespace {

Executable& of(rlx_executable* e) {
  return *reinterpret_cast<Executable*>(e);
}
Context& of(rlx_context* c) {
  return *reinterpret_cast<Context*>(c);
}

rlx_status* compile(rlx_device* device, const rlx_program* program, const rlx_compile_options* options,
                    rlx_executable** out_executable) {
  return sdk::guard(host(), [&] {
    const rlx_ext* chain = options ? options->next : nullptr;
    refuse_unknown(program->next, "compile");
    refuse_unknown(chain, "compile");
    *out_executable = reinterpret_cast<rlx_executable*>(
        new Executable(*reinterpret_cast<Device*>(device), *program, sdk::Progress(chain)));
  });
}

rlx_status* set_param(rlx_executable* executable, rlx_str name, rlx_dtype dtype, const void* src, uint64_t size_bytes) {
  return sdk::guard(host(), [&] { of(executable).set_param(sdk::view(name), dtype, src, size_bytes); });
}

rlx_status* finalize(rlx_executable* executable) {
  return sdk::guard(host(), [&] { of(executable).finalize(); });
}

rlx_status* set_param_range(rlx_executable* executable, rlx_str name, rlx_dtype dtype, const void* src,
                            uint64_t size_bytes, uint64_t first_elem) {
  return sdk::guard(host(),
                    [&] { of(executable).set_param_range(sdk::view(name), dtype, src, size_bytes, first_elem); });
}

rlx_status* stats(rlx_executable* executable, rlx_executable_stats* out_stats) {
  return sdk::guard(host(), [&] {
    rlx_executable_stats s{};
    s.struct_size = out_stats->struct_size;
    of(executable).stats(s);
    std::memcpy(out_stats, &s, std::min<size_t>(sizeof s, out_stats->struct_size));
  });
}

void release(rlx_executable* executable) {
  if (executable) of(executable).release();
}

rlx_status* create_context(rlx_executable* executable, const rlx_context_options* options, rlx_context** out_context) {
  return sdk::guard(host(), [&] {
    if (options) refuse_unknown(options->next, "create_context");
    *out_context = reinterpret_cast<rlx_context*>(new Context(of(executable)));
  });
}

void release_context(rlx_context* context) {
  if (context) delete &of(context);
}

rlx_arena* arena(rlx_context* context) {
  return reinterpret_cast<rlx_arena*>(context);
}

rlx_status* run(rlx_context* context) {
  return sdk::guard(host(), [&] { of(context).run(); });
}

rlx_status* reset_state(rlx_context* context) {
  return sdk::guard(host(), [&] { of(context).reset_state(); });
}

rlx_status* profile(rlx_context* context, uint64_t capacity, rlx_kernel_time* out_times, uint64_t* out_count) {
  return sdk::guard(host(), [&] { of(context).profile(capacity, out_times, out_count); });
}

rlx_status* query_interface(uint32_t iface, uint32_t max_version, const void** out_table, uint32_t* out_version) {
  return sdk::guard(host(), [&] {
    const void* table = nullptr;
    if (max_version >= 1) {
      if (iface == RLX_IFACE_DEVICE) table = &device_table();
      if (iface == RLX_IFACE_ARENA) table = &arena_table();
      if (iface == RLX_IFACE_EXECUTABLE) table = &executable_table();
    }
    if (!table)
      throw sdk::Error(RLX_NOT_FOUND, std::string(vendor().id) + ": no interface " + std::to_string(iface) +
                                          " in version " + std::to_string(max_version) + " or lower");
    *out_table = table;
    *out_version = 1;
  });
}

// Runs have ended when run returns, so that only what is kept for reuse is left to free.
rlx_status* shutdown(uint64_t) {
  return sdk::guard(host(), [&] {
    for (const auto& device : devices()) device->pool().trim(0);
  });
}

constexpr rlx_plugin_v1 kPlugin{sizeof(rlx_plugin_v1), RLX_ABI_MINOR, query_interface, shutdown};

}  // namespace

const rlx_executable_table_v1& executable_table() {
  // bind stays empty: the device has memory of its own. submit and wait, too: the host runs a context on a thread.
  static const rlx_executable_table_v1 table{sizeof table,    RLX_ABI_MINOR, compile, set_param,      finalize,
                                             set_param_range, stats,         release, create_context, release_context,
                                             arena,           nullptr,       run,     nullptr,        nullptr,
                                             reset_state,     profile};
  return table;
}

const rlx_plugin_v1* enter(const rlx_host_v1* host, uint32_t host_minor, uint32_t host_oldest_plugin_minor,
                           rlx_status** out_why) {
  if (host_minor < RLX_ABI_MINOR || host_oldest_plugin_minor > RLX_ABI_MINOR) {
    if (out_why)
      *out_why = sdk::make_status(*host, RLX_ABI_MISMATCH,
                                  std::string(vendor().id) + ": built for ABI minor " + std::to_string(RLX_ABI_MINOR) +
                                      ", the host has " + std::to_string(host_minor) + " and serves plugins from " +
                                      std::to_string(host_oldest_plugin_minor));
    return nullptr;
  }
  set_host(host);
  return &kPlugin;
}

}  // namespace rlx::simt
