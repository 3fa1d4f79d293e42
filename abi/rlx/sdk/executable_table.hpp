// The executable table of a plugin whose handles are objects: handles in, method calls, exceptions to statuses.
//
// A rlx_executable is an Executable: set_param(name, dtype, src, bytes), set_param_range(..., first_elem), finalize(),
// finalized(), stats(rlx_executable_stats&), release(). These are called in the right order only: parameters before
// finalize, ranges and contexts after it. A rlx_context and its rlx_arena are a Context, made of an Executable& or of
// it and the thread count that was asked for: run(), reset_state(), profile(), which gives a std::vector of
// rlx_kernel_time. Where kernels work on the caller's memory it has bind(tensor, data, bytes); where a queue carries
// out runs, rlx_point submit(std::span<const rlx_point> waits) and wait(rlx_point, deadline_ns). Counted and Held
// (counted.hpp) keep an executable for as long as it has contexts.
#pragma once

#include <rlx/executable.h>
#include <rlx/sdk/access.hpp>
#include <rlx/sdk/entry.hpp>
#include <rlx/sdk/out_struct.hpp>
#include <rlx/sdk/precision.hpp>
#include <rlx/sdk/progress.hpp>

#include <span>
#include <type_traits>
#include <utility>

namespace rlx::sdk {

template <auto make, typename Context>
struct ExecutableCalls {
  // Plugins that can be less exact than f32 take a fifth argument: whether they may (precision.hpp).
  static constexpr bool kAsksForPrecision =
      std::is_invocable_v<decltype(make), rlx_device*, const rlx_program&, uint32_t, Progress, bool>;
  static auto* build(rlx_device* device, const rlx_program& program, uint32_t threads, const rlx_ext* chain) {
    if constexpr (kAsksForPrecision) {
      refuse_unknown(chain, "compile", {RLX_EXT_PROGRESS, RLX_EXT_PRECISION});
      return make(device, program, threads, Progress(chain), allows_tf32(chain));
    } else {
      refuse_unknown(chain, "compile", {RLX_EXT_PROGRESS});
      return make(device, program, threads, Progress(chain));
    }
  }
  using Executable = std::remove_pointer_t<decltype(build(nullptr, std::declval<const rlx_program&>(), 0u, nullptr))>;

  static Executable& of(rlx_executable* e) { return *reinterpret_cast<Executable*>(e); }
  static Context& of(rlx_context* c) { return *reinterpret_cast<Context*>(c); }

  static rlx_status* compile(rlx_device* device, const rlx_program* program, const rlx_compile_options* options,
                             rlx_executable** out_executable) {
    return guard([&] {
      refuse_unknown(program->next, "compile");
      *out_executable = reinterpret_cast<rlx_executable*>(
          build(device, *program, options ? options->threads : 0, options ? options->next : nullptr));
    });
  }
  static rlx_status* set_param(rlx_executable* e, rlx_str name, rlx_dtype dtype, const void* src, uint64_t size_bytes) {
    return guard([&] {
      if (of(e).finalized())
        throw Error(RLX_FAILED_PRECONDITION, param_label(view(name)) + ": the executable is finalized",
                    "use set_param_range");
      of(e).set_param(view(name), dtype, src, size_bytes);
    });
  }
  static rlx_status* set_param_range(rlx_executable* e, rlx_str name, rlx_dtype dtype, const void* src,
                                     uint64_t size_bytes, uint64_t first_elem) {
    return guard([&] {
      if (!of(e).finalized())
        throw Error(RLX_FAILED_PRECONDITION, param_label(view(name)) + ": the executable is not finalized",
                    "use set_param");
      of(e).set_param_range(view(name), dtype, src, size_bytes, first_elem);
    });
  }
  static rlx_status* finalize(rlx_executable* e) {
    return guard([&] {
      if (of(e).finalized()) throw Error(RLX_FAILED_PRECONDITION, "finalize: the executable is finalized already");
      of(e).finalize();
    });
  }
  static rlx_status* stats(rlx_executable* e, rlx_executable_stats* out_stats) {
    return guard([&] {
      rlx_executable_stats s{};
      of(e).stats(s);
      write_out(out_stats, s);
    });
  }
  static void release(rlx_executable* e) {
    if (e) of(e).release();
  }
  static rlx_status* create_context(rlx_executable* e, const rlx_context_options* options, rlx_context** out_context) {
    return guard([&] {
      if (options) refuse_unknown(options->next, "create_context");
      if (!of(e).finalized()) throw Error(RLX_FAILED_PRECONDITION, "create_context: the executable is not finalized");
      Context* made = nullptr;
      if constexpr (std::is_constructible_v<Context, Executable&, uint32_t>)
        made = new Context(of(e), options ? options->threads : 0);
      else
        made = new Context(of(e));
      *out_context = reinterpret_cast<rlx_context*>(made);
    });
  }
  static void release_context(rlx_context* c) {
    if (c) delete &of(c);
  }
  static rlx_arena* arena(rlx_context* c) { return reinterpret_cast<rlx_arena*>(c); }
  static rlx_status* bind(rlx_context* c, uint32_t tensor, void* data, uint64_t size_bytes) {
    return guard([&] { of(c).bind(tensor, data, size_bytes); });
  }
  static rlx_status* run(rlx_context* c) {
    return guard([&] { of(c).run(); });
  }
  static rlx_status* submit(rlx_context* c, const rlx_point* waits, uint64_t wait_count, rlx_point* out_end) {
    return guard([&] { *out_end = of(c).submit(std::span(waits, wait_count)); });
  }
  static rlx_status* wait(rlx_context* c, rlx_point point, uint64_t deadline_ns) {
    return guard([&] { of(c).wait(point, deadline_ns); });
  }
  static rlx_status* reset_state(rlx_context* c) {
    return guard([&] { of(c).reset_state(); });
  }
  static rlx_status* profile(rlx_context* c, uint64_t capacity, uint64_t stride, rlx_kernel_time* out_times,
                             uint64_t* out_count) {
    return guard([&] { write_out(out_times, capacity, stride, out_count, of(c).profile()); });
  }
};

// make(rlx_device*, const rlx_program&, uint32_t threads, Progress) gives a new Executable. What a Context does not
// have stays empty: without submit the host runs it on a thread of its own.
template <auto make, typename Context>
constexpr rlx_executable_table_v1 executable_table() {
  using Calls = ExecutableCalls<make, Context>;
  rlx_executable_table_v1 t{};
  t.struct_size = sizeof t;
  t.minor = RLX_ABI_MINOR;
  t.compile = Calls::compile;
  t.set_param = Calls::set_param;
  t.finalize = Calls::finalize;
  t.set_param_range = Calls::set_param_range;
  t.stats = Calls::stats;
  t.release = Calls::release;
  t.create_context = Calls::create_context;
  t.release_context = Calls::release_context;
  t.arena = Calls::arena;
  if constexpr (requires(Context & c) { c.bind(uint32_t{}, nullptr, uint64_t{}); }) t.bind = Calls::bind;
  t.run = Calls::run;
  if constexpr (requires(Context & c) { c.submit(std::span<const rlx_point>{}); }) {
    t.submit = Calls::submit;
    t.wait = Calls::wait;
  }
  t.reset_state = Calls::reset_state;
  t.profile = Calls::profile;
  return t;
}

}  // namespace rlx::sdk
