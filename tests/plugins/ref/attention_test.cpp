// Attention and rotary positions against values of an independent computation.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

#include <cmath>
#include <limits>

using namespace tests;

namespace {

// Two query heads share one key and value head; v's head size is 3.
const std::vector<double> kQ = {-0.56, 0.74, -0.59, 0.84, -0.02, 0.22, 0.53, 0.04};         // [1, 2, 2, 2]
const std::vector<double> kK = {-0.41, -0.62, -0.84, 0.48, -0.12, -0.68};                   // [1, 1, 3, 2]
const std::vector<double> kV = {0.76, -0.45, -0.17, -0.41, 0.26, 0.16, 0.2, -0.47, -0.43};  // [1, 1, 3, 3]
const double kScale = 1 / std::sqrt(2.0);

struct Options {
  const char* mask = "none";
  int window = 0;
  double scale = kScale;
  double softcap = 0;
  std::optional<Value> given = std::nullopt;
};

Value attention(const Options& o) {
  Inputs inputs = {f32({1, 2, 2, 2}, kQ), f32({1, 1, 3, 2}, kK), f32({1, 1, 3, 3}, kV)};
  if (o.given) inputs.push_back(o.given);
  return run_one("attention",
                 {{"layout", "bhsd"},
                  {"heads", 2},
                  {"kv_heads", 1},
                  {"head_dim", 2},
                  {"mask", o.mask},
                  {"window", o.window},
                  {"scale", o.scale},
                  {"softcap", o.softcap}},
                 inputs, {kF32, {1, 2, 2, 3}});
}

}  // namespace

TEST_CASE("attention with shared key heads", "[ref]") {
  require_close(attention({}), {0.0172224407, -0.0775178848, -0.051402972, -0.00285316492, -0.0611241285, -0.0408493164,
                                0.147096388, -0.189692316, -0.126784764, 0.208151698, -0.249006947, -0.169865546});
}

TEST_CASE("causal and window masks align at the bottom right", "[ref]") {
  require_close(attention({.mask = "causal"}),
                {-0.0335818944, 0.0315753377, 0.0538307907, -0.00285316492, -0.0611241285, -0.0408493164, 0.123303921,
                 -0.063628875, 0.00958094541, 0.208151698, -0.249006947, -0.169865546});
  require_close(attention({.mask = "window", .window = 2}),
                {-0.0335818944, 0.0315753377, 0.0538307907, -0.244669379, 0.0621453229, 9.00554979e-05, 0.123303921,
                 -0.063628875, 0.00958094541, -0.0690223918, -0.14805517, -0.169798014});
}

TEST_CASE("softcap bends the scores before the mask", "[ref]") {
  require_close(attention({.scale = 3, .softcap = 0.5}),
                {-0.0222191033, -0.0509141262, -0.0371781665, -0.0268534109, -0.0483636639, -0.0361751516, 0.0464916952,
                 -0.107438954, -0.0737817739, 0.192875785, -0.244187634, -0.170726516});
}

TEST_CASE("bias and custom masks broadcast", "[ref]") {
  const Value bias = f32({2, 1, 3}, {-0.49, -0.34, -0.71, -0.67, 0.93, 0.92});
  require_close(attention({.mask = "bias", .scale = 0.5, .given = bias}),
                {0.0264184398, -0.0753583763, -0.0450065646, 0.0118919485, -0.0638325238, -0.0377608962, -0.0497182465,
                 -0.110993963, -0.118588826, -0.00319440627, -0.16297038, -0.159290072});
}

TEST_CASE("a row that sees nothing is zero", "[ref]") {
  const Value custom = tensor(kBool, {2, 3}, {1, 0, 1, 0, 0, 0});
  const std::vector<double> expected = {0.494463116, -0.45948346, -0.293284982, 0, 0, 0,
                                        0.48132999,  -0.4599525,  -0.299382505, 0, 0, 0};
  require_close(attention({.mask = "custom", .scale = 0.5, .given = custom}), expected);
  const double hidden = -std::numeric_limits<double>::infinity();
  const Value bias = f32({2, 3}, {0, hidden, 0, hidden, hidden, hidden});
  require_close(attention({.mask = "bias", .scale = 0.5, .given = bias}), expected);
}

TEST_CASE("causal attention of more queries than keys hides all from the first", "[ref]") {
  const Attrs attrs{{"layout", "bhsd"}, {"heads", 1},  {"kv_heads", 1}, {"head_dim", 1},
                    {"mask", "causal"}, {"window", 0}, {"scale", 1.0},  {"softcap", 0.0}};
  require_close(run_one("attention", attrs, {f32({1, 1, 2, 1}, {1, 1}), f32({1, 1, 1, 1}, {1}), f32({1, 1, 1, 1}, {7})},
                        {kF32, {1, 1, 2, 1}}),
                {0, 7}, 0);
}

TEST_CASE("the layouts of attention hold the same numbers", "[ref]") {
  // Positions outermost: [1, 2, 2 heads, 2]; the one key head lies the same in all layouts.
  const std::vector<double> q = {-0.56, 0.74, -0.02, 0.22, -0.59, 0.84, 0.53, 0.04};
  const std::vector<double> v2 = {0.76, -0.45, -0.41, 0.26, 0.2, -0.47};
  const std::vector<double> expected = {0.0172224407,   -0.0775178848, 0.147096388, -0.189692316,
                                        -0.00285316492, -0.0611241285, 0.208151698, -0.249006947};
  const auto run = [&](const char* layout, Dims dq, Dims dk) {
    return run_one("attention",
                   {{"layout", layout},
                    {"heads", 2},
                    {"kv_heads", 1},
                    {"head_dim", 2},
                    {"mask", "none"},
                    {"window", 0},
                    {"scale", kScale},
                    {"softcap", 0.0}},
                   {f32(dq, q), f32(dk, kK), f32(dk, v2)}, {kF32, dq});
  };
  require_close(run("bshd", {1, 2, 2, 2}, {1, 3, 1, 2}), expected);
  require_close(run("bs_hd", {1, 2, 4}, {1, 3, 2}), expected);
}

namespace {

Value rope(const std::string& op, const Value& x, const char* layout, int heads, const char* style, int rotary,
           std::optional<Value> positions) {
  // Three rows of one or two angles: 0, 90° and 180° for the first pair, 0, 0 and 90° for the second.
  const uint64_t pairs = static_cast<uint64_t>(rotary) / 2;
  const Value cosine = pairs == 1 ? f32({3, 1}, {1, 0, -1}) : f32({3, 2}, {1, 1, 0, 1, -1, 0});
  const Value sine = pairs == 1 ? f32({3, 1}, {0, 1, 0}) : f32({3, 2}, {0, 0, 1, 0, 0, 1});
  Inputs inputs = {x, cosine, sine};
  if (positions) inputs.push_back(positions);
  return run_one(op, {{"layout", layout}, {"heads", heads}, {"style", style}, {"rotary_dim", rotary}}, inputs,
                 {x.dtype, x.dims});
}

}  // namespace

TEST_CASE("rope turns halves or neighbours", "[ref]") {
  const Value x = f32({1, 1, 3, 4}, {1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4});
  require_close(rope("rope", x, "bhsd", 1, "half", 4, std::nullopt), {1, 2, 3, 4, -3, 2, 1, 4, -1, -4, -3, 2});
  require_close(rope("rope", x, "bhsd", 1, "interleaved", 4, std::nullopt), {1, 2, 3, 4, -2, 1, 3, 4, -1, -2, -4, 3});
  // Only the first two features turn; the rest is copied.
  require_close(rope("rope", x, "bhsd", 1, "half", 2, std::nullopt), {1, 2, 3, 4, -2, 1, 3, 4, -1, -2, 3, 4});
}

TEST_CASE("rope takes positions for all or for each of a batch", "[ref]") {
  const Value x = f32({2, 1, 1, 2}, {1, 2, 1, 2});
  require_close(rope("rope", x, "bhsd", 1, "half", 2, i64({1}, {1})), {-2, 1, -2, 1});
  require_close(rope("rope", x, "bhsd", 1, "half", 2, integers(kI32, {2, 1}, {0, 2})), {1, 2, -1, -2});
  const Value tables = f32({3, 1}, {1, 0, -1});
  REQUIRE(failure_of("rope", {{"layout", "bhsd"}, {"heads", 1}, {"style", "half"}, {"rotary_dim", 2}},
                     {x, tables, tables, i64({1}, {3})}, {{kF32, {2, 1, 1, 2}}})
              .code == RLX_OUT_OF_RANGE);
}

TEST_CASE("rope in the other layouts, and back", "[ref]") {
  const Value x = f32({1, 2, 4}, {1, 2, 3, 4, 1, 2, 3, 4});
  const std::vector<double> turned = {1, 2, 3, 4, -2, 1, -4, 3};
  require_close(rope("rope", x, "bs_hd", 2, "half", 2, std::nullopt), turned);
  require_close(rope("rope", f32({1, 2, 2, 2}, numbers(x)), "bshd", 2, "half", 2, std::nullopt), turned);
  require_close(rope("rope_backward", f32({1, 2, 4}, turned), "bs_hd", 2, "half", 2, std::nullopt), numbers(x));
}
