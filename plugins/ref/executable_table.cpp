// The executable table: handles in, objects out, exceptions to statuses.
#include "context.hpp"
#include "tables.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::ref {

namespace {

Executable& of(rlx_executable* e) {
  return *reinterpret_cast<Executable*>(e);
}
Context& of(rlx_context* c) {
  return *reinterpret_cast<Context*>(c);
}

rlx_status* compile(rlx_device*, const rlx_program* program, const rlx_compile_options* options,
                    rlx_executable** out_executable) {
  return sdk::guard(host(), [&] {
    sdk::refuse_unknown(program->next, "compile");
    if (options) sdk::refuse_unknown(options->next, "compile");
    *out_executable = reinterpret_cast<rlx_executable*>(new Executable(*program));
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

rlx_status* bind(rlx_context* context, uint32_t tensor, void* data, uint64_t size_bytes) {
  return sdk::guard(host(), [&] { of(context).bind(tensor, data, size_bytes); });
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

}  // namespace

const rlx_executable_table_v1& executable_table() {
  // submit and wait stay empty: the host runs a context on a thread of its own.
  static const rlx_executable_table_v1 table{sizeof table,    RLX_ABI_MINOR, compile, set_param,      finalize,
                                             set_param_range, stats,         release, create_context, release_context,
                                             arena,           bind,          run,     nullptr,        nullptr,
                                             reset_state,     profile};
  return table;
}

}  // namespace rlx::ref
