// Matrix products and quantisation against values worked out by hand.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

#include <limits>

using namespace tests;
using Ints = std::vector<int64_t>;

namespace {

const Value kA = f32({2, 3}, {1, 2, 3, 4, 5, 6});
const Value kB = f32({3, 2}, {1, 0, 0, 1, 2, -1});

Value matmul(const Value& a, const Value& b, Dims out, bool trans_a = false, bool trans_b = false) {
  return run_one("matmul", {{"trans_a", trans_a}, {"trans_b", trans_b}}, {a, b}, {a.dtype, std::move(out)});
}

Attrs linear_attrs(const char* layout, const char* activation) {
  return {{"w_layout", layout}, {"activation", activation}, {"alpha", 0.5}, {"beta", 0.0}};
}

}  // namespace

TEST_CASE("matmul multiplies matrices, transposed or not", "[ref]") {
  require_close(matmul(kA, kB, {2, 2}), {7, -1, 16, -1}, 0);
  require_close(matmul(kA, kA, {3, 3}, true), {17, 22, 27, 22, 29, 36, 27, 36, 45}, 0);
  require_close(matmul(kA, kA, {2, 2}, false, true), {14, 32, 32, 77}, 0);
}

TEST_CASE("matmul treats vectors as numpy does", "[ref]") {
  const Value v = f32({3}, {1, 1, 1}), w = f32({2}, {1, 10});
  require_close(matmul(kA, v, {2}), {6, 15}, 0);
  require_close(matmul(w, kA, {3}), {41, 52, 63}, 0);
  require_close(matmul(v, v, {}), {3}, 0);
}

TEST_CASE("matmul broadcasts batches", "[ref]") {
  const Value a = f32({2, 1, 1, 2}, {1, 2, 3, 4}), b = f32({3, 2, 1}, {1, 0, 0, 1, 1, 1});
  require_close(matmul(a, b, {2, 3, 1, 1}), {1, 2, 3, 3, 4, 7}, 0);
}

TEST_CASE("matmul of an empty inner dim is zero, of an empty batch nothing", "[ref]") {
  require_close(matmul(f32({2, 0}, {}), f32({0, 1}, {}), {2, 1}), {0, 0}, 0);
  REQUIRE(numbers(matmul(f32({0, 2, 1}, {}), f32({1, 1}, {1}), {0, 2, 1})).empty());
}

TEST_CASE("integer products wrap in their own width", "[ref]") {
  REQUIRE(ints(matmul(integers(kI8, {1, 2}, {100, 100}), integers(kI8, {2, 1}, {1, 1}), {1, 1})) == Ints{-56});
  const int64_t big = int64_t{1} << 62;
  REQUIRE(ints(matmul(i64({1, 1}, {big + 1}), i64({1, 1}, {2}), {1, 1})) == Ints{INT64_MIN + 2});
}

TEST_CASE("f32 sums are wider than f32", "[ref]") {
  // 2^24 + 1 + 1 − 2^24 loses both ones when summed in f32.
  require_close(matmul(f32({1, 4}, {0x1p24, 1, 1, -0x1p24}), f32({4, 1}, {1, 1, 1, 1}), {1, 1}), {2}, 0);
}

TEST_CASE("dot_general contracts any axes and puts batch dims first", "[ref]") {
  const Value a = iota(kF32, {2, 3, 2}, 1);  // [k, batch, m]
  const Value b = iota(kF32, {3, 2}, 1);     // [batch, k]
  const Attrs attrs{
      {"lhs_contracting", Ints{0}}, {"rhs_contracting", Ints{1}}, {"lhs_batch", Ints{1}}, {"rhs_batch", Ints{0}}};
  // Batch 0: columns (1, 7) and (2, 8) with (1, 2), and so on.
  require_close(run_one("dot_general", attrs, {a, b}, {kF32, {3, 2}}), {15, 18, 45, 52, 91, 102}, 0);
  const Attrs outer{
      {"lhs_contracting", Ints{}}, {"rhs_contracting", Ints{}}, {"lhs_batch", Ints{}}, {"rhs_batch", Ints{}}};
  require_close(run_one("dot_general", outer, {f32({2}, {1, 2}), f32({2}, {3, 4})}, {kF32, {2, 2}}), {3, 4, 6, 8}, 0);
}

TEST_CASE("linear has both weight layouts, a bias and an activation", "[ref]") {
  const Value bias = f32({2}, {-10, 1}), transposed = f32({2, 3}, {1, 0, 2, 0, 1, -1});
  require_close(run_one("linear", linear_attrs("kn", "none"), {kA, kB, bias}, {kF32, {2, 2}}), {-3, 0, 6, 0}, 0);
  require_close(run_one("linear", linear_attrs("nk", "none"), {kA, transposed, bias}, {kF32, {2, 2}}), {-3, 0, 6, 0},
                0);
  require_close(run_one("linear", linear_attrs("kn", "leaky_relu"), {kA, kB, bias}, {kF32, {2, 2}}), {-1.5, 0, 6, 0},
                0);
  require_close(run_one("linear", linear_attrs("kn", "none"), {kA, kB}, {kF32, {2, 2}}), {7, -1, 16, -1}, 0);
  // 100 + 100 wraps to −56 before relu sees it.
  REQUIRE(ints(run_one("linear", linear_attrs("kn", "relu"),
                       {integers(kI8, {1, 2}, {100, 100}), integers(kI8, {2, 1}, {1, 1})}, {kI8, {1, 1}})) == Ints{0});
}

TEST_CASE("an activation comes before the one rounding", "[ref]") {
  // The sum −(1 + 2^-11 + 2^-13) times 3 rounds to −(3 + 2^-9). Rounded first it would be −(1 + 2^-10), and times 3
  // then −(3 + 2^-8).
  const Attrs attrs{{"w_layout", "kn"}, {"activation", "leaky_relu"}, {"alpha", 3.0}, {"beta", 0.0}};
  const Value x = tensor(kF16, {1, 3}, {-1, -0x1p-11, -0x1p-13}), ones = tensor(kF16, {3, 1}, {1, 1, 1});
  require_close(run_one("linear", attrs, {x, ones}, {kF16, {1, 1}}), {-(3 + 0x1p-9)}, 0);
}

TEST_CASE("quantize rounds half to even and saturates", "[ref]") {
  const auto quantize = [](rlx_dtype to, const Value& x, const Value& s, std::optional<Value> z, int axis) {
    return ints(run_one("quantize", {{"axis", axis}, {"to", DTypeValue{to}}}, {x, s, z}, {to, x.dims}));
  };
  const Value x = f32({6}, {1, 3, 5, -1, 1000, -1000});
  REQUIRE(quantize(kU8, x, f32({}, {2}), integers(kU8, {}, {10}), 0) == Ints{10, 12, 12, 10, 255, 0});
  REQUIRE(quantize(kI8, x, f32({}, {2}), std::nullopt, 0) == Ints{0, 2, 2, 0, 127, -128});
  REQUIRE(quantize(kI8, f32({2, 2}, {1, 1, 10, 10}), f32({2}, {1, 0.5}), integers(kI8, {2}, {0, 1}), 1) ==
          Ints{1, 3, 10, 21});
  REQUIRE(quantize(kI8, f32({2, 2}, {1, 1, 10, 10}), f32({2}, {1, 0.5}), std::nullopt, 0) == Ints{1, 1, 20, 20});
}

TEST_CASE("quantize rounds the quotient to the dtype of x first", "[ref]") {
  // In f32 0.35 / 0.1 is the tie 3.5, which goes to 4; the exact quotient of the two floats lies just below.
  const Attrs attrs{{"axis", 0}, {"to", DTypeValue{kI8}}};
  REQUIRE(ints(run_one("quantize", attrs, {f32({1}, {0.35}), f32({}, {0.1})}, {kI8, {1}})) == Ints{4});
  const double x = 0.3499999940395355, scale = 0.10000000149011612;
  REQUIRE(ints(run_one("quantize", attrs, {tensor(kF64, {1}, {x}), tensor(kF64, {}, {scale})}, {kI8, {1}})) == Ints{3});
}

TEST_CASE("dequantize is the inverse, in the dtype of the scale", "[ref]") {
  const Value q = integers(kU8, {2, 2}, {0, 10, 20, 255});
  require_close(run_one("dequantize", {{"axis", 0}}, {q, f32({}, {0.5}), integers(kU8, {}, {10})}, {kF32, {2, 2}}),
                {-5, 0, 5, 122.5}, 0);
  require_close(run_one("dequantize", {{"axis", 0}}, {q, tensor(kF16, {2}, {1, 2})}, {kF16, {2, 2}}), {0, 10, 40, 510},
                0);
}
