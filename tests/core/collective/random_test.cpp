// A thousand random collectives over 2 to 9 ranks, in random subgroups, with random delays, against a serial oracle.
#include "../transport/ranks.hpp"
#include "options.hpp"
#include "oracle.hpp"

#include <algorithm>
#include <chrono>

using namespace rlx;
using namespace tests;

namespace {

Status run_cases(ProcessGroup& world, uint32_t seed, uint32_t first, uint32_t count) {
  std::mt19937 random(seed + world.rank() * 7);
  for (uint32_t number = first; number < first + count; ++number) {
    const Case c = make_case(seed, number, world.size(), true);
    if (std::find(c.members.begin(), c.members.end(), world.rank()) == c.members.end()) continue;
    if (random() % 16 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 200));
    RLX_ASSIGN(ProcessGroup group, world.subgroup(c.members));
    RLX_TRY(run_case(group, c));
  }
  return {};
}

}  // namespace

TEST_CASE("random collectives equal a serial oracle", "[collective]") {
  for (const Transport& transport : thread_transports())
    for (uint32_t world = 2; world <= 9; ++world) {
      CAPTURE(transport.name(), world, seed());
      // Chunks so small that messages wrap around the slots many times.
      const GroupOptions small{.chunk_bytes = 1024, .chunks = 3};
      require_groups(transport, world, small,
                     [&](ProcessGroup& group) { return run_cases(group, seed(), world * 1000, 130); });
    }
}
