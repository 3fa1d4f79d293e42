// Elementwise kernels against values worked out by hand.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

#include <limits>

using namespace tests;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Value binary(const std::string& kind, const Value& a, const Value& b) {
  return run_one("binary", {{"kind", kind.c_str()}}, {a, b}, {a.dtype, a.dims});
}

Value cast(const Value& x, rlx_dtype to) {
  return run_one("cast", {{"to", DTypeValue{to}}}, {x}, {to, x.dims});
}

using Ints = std::vector<int64_t>;

}  // namespace

TEST_CASE("binary broadcasts as numpy does", "[ref]") {
  const Value y = run_one("binary", {{"kind", "sub"}}, {f32({2, 1, 2}, {1, 2, 3, 4}), f32({3, 1}, {10, 20, 30})},
                          {kF32, {2, 3, 2}});
  require_close(y, {-9, -8, -19, -18, -29, -28, -7, -6, -17, -16, -27, -26}, 0);
}

TEST_CASE("float arithmetic propagates NaN and follows the signs of mod and fmod", "[ref]") {
  const Value a = f32({6}, {5, -5, 5, -5, kNaN, 1}), b = f32({6}, {3, 3, -3, -3, 1, kNaN});
  require_close(binary("mod", a, b), {2, 1, -1, -2, kNaN, kNaN}, 0);
  require_close(binary("fmod", a, b), {2, -2, 2, -2, kNaN, kNaN}, 0);
  require_close(binary("max", a, b), {5, 3, 5, -3, kNaN, kNaN}, 0);
  require_close(binary("min", a, b), {3, -5, -3, -5, kNaN, kNaN}, 0);
  require_close(binary("atan2", f32({2}, {1, -1}), f32({2}, {-1, 0})), {2.356194490192345, -1.5707963267948966});
  require_close(binary("div", f32({2}, {1, -1}), f32({2}, {0, 0})), {kInf, -kInf}, 0);
}

TEST_CASE("integer arithmetic wraps, truncates and never traps", "[ref]") {
  REQUIRE(ints(binary("add", integers(kI8, {2}, {127, -128}), integers(kI8, {2}, {1, -1}))) == Ints{-128, 127});
  REQUIRE(ints(binary("mul", integers(kU8, {1}, {200}), integers(kU8, {1}, {2}))) == Ints{144});
  const Value a = i64({5}, {7, -7, 7, INT64_MIN, 5}), b = i64({5}, {2, 2, -2, -1, 0});
  REQUIRE(ints(binary("div", a, b)) == Ints{3, -3, -3, INT64_MIN, 0});
  REQUIRE(ints(binary("mod", a, b)) == Ints{1, 1, -1, 0, 0});
  REQUIRE(ints(binary("fmod", a, b)) == Ints{1, -1, 1, 0, 0});
  REQUIRE(ints(binary("div", integers(kI32, {1}, {INT32_MIN}), integers(kI32, {1}, {-1}))) == Ints{INT32_MIN});
}

TEST_CASE("64-bit integers keep every bit", "[ref]") {
  const int64_t big = (int64_t{1} << 62) + 1;
  REQUIRE(ints(binary("add", i64({1}, {big}), i64({1}, {1}))) == Ints{big + 1});
  // 2^64 − 1 divided by 2 in u64, and ordered above 1.
  const Value top = integers(kU64, {1}, {-1}), two = integers(kU64, {1}, {2});
  REQUIRE(elements_as<uint64_t>(binary("div", top, two)) == std::vector<uint64_t>{UINT64_MAX / 2});
  REQUIRE(elements_as<uint64_t>(binary("max", top, two)) == std::vector<uint64_t>{UINT64_MAX});
  REQUIRE(ints(run_one("compare", {{"kind", "gt"}}, {top, two}, {kBool, {1}})) == Ints{1});
}

TEST_CASE("integer pow is exact modulo 2^n and handles negative exponents", "[ref]") {
  const Value base = i64({6}, {3, -2, 2, -1, 1, 0}), exponent = i64({6}, {5, 3, -1, -3, -4, 0});
  REQUIRE(ints(binary("pow", base, exponent)) == Ints{243, -8, 0, -1, 1, 1});
  REQUIRE(ints(binary("pow", integers(kU8, {1}, {3}), integers(kU8, {1}, {6}))) == Ints{729 % 256});
}

TEST_CASE("shifts by the width give zero; right shifts follow the sign", "[ref]") {
  REQUIRE(ints(binary("shl", integers(kI8, {3}, {1, 1, 3}), integers(kI8, {3}, {7, 8, 6}))) == Ints{-128, 0, -64});
  REQUIRE(ints(binary("shr", integers(kI8, {2}, {-128, -128}), integers(kI8, {2}, {3, 8}))) == Ints{-16, 0});
  REQUIRE(ints(binary("shr", integers(kU8, {2}, {128, 128}), integers(kU8, {2}, {3, 8}))) == Ints{16, 0});
  REQUIRE(ints(binary("shl", i64({2}, {1, 1}), i64({2}, {63, 64}))) == Ints{INT64_MIN, 0});
}

TEST_CASE("logic on bool and on bits", "[ref]") {
  const Value a = tensor(kBool, {4}, {0, 0, 1, 1}), b = tensor(kBool, {4}, {0, 1, 0, 1});
  REQUIRE(ints(binary("and", a, b)) == Ints{0, 0, 0, 1});
  REQUIRE(ints(binary("or", a, b)) == Ints{0, 1, 1, 1});
  REQUIRE(ints(binary("xor", a, b)) == Ints{0, 1, 1, 0});
  REQUIRE(ints(binary("bit_xor", integers(kU8, {1}, {0b1100}), integers(kU8, {1}, {0b1010}))) == Ints{0b0110});
  REQUIRE(ints(binary("bit_and", integers(kU8, {1}, {0b1100}), integers(kU8, {1}, {0b1010}))) == Ints{0b1000});
  REQUIRE(ints(binary("bit_or", integers(kU8, {1}, {0b1100}), integers(kU8, {1}, {0b1010}))) == Ints{0b1110});
}

TEST_CASE("comparisons with NaN are false but for ne", "[ref]") {
  const Value a = f32({3}, {1, kNaN, 2}), b = f32({3}, {1, kNaN, 1});
  const auto compare = [&](const char* kind) {
    return ints(run_one("compare", {{"kind", kind}}, {a, b}, {kBool, {3}}));
  };
  REQUIRE(compare("eq") == Ints{1, 0, 0});
  REQUIRE(compare("ne") == Ints{0, 1, 1});
  REQUIRE(compare("lt") == Ints{0, 0, 0});
  REQUIRE(compare("le") == Ints{1, 0, 0});
  REQUIRE(compare("gt") == Ints{0, 0, 1});
  REQUIRE(compare("ge") == Ints{1, 0, 1});
}

TEST_CASE("where takes from either side, broadcast, in any dtype", "[ref]") {
  const Value c = tensor(kBool, {2, 1}, {1, 0});
  REQUIRE(ints(run_one("where", {}, {c, i64({2}, {INT64_MAX, 2}), i64({}, {7})}, {kI64, {2, 2}})) ==
          Ints{INT64_MAX, 2, 7, 7});
}

TEST_CASE("clamp takes its limits from attributes or scalars and passes NaN", "[ref]") {
  const Value x = f32({4}, {-5, 0.5, 5, kNaN});
  require_close(run_one("clamp", {{"lo", -1.0}, {"hi", 1.0}}, {x}, {kF32, {4}}), {-1, 0.5, 1, kNaN}, 0);
  require_close(run_one("clamp", {{"lo", -1.0}, {"hi", 1.0}}, {x, std::nullopt, f32({}, {3})}, {kF32, {4}}),
                {-1, 0.5, 3, kNaN}, 0);
  REQUIRE(ints(run_one("clamp", {{"lo", -kInf}, {"hi", 6.0}}, {integers(kI8, {3}, {-100, 7, 3})}, {kI8, {3}})) ==
          Ints{-100, 6, 3});
}

TEST_CASE("casts round half to even, saturate to integers and wrap between them", "[ref]") {
  REQUIRE(ints(cast(f32({6}, {2.9, -2.9, 300, -300, kNaN, kInf}), kI8)) == Ints{2, -2, 127, -128, 0, 127});
  REQUIRE(ints(cast(f32({2}, {-1, 1e30}), kU64))[0] == 0);
  REQUIRE(elements_as<uint64_t>(cast(f32({1}, {1e30}), kU64))[0] == UINT64_MAX);
  REQUIRE(ints(cast(integers(kI32, {2}, {300, -1}), kU8)) == Ints{44, 255});
  REQUIRE(ints(cast(f32({3}, {0, -0.5, kNaN}), kBool)) == Ints{0, 1, 1});
  // 2049 lies between the halves 2048 and 2050, 2051 between 2050 and 2052.
  require_close(cast(f32({3}, {2049, 2051, 70000}), kF16), {2048, 2052, kInf}, 0);
  // One rounding from f64: 1 + 2^-11 + 2^-40 is above the tie, although its f32 is the tie.
  require_close(cast(tensor(kF64, {1}, {1 + 0x1p-11 + 0x1p-40}), kF16), {1 + 0x1p-10}, 0);
  const int64_t odd = (int64_t{1} << 53) + 1;
  REQUIRE(ints(cast(i64({1}, {odd}), kU64)) == Ints{odd});
}

TEST_CASE("copy keeps bits", "[ref]") {
  const Value x = value_of<rlx::sdk::C64>(kC64, {2}, {{1, -2}, {3, 4}});
  REQUIRE(run_one("copy", {}, {x}, {kC64, {2}}).bytes == x.bytes);
}
