// Every call to the driver and to the compiler may fail: each is made to, one after the other. What comes back is a
// status, nothing leaks, and the next attempt works.
#include "plugin/network.hpp"
#include "plugin/stand_in.hpp"

#include "catch.hpp"

using namespace tests;

namespace {

constexpr int kOutOfMemory = 2, kInvalidValue = 1;

void network_life() {
  whole_life();
}

// One query over so many keys that they are split, which takes scratch memory: q is zero, so that y is the mean of v.
void life_with_scratch() {
  constexpr uint64_t kKeys = 512, kSize = 4;
  Program program;
  const uint32_t q = program.input({kF32, {1, 1, 1, kSize}}), k = program.input({kF32, {1, 1, kKeys, kSize}}),
                 v = program.input({kF32, {1, 1, kKeys, kSize}}), y = program.output({kF32, {1, 1, 1, kSize}});
  program.node("attention",
               {{"layout", "bhsd"},
                {"heads", 1},
                {"kv_heads", 1},
                {"head_dim", static_cast<int64_t>(kSize)},
                {"mask", "none"},
                {"window", 0},
                {"scale", 1.0},
                {"softcap", 0.0}},
               {q, k, v}, {y});
  Runner runner(program);
  runner.finalize();
  rlx_arena_stats stats{};
  stats.struct_size = sizeof stats;
  check(plugin().arena->stats(runner.arena(), &stats));
  CHECK(stats.scratch > 0);
  CHECK(stats.size > stats.scratch);
  runner.write(q, f32({1, 1, 1, kSize}, std::vector<double>(kSize, 0)));
  runner.write(k, f32({1, 1, kKeys, kSize}, std::vector<double>(kKeys * kSize, 1)));
  runner.write(v, f32({1, 1, kKeys, kSize}, std::vector<double>(kKeys * kSize, 0.5)));
  runner.run();
  require_close(runner.read(y), std::vector<double>(kSize, 0.5), 1e-6);
}

// A product that is large enough for the vendor's library, with a bias: x and w are ones, so that y is k + 1.
void life_with_library() {
  constexpr uint64_t kRows = 96, kSize = 160;
  const auto ones = [](Dims dims) {
    const uint64_t count = dims.size() == 1 ? dims[0] : dims[0] * dims[1];
    return f32(std::move(dims), std::vector<double>(count, 1));
  };
  Program program;
  const uint32_t x = program.input({kF32, {kRows, kSize}}), w = program.param({kF32, {kSize, kSize}}, "w"),
                 b = program.param({kF32, {kSize}}, "b"), y = program.output({kF32, {kRows, kSize}});
  program.node("linear", {{"w_layout", "kn"}, {"activation", "none"}}, {x, w, b}, {y});
  Runner runner(program);
  runner.set_param("w", ones({kSize, kSize}));
  runner.set_param("b", ones({kSize}));
  runner.finalize();
  runner.write(x, ones({kRows, kSize}));
  for (int i = 0; i < 3; ++i) runner.run();
  require_close(runner.read(y), std::vector<double>(kRows * kSize, kSize + 1), 0);
}

// A convolution that is large enough for the vendor's library, with a bias; x and w are ones. f64, because own kernels
// multiply it without matrix units, which take the emulator minutes.
void life_with_convolution() {
  constexpr uint64_t kSide = 34, kChannels = 16;
  const auto ones = [](Dims dims, uint64_t count) {
    return tensor(kF64, std::move(dims), std::vector<double>(count, 1));
  };
  Program program;
  const uint32_t x = program.input({kF64, {1, kChannels, kSide, kSide}}),
                 w = program.param({kF64, {kChannels, kChannels, 3, 3}}, "w"),
                 b = program.param({kF64, {kChannels}}, "b"),
                 y = program.output({kF64, {1, kChannels, kSide - 2, kSide - 2}});
  program.node("conv",
               {{"strides", std::vector<int64_t>{1, 1}},
                {"pads_begin", std::vector<int64_t>{0, 0}},
                {"pads_end", std::vector<int64_t>{0, 0}},
                {"dilations", std::vector<int64_t>{1, 1}},
                {"groups", 1}},
               {x, w, b}, {y});
  Runner runner(program);
  runner.set_param("w", ones({kChannels, kChannels, 3, 3}, kChannels * kChannels * 9));
  runner.set_param("b", ones({kChannels}, kChannels));
  runner.finalize();
  runner.write(x, ones({1, kChannels, kSide, kSide}, kChannels * kSide * kSide));
  for (int i = 0; i < 3; ++i) runner.run();
  require_close(runner.read(y), std::vector<double>(kChannels * (kSide - 2) * (kSide - 2), kChannels * 9 + 1), 0);
}

// least: failures that have to be seen, as a share of the calls.
void walk(const StandIn& library, int result, void (*life)(), double least = 0.5) {
  life();  // what is made once per process, and what pools keep
  check(plugin().entry->shutdown(0));
  const uint64_t before = library.calls(), live = live_objects();
  life();
  const uint64_t calls = library.calls() - before;
  REQUIRE(calls > 0);
  uint64_t failures = 0;
  for (uint64_t n = 1; n <= calls; ++n) {
    INFO("call " << n << " of " << calls);
    library.fail(n, result);
    try {
      life();
    } catch (const Failure& failure) {
      ++failures;
      CHECK(failure.code != RLX_OK);
      CHECK(std::string(failure.what()) != "");
    }
    library.fail(0, 0);
    check(plugin().entry->shutdown(0));
    REQUIRE(live_objects() == live);
  }
  // Cleaning up and capturing may fail unseen; most calls may not.
  CHECK(static_cast<double>(failures) > least * static_cast<double>(calls));
  life();
}

}  // namespace

TEST_CASE("any driver call may fail", "[simt]") {
  walk(driver(), kInvalidValue, network_life);
}

TEST_CASE("any driver call may run out of memory", "[simt]") {
  walk(driver(), kOutOfMemory, network_life);
}

TEST_CASE("any driver call around scratch memory may run out of memory", "[simt]") {
  walk(driver(), kOutOfMemory, life_with_scratch);
}

TEST_CASE("any driver call around a library's product may run out of memory", "[simt]") {
  walk(driver(), kOutOfMemory, life_with_library);
}

// Where the library is asked whether it takes a product, an own kernel does.
TEST_CASE("any call of the library of products may fail", "[simt]") {
  const int status = GENERATE(3, 14);  // out of memory, internal error
  walk(blas(), status, life_with_library, 0.3);
}

TEST_CASE("any call of the library of convolutions may fail", "[simt]") {
  const int status = GENERATE(4, 7, 4004);  // MIOpen's out of memory, its unknown error, cuDNN's out of memory
  walk(convolutions(), status, life_with_convolution, 0.1);
}

TEST_CASE("any compiler call may fail", "[simt]") {
  walk(compiler(), kInvalidValue, network_life);
}

TEST_CASE("an allocation that fails names its size", "[simt]") {
  Program program;
  const uint32_t x = program.input({kF32, {uint64_t{1} << 29}}), y = program.output({kF32, {uint64_t{1} << 29}});
  program.node("unary", {{"kind", "relu"}, {"alpha", 0.0}, {"beta", 0.0}}, {x}, {y});
  Runner runner(program);
  try {
    runner.finalize();
    FAIL("4 GiB fit into 1 GiB");
  } catch (const Failure& failure) {
    CHECK(failure.code == RLX_RESOURCE_EXHAUSTED);
    CHECK_THAT(failure.what(), contains_text("cannot allocate 4294967296 bytes"));
  }
}

TEST_CASE("weights get the memory that the pool only keeps", "[simt]") {
  constexpr uint64_t kMiB = uint64_t{1} << 20;
  {
    Program small;
    const uint32_t x = small.input({kF32, {12 * kMiB}}), y = small.output({kF32, {12 * kMiB}});
    small.node("binary", {{"kind", "add"}}, {x, x}, {y});
    Runner runner(small);
    runner.finalize();
  }
  Program large;  // 950 MiB of 1 GiB, of which the pool keeps 96
  const uint32_t w = large.param({kF32, {950 * kMiB / 4}}, "w"), i = large.input({RLX_DTYPE_I32, {1}});
  large.node("gather", {{"axis", 0}}, {w, i}, {large.output({kF32, {1}})});
  CHECK_NOTHROW(Runner(large));
}
