// The executable table: handles in, objects out, exceptions to statuses.
#include "device/platform.hpp"
#include "execute/context.hpp"
#include "host.hpp"
#include "tables.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::vulkan {

namespace {

using sdk::Error;

Executable& of(rlx_executable* e) {
  return *reinterpret_cast<Executable*>(e);
}
Context& of(rlx_context* c) {
  return *reinterpret_cast<Context*>(c);
}

// Points of a device's timeline carry the device.
uint64_t timeline_of(const Context& c) {
  return reinterpret_cast<uint64_t>(&c.device());
}

rlx_status* compile(rlx_device* device, const rlx_program* program, const rlx_compile_options* options,
                    rlx_executable** out_executable) {
  return sdk::guard(host(), [&] {
    const rlx_ext* chain = options ? options->next : nullptr;
    sdk::refuse_unknown(program->next, "compile");
    sdk::refuse_unknown(chain, "compile", RLX_EXT_PROGRESS);
    *out_executable = reinterpret_cast<rlx_executable*>(new Executable(device->open(), *program, sdk::Progress(chain)));
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
    if (options) sdk::refuse_unknown(options->next, "create_context");
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
  return sdk::guard(host(), [&] { of(context).wait(of(context).submit(), RLX_FOREVER); });
}

rlx_status* submit(rlx_context* context, const rlx_point* waits, uint64_t wait_count, rlx_point* out_end) {
  return sdk::guard(host(), [&] {
    // Earlier points of the same timeline: the queue runs in order.
    for (uint64_t i = 0; i < wait_count; ++i)
      if (waits[i].value != 0 && waits[i].timeline != timeline_of(of(context)))
        throw Error(RLX_UNIMPLEMENTED, "submit: wait point " + std::to_string(i) + " is of another device's timeline");
    *out_end = {timeline_of(of(context)), of(context).submit()};
  });
}

rlx_status* wait(rlx_context* context, rlx_point point, uint64_t deadline_ns) {
  return sdk::guard(host(), [&] {
    if (point.value != 0 && point.timeline != timeline_of(of(context)))
      throw Error(RLX_INVALID_ARGUMENT, "wait: the point is of another device's timeline");
    of(context).wait(point.value, deadline_ns);
  });
}

rlx_status* reset_state(rlx_context* context) {
  return sdk::guard(host(), [&] { of(context).reset_state(); });
}

rlx_status* profile(rlx_context* context, uint64_t capacity, rlx_kernel_time* out_times, uint64_t* out_count) {
  return sdk::guard(host(), [&] { of(context).profile(capacity, out_times, out_count); });
}

}  // namespace

const rlx_executable_table_v1& executable_table() {
  // bind stays empty: kernels run on device memory.
  static const rlx_executable_table_v1 table{sizeof table,    RLX_ABI_MINOR, compile, set_param,      finalize,
                                             set_param_range, stats,         release, create_context, release_context,
                                             arena,           nullptr,       run,     submit,         wait,
                                             reset_state,     profile};
  return table;
}

}  // namespace rlx::vulkan
