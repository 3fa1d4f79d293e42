#include "execute/hazards.hpp"
#include "catch.hpp"

#include <random>

#include "options.hpp"

namespace {

using rlx::vulkan::Access;
using rlx::vulkan::Hazards;

Access reads(uint64_t begin, uint64_t end) {
  return {begin, end, false};
}
Access writes(uint64_t begin, uint64_t end) {
  return {begin, end, true};
}

TEST_CASE("dispatches that share nothing, or only read, run without a barrier", "[vulkan]") {
  Hazards h;
  CHECK(!h.next({reads(0, 64), writes(64, 128)}));
  CHECK(!h.next({reads(0, 64), writes(128, 192)}));
  CHECK(!h.next({reads(0, 64), writes(192, 256)}));
  CHECK(h.barriers() == 0);
  CHECK(h.dependencies() == 0);
}

TEST_CASE("reading what was written, writing what was read and writing twice need a barrier", "[vulkan]") {
  Hazards after_write, after_read, twice;
  CHECK(!after_write.next({writes(0, 64)}));
  CHECK(after_write.next({reads(63, 70), writes(100, 110)}));
  CHECK(!after_read.next({reads(0, 64)}));
  CHECK(after_read.next({writes(0, 1)}));
  CHECK(!twice.next({writes(0, 64)}));
  CHECK(twice.next({writes(32, 96)}));
}

TEST_CASE("what was overwritten is no dependency any more", "[vulkan]") {
  Hazards h;
  CHECK(!h.next({writes(0, 100)}));
  CHECK(h.next({writes(0, 40)}));
  CHECK(h.next({writes(20, 100)}));
  CHECK(h.dependencies() == 3);  // on 40 … 100 of the first, on 20 … 40 of the second
  CHECK(h.next({reads(30, 90)}));
  CHECK(h.dependencies() == 4);
  CHECK(!h.next({reads(0, 20)}));
  CHECK(h.dependencies() == 5);
}

TEST_CASE("tensors without elements depend on nothing", "[vulkan]") {
  Hazards h;
  CHECK(!h.next({writes(0, 64)}));
  CHECK(!h.next({reads(32, 32), writes(16, 16)}));
  CHECK(h.dependencies() == 0);
}

TEST_CASE("one barrier orders everything before it", "[vulkan]") {
  Hazards h;
  CHECK(!h.next({writes(0, 64)}));
  CHECK(!h.next({writes(64, 128)}));
  CHECK(h.next({reads(0, 64), writes(128, 192)}));
  CHECK(!h.next({reads(64, 128), writes(192, 256)}));
  CHECK(h.barriers() == 1);
  CHECK(h.dependencies() == 2);
}

// A dispatch may only run beside those after the last barrier: none of them may conflict with it.
TEST_CASE("barriers are enough, and never more than dependencies", "[vulkan]") {
  std::mt19937 random(tests::seed());
  for (int round = 0; round < 200; ++round) {
    Hazards h;
    std::vector<std::vector<Access>> unordered;
    for (int n = 0; n < 40; ++n) {
      std::vector<Access> accesses;
      for (int i = 0; i < 3; ++i) {
        const uint64_t begin = random() % 60;
        accesses.push_back({begin, begin + 1 + random() % 12, i == 2});
      }
      if (h.next(accesses)) unordered.clear();
      for (const auto& other : unordered)
        for (const Access& a : accesses)
          for (const Access& b : other) {
            const bool overlap = a.begin < b.end && b.begin < a.end;
            REQUIRE(!(overlap && (a.is_write || b.is_write)));
          }
      unordered.push_back(accesses);
    }
    REQUIRE(h.barriers() <= h.dependencies());
  }
}

}  // namespace
