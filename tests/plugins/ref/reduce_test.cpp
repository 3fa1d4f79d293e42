// Reductions, scans and sorting.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

#include <cmath>
#include <limits>

using namespace tests;
using Ints = std::vector<int64_t>;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Value reduce(const char* kind, const Value& x, Ints axes, Dims out) {
  return run_one("reduce", {{"kind", kind}, {"axes", axes}, {"keep_dims", 0}}, {x}, {x.dtype, std::move(out)});
}

Ints arg_reduce(const char* kind, const Value& x, bool last = false) {
  return ints(
      run_one("arg_reduce", {{"kind", kind}, {"axis", 0}, {"keep_dims", 0}, {"last_index", last}}, {x}, {kI64, {}}));
}

Value scan(const char* op, const Value& x, int axis, bool exclusive = false, bool reverse = false) {
  return run_one(op, {{"axis", axis}, {"exclusive", exclusive}, {"reverse", reverse}}, {x}, {x.dtype, x.dims});
}

}  // namespace

TEST_CASE("reduce in every kind", "[ref]") {
  const Value x = f32({2, 3}, {1, -2, 3, 4, 5, -6});
  require_close(reduce("sum", x, {1}, {2}), {2, 3}, 0);
  require_close(reduce("mean", x, {0}, {3}), {2.5, 1.5, -1.5}, 0);
  require_close(reduce("max", x, {0, 1}, {}), {5}, 0);
  require_close(reduce("min", x, {1}, {2}), {-2, -6}, 0);
  require_close(reduce("prod", x, {1}, {2}), {-6, -120}, 0);
  require_close(reduce("l1", x, {1}, {2}), {6, 15}, 0);
  require_close(reduce("l2", x, {1}, {2}), {3.7416573868, 8.7749643874});
  require_close(reduce("sum_sq", x, {1}, {2}), {14, 77}, 0);
  require_close(reduce("logsumexp", x, {1}, {2}), {3.1328452337, 5.3132738974});
  require_close(reduce("sum", x, {}, {2, 3}), {1, -2, 3, 4, 5, -6}, 0);
  const Value cube = iota(kF32, {2, 2, 2}, 0);
  require_close(reduce("sum", cube, {0, 2}, {2}), {10, 18}, 0);
}

TEST_CASE("reductions of nothing have their neutral element", "[ref]") {
  const Value none = f32({2, 0}, {});
  require_close(reduce("sum", none, {1}, {2}), {0, 0}, 0);
  require_close(reduce("prod", none, {1}, {2}), {1, 1}, 0);
  require_close(reduce("max", none, {1}, {2}), {-kInf, -kInf}, 0);
  require_close(reduce("min", none, {1}, {2}), {kInf, kInf}, 0);
  require_close(reduce("mean", none, {1}, {2}), {kNaN, kNaN}, 0);
  REQUIRE(ints(reduce("max", integers(kI8, {0}, {}), {0}, {})) == Ints{-128});
  REQUIRE(ints(reduce("min", integers(kU8, {0}, {}), {0}, {})) == Ints{255});
  REQUIRE(ints(reduce("any", tensor(kBool, {0}, {}), {0}, {})) == Ints{0});
  REQUIRE(ints(reduce("all", tensor(kBool, {0}, {}), {0}, {})) == Ints{1});
}

TEST_CASE("reductions know NaN, infinity, bool and wrapping", "[ref]") {
  require_close(reduce("max", f32({3}, {1, kNaN, 2}), {0}, {}), {kNaN});
  require_close(reduce("logsumexp", f32({2}, {-kInf, -kInf}), {0}, {}), {-kInf});
  require_close(reduce("logsumexp", f32({2}, {1000, 1000}), {0}, {}), {1000.6931472}, 1e-4);
  const Value b = tensor(kBool, {2, 2}, {0, 1, 1, 1});
  REQUIRE(ints(reduce("any", b, {1}, {2})) == Ints{1, 1});
  REQUIRE(ints(reduce("all", b, {1}, {2})) == Ints{0, 1});
  REQUIRE(ints(reduce("sum", integers(kI8, {2}, {100, 100}), {0}, {})) == Ints{-56});
  REQUIRE(ints(reduce("l1", i64({2}, {-3, INT64_MAX - 3}), {0}, {})) == Ints{INT64_MAX});
  REQUIRE(elements_as<uint64_t>(reduce("max", integers(kU64, {2}, {-1, 1}), {0}, {}))[0] == UINT64_MAX);
}

TEST_CASE("arg_reduce breaks ties and takes the first NaN as the largest", "[ref]") {
  REQUIRE(arg_reduce("argmax", f32({4}, {1, 5, 5, 0})) == Ints{1});
  REQUIRE(arg_reduce("argmax", f32({4}, {1, 5, 5, 0}), true) == Ints{2});
  REQUIRE(arg_reduce("argmin", f32({4}, {3, 0, 5, 0})) == Ints{1});
  REQUIRE(arg_reduce("argmin", f32({4}, {3, 0, 5, 0}), true) == Ints{3});
  REQUIRE(arg_reduce("argmax", f32({4}, {1, kNaN, kInf, kNaN})) == Ints{1});
  REQUIRE(arg_reduce("argmax", f32({4}, {1, kNaN, kInf, kNaN}), true) == Ints{3});
  REQUIRE(arg_reduce("argmin", f32({3}, {kNaN, 2, 1})) == Ints{2});
  REQUIRE(arg_reduce("argmin", f32({2}, {kNaN, kNaN})) == Ints{0});
  // Apart only in the last bit of an i64.
  REQUIRE(arg_reduce("argmax", i64({2}, {INT64_MAX - 1, INT64_MAX})) == Ints{1});
  REQUIRE(ints(run_one("arg_reduce", {{"kind", "argmax"}, {"axis", 1}, {"keep_dims", 1}, {"last_index", 0}},
                       {f32({2, 3}, {1, 3, 2, 9, 8, 7})}, {kI64, {2, 1}})) == Ints{1, 0});
}

TEST_CASE("cumsum and cumprod go both ways, with and without the element itself", "[ref]") {
  const Value x = f32({2, 3}, {1, 2, 3, 4, 5, 6});
  require_close(scan("cumsum", x, 1), {1, 3, 6, 4, 9, 15}, 0);
  require_close(scan("cumsum", x, 0), {1, 2, 3, 5, 7, 9}, 0);
  require_close(scan("cumsum", x, 1, true), {0, 1, 3, 0, 4, 9}, 0);
  require_close(scan("cumsum", x, 1, false, true), {6, 5, 3, 15, 11, 6}, 0);
  require_close(scan("cumsum", x, 1, true, true), {5, 3, 0, 11, 6, 0}, 0);
  require_close(scan("cumprod", x, 1), {1, 2, 6, 4, 20, 120}, 0);
  require_close(scan("cumprod", x, 1, true, true), {6, 3, 1, 30, 6, 1}, 0);
  REQUIRE(ints(scan("cumsum", integers(kI8, {2}, {100, 100}), 0)) == Ints{100, -56});
}

TEST_CASE("cumsum_backward adds up what each element went into", "[ref]") {
  const Value dy = f32({3}, {1, 10, 100});
  require_close(scan("cumsum_backward", dy, 0), {111, 110, 100}, 0);
  require_close(scan("cumsum_backward", dy, 0, true), {110, 100, 0}, 0);
  require_close(scan("cumsum_backward", dy, 0, false, true), {1, 11, 111}, 0);
}

TEST_CASE("sort is stable and puts NaN last, or first when descending", "[ref]") {
  const Value x = f32({5}, {2, kNaN, 1, 2, -kInf});
  const auto sort = [&](bool descending) {
    return run_node("sort", {{"axis", 0}, {"descending", descending}, {"stable", 1}}, {x}, {{kF32, {5}}, {kI64, {5}}});
  };
  require_close(sort(false)[0], {-kInf, 1, 2, 2, kNaN}, 0);
  REQUIRE(ints(sort(false)[1]) == Ints{4, 2, 0, 3, 1});
  require_close(sort(true)[0], {kNaN, 2, 2, 1, -kInf}, 0);
  REQUIRE(ints(sort(true)[1]) == Ints{1, 0, 3, 2, 4});
}

TEST_CASE("top_k takes the first of the sorted axis", "[ref]") {
  const auto top_k = [](const Value& x, int k, int axis, bool largest, Dims out) {
    return run_node("top_k", {{"k", k}, {"axis", axis}, {"largest", largest}, {"sorted", 1}}, {x},
                    {{x.dtype, out}, {kI64, out}});
  };
  const Value x = f32({2, 3}, {5, 7, 7, 1, 0, 2});
  require_close(top_k(x, 2, 1, true, {2, 2})[0], {7, 7, 2, 1}, 0);
  REQUIRE(ints(top_k(x, 2, 1, true, {2, 2})[1]) == Ints{1, 2, 2, 0});
  require_close(top_k(x, 1, 0, false, {1, 3})[0], {1, 0, 2}, 0);
  REQUIRE(ints(top_k(x, 1, 0, false, {1, 3})[1]) == Ints{1, 1, 1});
  REQUIRE(ints(top_k(integers(kU64, {2}, {1, -1}), 1, 0, true, {1})[1]) == Ints{1});
}
