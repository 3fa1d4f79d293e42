// Tensors and arenas beyond 4 GiB, and arenas beyond the largest allocation. The memory is reserved and hardly filled.
#include "other_memory.hpp"

namespace {

using rlx::sdk::Error;
using tests::kF32;
using tests::kI64;
using tests::ramp;
using tests::VulkanRunner;

constexpr uint64_t kGiB = uint64_t{1} << 30;

void put(VulkanRunner& r, uint32_t tensor, uint64_t element, float value) {
  tests::must(rlx::vulkan::arena_table().write(VulkanRunner::arena_of(r.context()), tensor, kF32, &value, sizeof value,
                                               element));
}
float get(VulkanRunner& r, uint32_t tensor, uint64_t element) {
  float value = -1;
  tests::must(rlx::vulkan::arena_table().read(VulkanRunner::arena_of(r.context()), tensor, kF32, &value, sizeof value,
                                              element));
  return value;
}
void put_index(VulkanRunner& r, uint32_t tensor, const std::vector<int64_t>& v) {
  tests::must(rlx::vulkan::arena_table().write_raw(VulkanRunner::arena_of(r.context()), tensor, v.data(),
                                                   v.size() * sizeof v[0], 0));
}

// Reads and writes of single elements of two tensors of 5 GiB each, and a product of what lies behind them.
struct Large {
  static constexpr uint64_t kElements = 5 * kGiB / sizeof(float), kLast = kElements - 1;
  tests::Program program;
  uint32_t x, i, row, one, state, gathered, narrow, slice, small, doubled;
  Large() {
    x = program.input({kF32, {kElements}}, "x");
    state = program.state({kF32, {kElements}}, "state");
    i = program.input({kI64, {3}}, "i");
    row = program.input({kI64, {}}, "row");
    one = program.input({kF32, {1}}, "one");
    gathered = program.output({kF32, {3}}, "gathered");
    narrow = program.output({kF32, {2}}, "narrow");
    slice = program.output({kF32, {2}}, "slice");
    small = program.input({kF32, {100}}, "small");
    doubled = program.output({kF32, {100}}, "doubled");
    const uint32_t written = program.view(state, {kF32, {kElements}});
    const auto last = static_cast<int64_t>(kLast);
    program.node("gather", {{"axis", 0}}, {x, i}, {gathered});
    program.node("narrow", {{"axis", 0}, {"start", last - 1}, {"len", 2}}, {x}, {narrow});
    program.node("slice",
                 {{"starts", std::vector<int64_t>{last}},
                  {"ends", std::vector<int64_t>{-1}},
                  {"steps", std::vector<int64_t>{-(int64_t{9} << 27)}}},
                 {x}, {slice});
    program.node("state_write", {{"axis", 0}}, {state, one, row}, {written});
    program.node("binary", {{"kind", "add"}}, {small, small}, {doubled});
  }
};

void check_large(VulkanRunner& r, const Large& net) {
  const uint64_t last = Large::kLast, beyond = kGiB + 3, far = last - (uint64_t{9} << 27);
  put(r, net.x, last, 7);
  put(r, net.x, last - 1, 6);
  put(r, net.x, beyond, 5);
  put(r, net.x, 3, 4);
  put(r, net.x, far, 3);
  put(r, net.one, 0, 9);
  put_index(r, net.i, {static_cast<int64_t>(last), static_cast<int64_t>(beyond), 3});
  put_index(r, net.row, {static_cast<int64_t>(last - 5)});
  r.write(net.small, ramp(100));
  r.run();
  CHECK(r.read(net.gathered) == std::vector<float>{7, 5, 4});
  CHECK(r.read(net.narrow) == std::vector<float>{6, 7});
  CHECK(r.read(net.slice) == std::vector<float>{7, 3});
  CHECK(r.read(net.doubled)[99] == 198);
  CHECK(get(r, net.state, last - 5) == 9);
  CHECK(get(r, net.state, last - 6) == 0);
  // What 32 bits would make of the place.
  CHECK(get(r, net.state, (last - 5) % kGiB) == 0);
  tests::must(rlx::vulkan::arena_table().copy_range(VulkanRunner::arena_of(r.context()), net.x, 4 * (last - 9),
                                                    net.state, 4 * (last - 5), 4));
  CHECK(get(r, net.x, last - 9) == 9);
  r.context().reset_state();
  CHECK(get(r, net.state, last - 5) == 0);
}

TEST_CASE("tensors beyond 4 GiB, and what lies behind them in the arena", "[vulkan]") {
  const auto device = tests::large_device(32 * kGiB);
  Large net;
  VulkanRunner r(net.program, device);
  CHECK(r.executable().arena().block_count() == 1);
  CHECK(r.context().offset_bytes(net.doubled) > 10 * kGiB);
  check_large(r, net);
}

TEST_CASE("tensors beyond 4 GiB that the host cannot see", "[vulkan]") {
  const tests::Environment staging("RLX_VULKAN_STAGING", "1");
  const auto device = tests::large_device(32 * kGiB);
  Large net;
  VulkanRunner r(net.program, device);
  REQUIRE(r.context().memory().mapped() == nullptr);
  check_large(r, net);
}

TEST_CASE("an arena beyond the largest allocation is several blocks", "[vulkan]") {
  const auto device = tests::large_device(6 * kGiB);
  Large net;
  VulkanRunner r(net.program, device);
  CHECK(r.executable().arena().block_count() == 2);
  rlx_arena_stats stats{};
  r.context().stats(stats);
  CHECK(stats.size >= 10 * kGiB);
  CHECK(stats.pool_in_use >= 10 * kGiB);
  check_large(r, net);
}

TEST_CASE("an arena beyond the largest buffer is several blocks, too", "[vulkan]") {
  if (!tests::vulkan_device().physical.has_extension(VK_KHR_MAINTENANCE_4_EXTENSION_NAME))
    RLX_SKIP("the driver does not say how large buffers may be");
  tests::Doubling net(10'000, 2);
  VulkanRunner r(net.program, tests::large_device(kGiB, 65536));
  CHECK(r.executable().arena().block_count() > 1);
  r.write(net.x, ramp(10'000));
  r.run();
  CHECK(r.read(net.y)[9] == 36);
}

TEST_CASE("a chain of tensors in as many blocks as there are", "[vulkan]") {
  constexpr uint64_t kElements = 10'000;
  const auto device = tests::large_device(65536);
  tests::Doubling net(kElements, 6);
  VulkanRunner r(net.program, device);
  // x, y and at any time two of those between them; none fits into a block beside another, but the parameters do.
  CHECK(r.executable().arena().block_count() == 4);
  r.write(net.x, ramp(kElements));
  for (int run = 0; run < 2; ++run) {
    r.run();
    const std::vector<float> y = r.read(net.y);
    CHECK(y[9] == 9 * 64);
    CHECK(y[kElements - 1] == 999 * 64);
  }
  rlx::vulkan::Context other(r.executable());
  other.copy_from(r.context(), other.address(net.x), r.context().address(net.y), kElements * sizeof(float));
  other.run();
  CHECK(VulkanRunner::read(other, net.y)[9] == 9 * 64 * 64);
  rlx_executable_stats stats{};
  r.executable().stats(stats);
  CHECK(stats.barrier_count <= stats.dependency_count);
}

TEST_CASE("a tensor beyond the largest allocation is refused by name, with both numbers", "[vulkan]") {
  const auto device = tests::large_device(4 * kGiB);
  for (const bool is_param : {false, true}) {
    tests::Program program;
    const tests::Type type{kF32, {Large::kElements}};
    const uint32_t x = is_param ? program.param(type, "x") : program.input(type, "x");
    program.node("gather", {{"axis", 0}}, {x, program.input({kI64, {1}}, "i")}, {program.output({kF32, {1}}, "y")});
    try {
      VulkanRunner r(program, device);
      FAIL("5 GiB fit into 4 GiB");
    } catch (const Error& e) {
      CHECK(e.code == RLX_RESOURCE_EXHAUSTED);
      CHECK_THAT(e.message, tests::contains_text("tensor 'x'"));
      CHECK_THAT(e.message, tests::contains_text(std::to_string(5 * kGiB)));
      CHECK_THAT(e.message, tests::contains_text(std::to_string(4 * kGiB)));
    }
  }
}

}  // namespace
