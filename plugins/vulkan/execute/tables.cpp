// The arena and the executable table, and what they need of a context: bytes move in the order of the queue, runs are
// points of the device's timeline.
#include "tables.hpp"
#include "device/platform.hpp"
#include "execute/context.hpp"

#include <rlx/sdk/arena_table.hpp>
#include <rlx/sdk/executable_table.hpp>

namespace rlx::vulkan {

namespace {

Executable* compile(rlx_device* device, const rlx_program& program, uint32_t, const sdk::Progress& progress) {
  return new Executable(device->open(), program, progress);
}

using Calls = sdk::ExecutableCalls<compile, Context>;

// Points of a device's timeline carry the device.
uint64_t timeline_of(const Context& c) {
  return reinterpret_cast<uint64_t>(&c.device());
}

rlx_status* submit(rlx_context* context, const rlx_point* waits, uint64_t wait_count, rlx_point* out_end) {
  return sdk::guard([&] {
    Context& c = Calls::of(context);
    // Earlier points of the same timeline: the queue runs in order.
    for (uint64_t i = 0; i < wait_count; ++i)
      if (waits[i].value != 0 && waits[i].timeline != timeline_of(c))
        throw sdk::Error(RLX_UNIMPLEMENTED,
                         "submit: wait point " + std::to_string(i) + " is of another device's timeline");
    *out_end = {timeline_of(c), c.submit()};
  });
}

rlx_status* wait(rlx_context* context, rlx_point point, uint64_t deadline_ns) {
  return sdk::guard([&] {
    Context& c = Calls::of(context);
    if (point.value != 0 && point.timeline != timeline_of(c))
      throw sdk::Error(RLX_INVALID_ARGUMENT, "wait: the point is of another device's timeline");
    c.wait(point.value, deadline_ns);
  });
}

}  // namespace

const rlx_arena_table_v1& arena_table() {
  static constexpr rlx_arena_table_v1 table = sdk::arena_table<Context>();
  return table;
}

const rlx_executable_table_v1& executable_table() {
  static constexpr rlx_executable_table_v1 table = [] {
    rlx_executable_table_v1 t = sdk::executable_table<compile, Context>();
    t.submit = submit;
    t.wait = wait;
    return t;
  }();
  return table;
}

}  // namespace rlx::vulkan
