// Fused blocks, complex values and state writes.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

#include <cmath>

using namespace tests;
using Ints = std::vector<int64_t>;

TEST_CASE("fused_elementwise runs its body over broadcast operands", "[ref]") {
  // y0 = relu(a + b) and y1 = (a + b) < 0, with a [2, 1] and b [3].
  Program program;
  const uint32_t a = program.input({kF32, {2, 1}}), b = program.input({kF32, {3}});
  const uint32_t y0 = program.output({kF32, {2, 3}}), y1 = program.output({kBool, {2, 3}});
  const uint32_t ia = program.body_tensor({kF32, {}}), ib = program.body_tensor({kF32, {}});
  const uint32_t sum = program.body_tensor({kF32, {}}), r = program.body_tensor({kF32, {}});
  const uint32_t zero = program.body_tensor({kF32, {}}), less = program.body_tensor({kBool, {}});
  const uint32_t body = program.region({ia, ib}, {r, less});
  program.node("binary", {{"kind", "add"}}, {ia, ib}, {sum}, {}, body);
  program.node("unary", {{"kind", "relu"}, {"alpha", 0.0}, {"beta", 0.0}}, {sum}, {r}, {}, body);
  program.node("binary", {{"kind", "sub"}}, {ib, ib}, {zero}, {}, body);
  program.node("compare", {{"kind", "lt"}}, {sum, zero}, {less}, {}, body);
  program.node("fused_elementwise", {}, {a, b}, {y0, y1}, {body});
  Runner runner(program);
  runner.finalize();
  runner.write(a, f32({2, 1}, {-2, 1}));
  runner.write(b, f32({3}, {0, 1, 3}));
  runner.run();
  require_close(runner.read(y0), {0, 0, 1, 1, 2, 4}, 0);
  REQUIRE(ints(runner.read(y1)) == Ints{1, 1, 0, 0, 0, 0});
}

TEST_CASE("each step of a fused body rounds to its dtype, as the unfused ops would", "[ref]") {
  Program program;
  const uint32_t x = program.input({kF16, {1}}), y = program.output({kF16, {1}});
  const uint32_t in = program.body_tensor({kF16, {}}), sum = program.body_tensor({kF16, {}});
  const uint32_t back = program.body_tensor({kF16, {}});
  const uint32_t body = program.region({in}, {back});
  // 60000 + 60000 overflows the half in between.
  program.node("binary", {{"kind", "add"}}, {in, in}, {sum}, {}, body);
  program.node("binary", {{"kind", "sub"}}, {sum, in}, {back}, {}, body);
  program.node("fused_elementwise", {}, {x}, {y}, {body});
  Runner runner(program);
  runner.finalize();
  runner.write(x, f32({1}, {60000}));
  runner.run();
  REQUIRE(std::isinf(numbers(runner.read(y))[0]));
}

TEST_CASE("a body with an unknown op is refused", "[ref]") {
  Program program;
  const uint32_t x = program.input({kF32, {1}}), y = program.output({kF32, {1}});
  const uint32_t in = program.body_tensor({kF32, {}}), out = program.body_tensor({kF32, {}});
  const uint32_t body = program.region({in}, {out});
  program.node("no_such_op", {}, {in}, {out}, {}, body);
  program.node("fused_elementwise", {}, {x}, {y}, {body});
  REQUIRE_THROWS_WITH(Runner(program), contains_text("fused_elementwise: no_such_op: no reference kernel"));
}

TEST_CASE("fused_swiglu gates with either half", "[ref]") {
  const Value x = f32({2, 4}, {0, 1, 5, 6, -1, 2, 3, 4});
  const auto silu = [](double v) { return v / (1 + std::exp(-v)); };
  require_close(run_one("fused_swiglu", {{"gate_first", 1}}, {x}, {kF32, {2, 2}}),
                {0, 6 * silu(1), 3 * silu(-1), 4 * silu(2)});
  require_close(run_one("fused_swiglu", {{"gate_first", 0}}, {x}, {kF32, {2, 2}}), {0, silu(6), -silu(3), 2 * silu(4)});
}

TEST_CASE("complex values", "[ref]") {
  const Value z = value_of<rlx::sdk::C64>(kC64, {2}, {{3, -4}, {0.5f, 1}});
  require_close(run_one("complex_norm_sq", {}, {z}, {kF32, {2}}), {25, 1.25}, 0);
  const auto parts = [](const Value& v) {
    std::vector<double> numbers;
    for (const rlx::sdk::C64 c : elements_as<rlx::sdk::C64>(v)) {
      numbers.push_back(c.re);
      numbers.push_back(c.im);
    }
    return numbers;
  };
  REQUIRE(parts(run_one("conjugate", {}, {z}, {kC64, {2}})) == std::vector<double>{3, 4, 0.5, -1});
  REQUIRE(parts(run_one("complex_norm_sq_backward", {}, {z, f32({2}, {1, 10})}, {kC64, {2}})) ==
          std::vector<double>{6, -8, 10, 20});
}

namespace {

// A cache [2, 4, 1] whose rows along axis 1 are written.
struct Cache {
  Program program;
  uint32_t state, x, row, written, y;
  explicit Cache(uint64_t rows) {
    state = program.state({kF32, {2, 4, 1}}, "cache");
    x = program.input({kF32, {2, rows, 1}});
    row = program.input({kI64, {}});
    written = program.view(state, {kF32, {2, 4, 1}});
    y = program.output({kF32, {2, 4, 1}});
    program.node("state_write", {{"axis", 1}}, {state, x, row}, {written}, {}, 0, "cache");
    program.node("copy", {}, {written}, {y});
  }
};

}  // namespace

TEST_CASE("state_write replaces rows and leaves the others", "[ref]") {
  Cache cache(2);
  Runner runner(cache.program);
  runner.finalize();
  runner.write(cache.x, f32({2, 2, 1}, {1, 2, 3, 4}));
  runner.write(cache.row, i64({}, {1}));
  runner.run();
  require_close(runner.read(cache.y), {0, 1, 2, 0, 0, 3, 4, 0}, 0);
  runner.write(cache.row, i64({}, {-2}));
  runner.run();
  require_close(runner.read(cache.y), {0, 1, 1, 2, 0, 3, 3, 4}, 0);
}

TEST_CASE("a row out of range fails and leaves the state alone", "[ref]") {
  Cache cache(2);
  Runner runner(cache.program);
  runner.finalize();
  runner.write(cache.x, f32({2, 2, 1}, {1, 2, 3, 4}));
  for (int64_t row : {int64_t{3}, int64_t{-5}, INT64_MAX, INT64_MIN}) {
    runner.write(cache.row, i64({}, {row}));
    REQUIRE_THROWS_WITH(runner.run(), contains_text("state_write 'cache': row " + std::to_string(row)));
  }
  require_close(runner.read(cache.state), {0, 0, 0, 0, 0, 0, 0, 0}, 0);
}

TEST_CASE("a state may be written from a part of itself", "[ref]") {
  Program program;
  const uint32_t state = program.state({kF32, {4}}, "s", f32({4}, {1, 2, 3, 4}));
  const uint32_t tail = program.view(state, {kF32, {3}}, 4), row = program.input({kI64, {}});
  const uint32_t written = program.view(state, {kF32, {4}});
  program.node("state_write", {{"axis", 0}}, {state, tail, row}, {written});
  Runner runner(program);
  runner.finalize();
  runner.run();
  require_close(runner.read(state), {2, 3, 4, 4}, 0);
}

TEST_CASE("a state_write whose output has memory of its own writes both", "[ref]") {
  Program program;
  const uint32_t state = program.state({kF32, {2}}, "s"), x = program.input({kF32, {2}});
  const uint32_t y = program.output({kF32, {2}});
  program.node("state_write", {{"axis", 0}}, {state, x}, {y});
  Runner runner(program);
  runner.finalize();
  runner.write(x, f32({2}, {5, 6}));
  runner.run();
  require_close(runner.read(y), {5, 6}, 0);
  require_close(runner.read(state), {5, 6}, 0);
}
