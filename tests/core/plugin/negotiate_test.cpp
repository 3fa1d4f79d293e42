// Two-number negotiation, for a made-up host that is not at its first minor.
#include "plugin/negotiate.hpp"

#include "catch.hpp"

using namespace rlx;
using namespace rlx::plugin;
using tests::contains_text;

namespace {

rlx_note_v1 plugin_of(uint32_t major, uint32_t built, uint32_t min_host) {
  rlx_note_v1 note{};
  note.abi_major = major;
  note.abi_minor_built = built;
  note.abi_minor_min_host = min_host;
  return note;
}

constexpr HostVersion kHost{1, 5, 2};

}  // namespace

TEST_CASE("both sides speak the smaller minor", "[negotiate]") {
  CHECK(*negotiate(plugin_of(1, 3, 1), kHost) == 3);
  CHECK(*negotiate(plugin_of(1, 5, 5), kHost) == 5);
  CHECK(*negotiate(plugin_of(1, 9, 0), kHost) == 5);
  CHECK(*negotiate(plugin_of(1, 2, 2), kHost) == 2);
}

TEST_CASE("what does not fit is refused with the numbers", "[negotiate]") {
  CHECK(negotiate(plugin_of(2, 5, 5), kHost).error().code == VerdictCode::kMajorMismatch);
  const auto too_old_host = negotiate(plugin_of(1, 9, 6), kHost);
  CHECK(too_old_host.error().code == VerdictCode::kHostTooOld);
  CHECK_THAT(too_old_host.error().reason, contains_text("minor 6"));
  CHECK_THAT(too_old_host.error().reason, contains_text("1.5"));
  const auto too_old_plugin = negotiate(plugin_of(1, 1, 0), kHost);
  CHECK(too_old_plugin.error().code == VerdictCode::kPluginTooOld);
  CHECK_THAT(too_old_plugin.error().reason, contains_text("1.1"));
  CHECK_THAT(too_old_plugin.error().reason, contains_text("1.2"));
}
