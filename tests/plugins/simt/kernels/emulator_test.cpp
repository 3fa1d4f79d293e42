// That the emulator finds what it is there to find: kernels with one fault each.
#include "device/layer.hpp"

#include "catch.hpp"

#include <vector>

namespace {

using emulation::Order;

std::string run(void (*kernel)(const void*), uint32_t threads, uint64_t shared_bytes = 64,
                const void* context = nullptr) {
  emulation::Grid grid{};
  grid.kernel = kernel;
  grid.context = context;
  grid.blocks = 1;
  grid.threads = threads;
  grid.shared_bytes = shared_bytes;
  grid.warp = SIMT_WARP;
  grid.order = Order::kRandom;
  return emulation::run(grid);
}

TEST_CASE("a barrier that some threads never reach is found", "[simt]") {
  const std::string why = run(
      [](const void*) {
        if (simt::thread_index() < 5) simt::barrier();
      },
      128);
  CHECK_THAT(why, tests::contains_text("waits at a barrier that others never reach: 5 of 128"));
}

TEST_CASE("a shuffle that a lane of the warp never reaches is found", "[simt]") {
  const std::string why = run(
      [](const void*) {
        if (simt::lane_index() != 3) simt::shuffle_xor(1.0f, 1);
      },
      SIMT_WARP);
  CHECK_THAT(why, tests::contains_text("waits in a shuffle that others never reach"));
}

TEST_CASE("threads that wait for each other in different places are found", "[simt]") {
  const std::string why = run(
      [](const void*) {
        if (simt::thread_index() < SIMT_WARP)
          simt::barrier();
        else if (simt::lane_index() != 0)
          simt::shuffle_xor(1.0f, 1);
      },
      2 * SIMT_WARP);
  CHECK_FALSE(why.empty());
}

TEST_CASE("the emulator goes on after a kernel that never ended", "[simt]") {
  CHECK_FALSE(run(
                  [](const void*) {
                    if (simt::thread_index() == 0) simt::barrier();
                  },
                  64)
                  .empty());
  CHECK(run([](const void*) { simt::barrier(); }, 64).empty());
}

TEST_CASE("shared memory holds a pattern until it is written", "[simt]") {
  static uint32_t seen;
  REQUIRE(run([](const void*) { seen = simt::shared<u32>()[simt::thread_index() % 16]; }, 64).empty());
  CHECK(seen == 0xcdcdcdcdu);
}

TEST_CASE("copies are there when their thread has waited, and a pattern is before", "[simt]") {
  struct Seen {
    alignas(16) uint32_t from[4] = {1, 2, 3, 4};
    uint32_t before = 0, after = 0, zero = 1;
  } seen;
  const auto kernel = [](const void* context) {
    auto& s = *static_cast<Seen*>(const_cast<void*>(context));
    u32* to = simt::shared<u32>();
    to[0] = to[4] = 7;
    simt::copy_async(to, s.from, true);
    simt::copy_async(to + 4, s.from, false);
    s.before = to[0];
    simt::wait_for_copies();
    s.after = to[3];
    s.zero = to[4];
  };
  REQUIRE(run(kernel, 1, 64, &seen).empty());
  CHECK(seen.before == 0xcdcdcdcdu);
  CHECK(seen.after == 4);
  CHECK(seen.zero == 0);
}

TEST_CASE("a thread that ends while its copies are on their way is found", "[simt]") {
  static const uint32_t from[4] = {};
  const std::string why = run(
      [](const void*) {
        simt::copy_async(simt::shared<u32>(), from, true);
        simt::barrier();
      },
      64);
  CHECK_THAT(why, tests::contains_text("ended while its copies were on their way"));
  CHECK(run([](const void*) { simt::barrier(); }, 64).empty());
}

TEST_CASE("lanes of a warp exchange values again and again", "[simt]") {
  std::vector<uint32_t> sums(2 * SIMT_WARP);
  REQUIRE(run(
              [](const void* context) {
                u32 sum = simt::thread_index();
                for (u32 mask = simt::kWarp / 2; mask > 0; mask /= 2) sum += simt::shuffle_xor(sum, mask);
                (*static_cast<std::vector<uint32_t>*>(const_cast<void*>(context)))[simt::thread_index()] = sum;
              },
              2 * SIMT_WARP, 64, &sums)
              .empty());
  const uint32_t first = SIMT_WARP * (SIMT_WARP - 1) / 2;
  for (uint32_t i = 0; i < sums.size(); ++i) CHECK(sums[i] == (i < SIMT_WARP ? first : first + SIMT_WARP * SIMT_WARP));
}

}  // namespace
