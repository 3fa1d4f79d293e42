// The arena and the executable table.
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

}  // namespace

const rlx_arena_table_v1& arena_table() {
  static constexpr rlx_arena_table_v1 table = sdk::arena_table<Context>();
  return table;
}

const rlx_executable_table_v1& executable_table() {
  static constexpr rlx_executable_table_v1 table = sdk::executable_table<compile, Context>();
  return table;
}

}  // namespace rlx::vulkan
