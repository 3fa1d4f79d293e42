// Runs that go on by themselves: ends as points, points to wait for, and what a steady-state run asks of the driver.
#include "plugin/network.hpp"
#include "plugin/said.hpp"
#include "plugin/stand_in.hpp"

#include "catch.hpp"

#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <thread>

using namespace tests;

// Counts what the plugin allocates on this thread while somebody looks; the driver's stand-in may, and sanitizers have
// an operator of their own.
static thread_local bool counts = false;
static thread_local uint64_t allocations = 0;
#ifndef RLX_SANITIZED
void* operator new(size_t bytes) {
  if (counts) allocations += !is_in_driver();
  if (void* const memory = std::malloc(bytes ? bytes : 1)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
#endif

namespace {

rlx_point submit(LoadedNetwork& network, std::span<const rlx_point> waits = {}) {
  rlx_point end{};
  check(plugin().executable->submit(network.runner().context(), waits.data(), waits.size(), &end));
  return end;
}
Said try_submit(LoadedNetwork& network, rlx_point wait) {
  rlx_point end{};
  return Said(plugin().executable->submit(network.runner().context(), &wait, 1, &end));
}
Said wait(LoadedNetwork& network, rlx_point end, uint64_t deadline_ns = RLX_FOREVER) {
  return Said(plugin().executable->wait(network.runner().context(), end, deadline_ns));
}

rlx_device* device(uint32_t index) {
  rlx_device* devices[2] = {};
  uint32_t count = 0;
  check(plugin().device_table->enumerate(2, devices, &count));
  REQUIRE(index < count);
  return devices[index];
}

// y = x[indices]
struct Gather {
  Program program;
  uint32_t x, indices, y;
  std::unique_ptr<Runner> runner;

  Gather() {
    x = program.input({kF32, {4}});
    indices = program.input({kI32, {2}});
    y = program.output({kF32, {2}});
    program.node("gather", {{"axis", 0}}, {x, indices}, {y}, {}, 0, "look");
    runner = std::make_unique<Runner>(program);
    runner->finalize();
    runner->write(x, f32({4}, {1, 2, 3, 4}));
  }
  rlx_point submit(int32_t a, int32_t b) {
    runner->write(indices, integers(kI32, {2}, {a, b}));
    rlx_point end{};
    check(plugin().executable->submit(runner->context(), nullptr, 0, &end));
    return end;
  }
  Said wait(rlx_point end) { return Said(plugin().executable->wait(runner->context(), end, RLX_FOREVER)); }
};

}  // namespace

TEST_CASE("submit returns before the device is done, and a wait may give up", "[simt]") {
  LoadedNetwork network(plugin().device);
  // Launched one by one, captured, replayed.
  for (int i = 0; i < 3; ++i) {
    const rlx_point end = submit(network);
    const Said early = wait(network, end, 0);
    CHECK(early.code == RLX_DEADLINE_EXCEEDED);
    CHECK_THAT(early.message, contains_text("within 0 ns"));
    CHECK(wait(network, end, 10'000'000'000).code == RLX_OK);
    CHECK(wait(network, end, 0).code == RLX_OK);
    network.expect_results();
  }
  network.run();
}

TEST_CASE("contexts are in flight at once and end in any order", "[simt]") {
  std::vector<std::unique_ptr<LoadedNetwork>> networks;
  for (uint32_t i = 0; i < 3; ++i) networks.push_back(std::make_unique<LoadedNetwork>(device(i % 2)));
  for (int round = 0; round < 3; ++round) {
    std::vector<rlx_point> ends;
    for (auto& network : networks) ends.push_back(submit(*network));
    for (size_t i = networks.size(); i-- > 0;) {
      CHECK(wait(*networks[i], ends[i]).code == RLX_OK);
      networks[i]->expect_results();
    }
  }
}

TEST_CASE("a run waits for points of other contexts, on any device", "[simt]") {
  LoadedNetwork first(device(0)), second(device(GENERATE(0u, 1u)));
  for (int i = 0; i < 3; ++i) {
    const rlx_point before = submit(first), after = submit(second, std::span(&before, 1));
    CHECK(wait(second, after).code == RLX_OK);
    CHECK(wait(first, before, 0).code == RLX_OK);
    second.expect_results();
  }
  // What nobody waits for stays where it is.
  const rlx_point before = submit(first), after = submit(second);
  CHECK(wait(second, after).code == RLX_OK);
  CHECK(wait(first, before, 0).code == RLX_DEADLINE_EXCEEDED);
}

TEST_CASE("points outlive their contexts, and wrong ones are refused", "[simt]") {
  LoadedNetwork network(plugin().device);
  rlx_point gone{};
  {
    LoadedNetwork other(plugin().device);
    other.run();
    gone = submit(other);
    CHECK(wait(network, gone).code == RLX_INVALID_ARGUMENT);
    const Said future = try_submit(network, {gone.timeline, gone.value + 1});
    CHECK(future.code == RLX_INVALID_ARGUMENT);
    CHECK_THAT(future.message, contains_text("that nobody started; the last one is"));
  }
  const rlx_point end = submit(network, std::span(&gone, 1));
  CHECK(wait(network, end).code == RLX_OK);
  CHECK(wait(network, {end.timeline, end.value + 1}).code == RLX_INVALID_ARGUMENT);
  CHECK(wait(network, {0, 0}).code == RLX_OK);
  const rlx_point points[] = {{0, 0}, end, gone};
  CHECK(wait(network, submit(network, points)).code == RLX_OK);
  // The next context has the timeline; its values go on.
  LoadedNetwork next(plugin().device);
  const rlx_point later = submit(next);
  CHECK((later.timeline != gone.timeline || later.value > gone.value));
  CHECK(wait(next, later).code == RLX_OK);
  const Said unknown = try_submit(network, {1, 1});
  CHECK(unknown.code == RLX_UNIMPLEMENTED);
  CHECK_THAT(unknown.message, contains_text("timeline 1 is not of a context of"));
  network.run();
}

TEST_CASE("what went wrong in a run comes with its end", "[simt]") {
  Gather gather;
  for (int i = 0; i < 3; ++i) {
    const rlx_point bad = gather.submit(1, 7);
    const rlx_point good = gather.submit(3, 0);  // the one before has ended, and nobody has asked it yet
    CHECK(gather.wait(good).code == RLX_OK);
    require_close(gather.runner->read(gather.y), {4, 1}, 0);
    for (int asked = 0; asked < 2; ++asked) {
      const Said said = gather.wait(bad);
      CHECK(said.code == RLX_OUT_OF_RANGE);
      CHECK_THAT(said.message, contains_text("'look': index 7 out of range for size 4"));
    }
  }
  rlx_kernel_time times[8];
  uint64_t count = 0;
  gather.runner->write(gather.indices, integers(kI32, {2}, {0, 9}));
  CHECK(Said(plugin().executable->profile(gather.runner->context(), 8, sizeof times[0], times, &count)).code ==
        RLX_OUT_OF_RANGE);
}

TEST_CASE("contexts on two threads wait for each other", "[simt]") {
  LoadedNetwork a(device(0)), b(device(1));
  for (int round = 0; round < 20; ++round) {
    const rlx_point first = submit(a), second = submit(b, std::span(&first, 1));
    std::thread other([&] { check(plugin().executable->wait(b.runner().context(), second, RLX_FOREVER)); });
    CHECK(wait(a, first).code == RLX_OK);
    other.join();
    b.expect_results();
  }
}

TEST_CASE("a context that goes in mid-run waits", "[simt]") {
  check(plugin().entry->shutdown(0));
  const uint64_t live = live_objects();
  {
    LoadedNetwork network(plugin().device);
    submit(network);
  }
  check(plugin().entry->shutdown(0));
  CHECK(live_objects() == live);
}

TEST_CASE("a steady-state run allocates nothing and makes three driver calls", "[simt]") {
  LoadedNetwork network(plugin().device);
  const rlx_executable_table_v1& table = *plugin().executable;
  rlx_context* context = network.runner().context();
  const auto run = [&] { check(table.run(context)); };
  const auto submit_and_wait = [&] {
    rlx_point end{};
    check(table.submit(context, nullptr, 0, &end));
    check(table.wait(context, end, RLX_FOREVER));
  };
  REQUIRE(!is_in_driver());
  counts = true;
  rlx_context* other = nullptr;
  check(table.create_context(network.runner().executable(), nullptr, &other));
  table.release_context(other);
  const uint64_t of_a_context = allocations;
  for (int i = 0; i < 3; ++i) run();
  const uint64_t before = allocations, calls = driver().calls();
  run();
  const uint64_t run_calls = driver().calls() - calls;
  submit_and_wait();
  const uint64_t submit_calls = driver().calls() - calls - run_calls, made = allocations - before;
  counts = false;
#ifndef RLX_SANITIZED
  CHECK(of_a_context > 0);
#endif
  CHECK(made == 0);
  CHECK(run_calls == 3);     // this thread's device, the graph, the wait
  CHECK(submit_calls == 5);  // the device twice, the graph, its end, the wait
}
