// Copies of plugin tables: holes, short and long tables, missing slots.
#include "plugin/table.hpp"

#include "catch.hpp"
#include "plugin/abi_call.hpp"

using namespace rlx;
using namespace rlx::plugin;
using tests::contains_text;

namespace {

template <typename Slot>
struct Nothing;
template <typename Return, typename... Params>
struct Nothing<Return (*)(Params...)> {
  static Return call(Params...) { return Return(); }
};
template <typename Slot>
void fill(Slot& slot) {
  slot = Nothing<Slot>::call;
}

rlx_executable_table_v1 mandatory_only() {
  rlx_executable_table_v1 t{};
  t.struct_size = sizeof t;
  fill(t.compile);
  fill(t.set_param);
  fill(t.finalize);
  fill(t.release);
  fill(t.create_context);
  fill(t.release_context);
  fill(t.arena);
  fill(t.run);
  return t;
}

}  // namespace

TEST_CASE("holes of a table answer UNIMPLEMENTED and say who they are", "[table]") {
  const rlx_executable_table_v1 given = mandatory_only();
  const Checked<rlx_executable_table_v1> table = complete_executable_table(&given);
  REQUIRE(table);
  CHECK(table->run == given.run);
  const Status stats = call("stats", table->stats, nullptr, nullptr);
  REQUIRE_FALSE(stats);
  CHECK(stats.error().code == Code::kUnimplemented);
  CHECK(stats.error().message == "executable.stats is not implemented by this plugin");
  const Status submit = call("submit", table->submit, nullptr, nullptr, uint64_t{0}, nullptr);
  REQUIRE_FALSE(submit);
  CHECK(submit.error().message == "executable.submit is not implemented by this plugin");
}

TEST_CASE("slots beyond a table's size are holes", "[table]") {
  rlx_executable_table_v1 given = mandatory_only();
  fill(given.profile);
  fill(given.submit);
  given.struct_size = offsetof(rlx_executable_table_v1, submit) + 4;  // ends inside of a slot
  const Checked<rlx_executable_table_v1> table = complete_executable_table(&given);
  REQUIRE(table);
  CHECK(table->struct_size == sizeof(rlx_executable_table_v1));
  CHECK(table->profile != given.profile);
  CHECK_FALSE(call("submit", table->submit, nullptr, nullptr, uint64_t{0}, nullptr));
}

TEST_CASE("a table from a later minor is used up to what is known", "[table]") {
  struct {
    rlx_arena_table_v1 v1{};
    void* later = nullptr;
  } given;
  given.v1.struct_size = sizeof given;
  fill(given.v1.slot);
  fill(given.v1.write);
  fill(given.v1.read);
  const Checked<rlx_arena_table_v1> table = complete_arena_table(&given);
  REQUIRE(table);
  CHECK(table->struct_size == sizeof(rlx_arena_table_v1));
}

TEST_CASE("a table without a mandatory slot is refused and all such slots are named", "[table]") {
  rlx_device_table_v1 given{};
  given.struct_size = sizeof given;
  fill(given.info);
  const Checked<rlx_device_table_v1> table = complete_device_table(&given);
  REQUIRE_FALSE(table);
  CHECK(table.error().code == VerdictCode::kBadTable);
  CHECK_THAT(table.error().reason, contains_text("lacks device.enumerate, device.query"));
}

TEST_CASE("tables that are not there are refused", "[table]") {
  CHECK(complete_plugin_table(nullptr).error().code == VerdictCode::kBadTable);
  CHECK(complete_device_table(nullptr).error().code == VerdictCode::kBadTable);
  alignas(8) const unsigned char bytes[64]{};
  CHECK_THAT(complete_arena_table(bytes).error().reason, contains_text("struct_size 0"));
  CHECK_THAT(complete_arena_table(bytes + 1).error().reason, contains_text("misaligned"));
}

TEST_CASE("a transport needs its core and may lack the rest", "[table]") {
  rlx_transport_table_v1 given{};
  given.struct_size = sizeof given;
  CHECK_FALSE(complete_transport_table(&given));
  fill(given.attach);
  fill(given.detach);
  fill(given.heap);
  fill(given.put);
  fill(given.put_signal);
  fill(given.wait_signal);
  fill(given.fence);
  const Checked<rlx_transport_table_v1> table = complete_transport_table(&given);
  REQUIRE(table);
  CHECK_FALSE(call("barrier", table->barrier, nullptr, uint64_t{0}));
}
