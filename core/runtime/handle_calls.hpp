// The slots of the ABI's tables that are alike for everything the host itself executes: a partition, a group. An
// executable and a context are objects behind the handles, an arena is its context.
#pragma once

#include "plugin/answer.hpp"
#include "plugin/table.hpp"

namespace rlx {

template <typename Executable, typename Context>
struct HandleCalls {
  static Executable& of(rlx_executable* e) { return *reinterpret_cast<Executable*>(e); }
  static Context& of(rlx_context* c) { return *reinterpret_cast<Context*>(c); }
  static Context& of(rlx_arena* a) { return *reinterpret_cast<Context*>(a); }

  static rlx_status* finalize(rlx_executable* e) {
    return plugin::answer([&] { return of(e).finalize(); });
  }
  static void release(rlx_executable* e) { delete &of(e); }
  static void release_context(rlx_context* c) { delete &of(c); }
  static rlx_arena* arena(rlx_context* c) { return reinterpret_cast<rlx_arena*>(c); }
  static rlx_status* run(rlx_context* c) {
    return plugin::answer([&] { return of(c).run(); });
  }

  // To be filled: the other slots. Without submit the host runs the context on a thread of its own.
  static rlx_executable_table_v1 executable_table() {
    rlx_executable_table_v1 t{};
    t.struct_size = sizeof t;
    t.minor = RLX_ABI_MINOR;
    t.finalize = finalize;
    t.release = release;
    t.release_context = release_context;
    t.arena = arena;
    t.run = run;
    return t;
  }
  static rlx_arena_table_v1 arena_table() {
    rlx_arena_table_v1 t{};
    t.struct_size = sizeof t;
    t.minor = RLX_ABI_MINOR;
    return t;
  }
};

}  // namespace rlx
