// Contexts: shared weights, other thread counts, bound memory, views, states, errors.
#include "context.hpp"

#include "catch.hpp"
#include "options.hpp"
#include "pool.hpp"
#include "runner.hpp"

#include <thread>

namespace {

using rlx::cpu::Context;
using tests::ProgramBuilder;
using tests::Runner;

const std::vector<tests::AttrValue> kAdd{{"kind", std::string("add")}};
const std::vector<tests::AttrValue> kMatmul{{"trans_a", int64_t{0}}, {"trans_b", int64_t{0}}};

std::vector<tests::AttrValue> same_conv() {
  const std::vector<int64_t> one{1, 1};
  return {{"strides", one}, {"pads_begin", one}, {"pads_end", one}, {"dilations", one}, {"groups", int64_t{1}}};
}

// conv then a sum with the input: uses oneDNN, our own kernels and a packed weight.
struct Net {
  ProgramBuilder b;
  uint32_t x, y;
  std::vector<float> weights = tests::random_floats(32 * 32 * 9, tests::seed());
  Net() {
    x = b.input({1, 32, 12, 12});
    const uint32_t w = b.param({32, 32, 3, 3}, "w"), h = b.temporary({1, 32, 12, 12});
    y = b.temporary({1, 32, 12, 12});
    b.node("conv", {x, w}, {h}, same_conv());
    b.node("binary", {h, x}, {y}, kAdd);
    b.output(y);
  }
};

std::vector<float> run_once(Context& c, const Net& net, const std::vector<float>& x) {
  std::copy(x.begin(), x.end(), reinterpret_cast<float*>(c.address(net.x)));
  c.run();
  const float* y = reinterpret_cast<const float*>(c.address(net.y));
  return {y, y + x.size()};
}

TEST_CASE("eight contexts in eight threads share one copy of the weights", "[cpu]") {
  Net net;
  Runner r(net.b);
  r.set_param("w", net.weights);
  const auto x = tests::random_floats(32 * 144, tests::seed() + 1);
  const auto want = run_once(r.context(), net, x);
  const uint64_t before = tests::host_bytes_in_use() - rlx::cpu::pool().stats().reserved;
  const uint64_t weights = r.executable().weights().bytes();
  REQUIRE(weights == net.weights.size() * sizeof(float));
  std::vector<std::vector<float>> got(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < got.size(); ++i)
    threads.emplace_back([&, i] {
      Context c(r.executable(), 1);
      for (int round = 0; round < 5; ++round) got[i] = run_once(c, net, x);
    });
  for (std::thread& t : threads) t.join();
  for (const auto& g : got) REQUIRE(g == want);
  REQUIRE(r.executable().weights().bytes() == weights);
  REQUIRE(tests::host_bytes_in_use() - rlx::cpu::pool().stats().reserved == before);
}

TEST_CASE("packing tells how many steps are done, up to all of them", "[cpu]") {
  Net net;
  tests::cpu_test_host();
  std::vector<std::pair<uint64_t, uint64_t>> told;
  rlx_ext_progress wish{{sizeof wish, RLX_EXT_PROGRESS, 0, 0, nullptr},
                        &told,
                        [](void* arg, rlx_str phase, uint64_t done, uint64_t total) {
                          REQUIRE(rlx::sdk::view(phase) == "pack");
                          static_cast<std::vector<std::pair<uint64_t, uint64_t>>*>(arg)->emplace_back(done, total);
                        }};
  auto* e = new rlx::cpu::Executable(net.b.build(), 1, rlx::sdk::Progress(&wish.ext));
  e->set_param("w", RLX_DTYPE_F32, net.weights.data(), net.weights.size() * sizeof(float));
  e->finalize();
  const uint64_t steps = e->schedule().steps.size();
  REQUIRE(told.size() == steps + 1);
  for (uint64_t i = 0; i <= steps; ++i) REQUIRE(told[i] == std::pair(i, steps));
  e->release();
}

TEST_CASE("a context may have another thread count than its executable", "[cpu]") {
  Net net;
  Runner r(net.b, 1);
  r.set_param("w", net.weights);
  const auto x = tests::random_floats(32 * 144, tests::seed() + 1);
  const auto want = run_once(r.context(), net, x);
  const uint64_t weights = r.executable().weights().bytes();
  for (unsigned threads : {2u, 3u, 4u}) {
    Context c(r.executable(), threads);
    const auto got = run_once(c, net, x);
    for (size_t i = 0; i < want.size(); ++i) REQUIRE(got[i] == Approx(want[i]).margin(1e-5));
  }
  REQUIRE(r.executable().weights().bytes() == weights);
}

TEST_CASE("bound memory replaces the slot until it is unbound", "[cpu]") {
  ProgramBuilder b;
  const uint32_t x = b.input({37}), y = b.temporary({37});
  b.node("binary", {x, x}, {y}, kAdd);
  b.output(y);
  Runner r(b);
  std::vector<std::byte> in(37 * 4 + 4), out(37 * 4 + 12);  // off every vector boundary
  const auto v = tests::random_floats(37, tests::seed());
  std::memcpy(in.data() + 4, v.data(), 37 * 4);
  r.context().bind(x, in.data() + 4, 37 * 4);
  r.context().bind(y, out.data() + 12, 37 * 4);
  r.context().run();
  for (size_t i = 0; i < 37; ++i) {
    float got;
    std::memcpy(&got, out.data() + 12 + i * 4, 4);
    REQUIRE(got == v[i] + v[i]);
  }
  r.context().bind(x, nullptr, 0);
  r.context().bind(y, nullptr, 0);
  r.write(x, std::vector<float>(37, 2.0f));
  r.context().run();
  REQUIRE(r.read(y) == std::vector<float>(37, 4.0f));
  REQUIRE_THROWS_WITH(r.context().bind(x, in.data(), 36), tests::contains_text("expected 148 bytes, got 36"));
}

TEST_CASE("a view follows its root when that is bound elsewhere", "[cpu]") {
  ProgramBuilder b;
  const uint32_t x = b.input({2, 4}), row = b.view(x, {4}, 16), y = b.temporary({4});
  b.node("binary", {row, row}, {y}, kAdd);
  b.output(y);
  Runner r(b);
  std::vector<float> mine{1, 2, 3, 4, 5, 6, 7, 8};
  r.context().bind(x, mine.data(), 32);
  r.context().run();
  REQUIRE(r.read(y) == std::vector<float>{10, 12, 14, 16});
}

TEST_CASE("a state is updated in place, starts at its first value and can be reset", "[cpu]") {
  const std::vector<float> first{1, 2, 3, 4};
  ProgramBuilder b;
  const uint32_t x = b.input({4}), s = b.state({4}, "s", tests::f32({4}, {1, 2, 3, 4})), sum = b.temporary({4}),
                 next = b.temporary({4}), y = b.temporary({4});
  b.node("binary", {s, x}, {sum}, kAdd);
  b.node("state_write", {s, sum}, {next}, {{"axis", int64_t{0}}});
  b.node("binary", {next, x}, {y}, kAdd);
  b.output(y);
  Runner r(b);
  r.write(x, {1, 1, 1, 1});
  r.context().run();
  REQUIRE(r.read(y) == std::vector<float>{3, 4, 5, 6});
  r.context().run();
  REQUIRE(r.read(y) == std::vector<float>{4, 5, 6, 7});
  REQUIRE(r.read(s) == std::vector<float>{3, 4, 5, 6});
  REQUIRE(r.executable().schedule().steps.size() == 3);
  r.context().reset_state();
  REQUIRE(r.read(s) == first);
}

TEST_CASE("a reader behind the write still sees the state's old value", "[cpu]") {
  ProgramBuilder b;
  const uint32_t x = b.input({2}), s = b.state({2}, "s"), next = b.temporary({2}), y = b.temporary({2});
  b.node("state_write", {s, x}, {next}, {{"axis", int64_t{0}}});
  b.node("binary", {s, next}, {y}, kAdd);
  b.output(y);
  Runner r(b);
  r.write(x, {5, 6});
  r.context().run();
  REQUIRE(r.read(y) == std::vector<float>{5, 6});
  r.context().run();
  REQUIRE(r.read(y) == std::vector<float>{10, 12});
}

TEST_CASE("a row outside of a state is an error that names node, value and size", "[cpu]") {
  ProgramBuilder b;
  const uint32_t x = b.input({1, 2}), row = b.input({}, "row", RLX_DTYPE_I64), s = b.state({3, 2}, "s");
  const uint32_t next = b.temporary({3, 2}), y = b.temporary({3, 2});
  b.node("state_write", {s, x, row}, {next}, {{"axis", int64_t{0}}}, "cache");
  b.node("binary", {next, next}, {y}, kAdd);
  b.output(y);
  Runner r(b);
  r.write(x, {1, 2});
  *reinterpret_cast<int64_t*>(r.context().address(row)) = 3;
  REQUIRE_THROWS_WITH(r.context().run(), tests::contains_text("state_write 'cache': index 3 out of range for size 3"));
  *reinterpret_cast<int64_t*>(r.context().address(row)) = -1;
  r.context().run();
  REQUIRE(r.read(s) == std::vector<float>{0, 0, 0, 0, 1, 2});
}

TEST_CASE("parameters that were not set are all named", "[cpu]") {
  Net net;
  Runner r(net.b);
  REQUIRE_THROWS_WITH(r.executable().finalize(), tests::contains_text("parameters not set: 'w'"));
}

TEST_CASE("the last step leaves an output that it reads alone", "[cpu]") {
  ProgramBuilder b;
  const uint32_t x = b.input({4}), sum = b.temporary({4}), twice = b.temporary({4});
  b.node("binary", {x, x}, {sum}, kAdd);
  b.node("binary", {sum, sum}, {twice}, kAdd);
  b.output(sum, "sum");
  b.output(twice, "twice");
  Runner r(b);
  r.write(x, {1, 2, 3, 4});
  r.context().run();
  REQUIRE(r.read(sum) == std::vector<float>{2, 4, 6, 8});
  REQUIRE(r.read(twice) == std::vector<float>{4, 8, 12, 16});
}

TEST_CASE("a dying input's memory becomes the output's", "[cpu]") {
  ProgramBuilder b;
  const uint32_t x = b.input({1000});
  uint32_t h = x;
  for (int i = 0; i < 10; ++i) {
    const uint32_t next = b.temporary({1000});
    b.node("binary", {h, h}, {next}, kAdd);
    h = next;
  }
  b.output(h);
  Runner r(b);
  r.write(x, std::vector<float>(1000, 1.0f));
  r.context().run();
  REQUIRE(r.read(h)[999] == 1024.0f);
  rlx_arena_stats stats{};
  r.context().stats(stats);
  REQUIRE(stats.size <= 2 * 4096 + 64);
}

}  // namespace
