// Gathers, scatters and what makes indices.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

using namespace tests;
using Ints = std::vector<int64_t>;

namespace {

const Value kTable = iota(kF32, {3, 2}, 0);  // rows {0, 1}, {2, 3}, {4, 5}

Attrs scatter_attrs(const char* reduction) {
  return {{"axis", 0}, {"reduction", reduction}};
}

}  // namespace

TEST_CASE("gather takes rows; negative indices count from the end", "[ref]") {
  require_close(run_one("gather", {{"axis", 0}}, {kTable, i64({2, 1}, {-1, 0})}, {kF32, {2, 1, 2}}), {4, 5, 0, 1}, 0);
  require_close(run_one("gather", {{"axis", 1}}, {kTable, integers(kI32, {}, {1})}, {kF32, {3}}), {1, 3, 5}, 0);
}

TEST_CASE("an index out of range fails the run and names node, value and limit", "[ref]") {
  for (int64_t bad : {int64_t{3}, int64_t{-4}, INT64_MAX, INT64_MIN}) {
    const Failure f = failure_of("gather", {{"axis", 0}}, {kTable, i64({1}, {bad})}, {{kF32, {1, 2}}});
    REQUIRE(f.code == RLX_OUT_OF_RANGE);
    REQUIRE_THAT(f.what(), contains_text("gather 'it': index " + std::to_string(bad) + " out of range for size 3"));
  }
  const Value bad = i64({1, 1}, {3});
  const Value one = f32({1, 1}, {1}), row = f32({1, 2}, {1, 1});
  const auto code = [](const char* op, const Attrs& attrs, const Inputs& inputs, Dims out) {
    return failure_of(op, attrs, inputs, {{kF32, out}}).code;
  };
  REQUIRE(code("gather_elements", {{"axis", 0}}, {kTable, bad}, {1, 1}) == RLX_OUT_OF_RANGE);
  REQUIRE(code("gather_nd", {{"batch_dims", 0}}, {kTable, bad}, {1, 2}) == RLX_OUT_OF_RANGE);
  REQUIRE(code("gather_backward", {{"axis", 0}, {"dim", 3}}, {row, i64({1}, {3})}, {3, 2}) == RLX_OUT_OF_RANGE);
  REQUIRE(code("scatter_add", {{"out_dim", 3}}, {row, i64({1}, {-4})}, {3, 2}) == RLX_OUT_OF_RANGE);
  REQUIRE(code("scatter_elements", scatter_attrs("none"), {kTable, bad, one}, {3, 2}) == RLX_OUT_OF_RANGE);
  REQUIRE(code("scatter_nd", {{"reduction", "none"}}, {kTable, bad, row}, {3, 2}) == RLX_OUT_OF_RANGE);
}

TEST_CASE("gather_elements and gather_nd take coordinates", "[ref]") {
  require_close(run_one("gather_elements", {{"axis", 1}}, {kTable, i64({3, 1}, {1, 0, -1})}, {kF32, {3, 1}}), {1, 2, 5},
                0);
  require_close(run_one("gather_nd", {{"batch_dims", 0}}, {kTable, i64({2, 2}, {0, 1, -1, 0})}, {kF32, {2}}), {1, 4},
                0);
  require_close(run_one("gather_nd", {{"batch_dims", 0}}, {kTable, i64({2, 1}, {2, 0})}, {kF32, {2, 2}}), {4, 5, 0, 1},
                0);
  const Value batched = iota(kF32, {2, 3, 1}, 0);
  require_close(run_one("gather_nd", {{"batch_dims", 1}}, {batched, i64({2, 1}, {2, 0})}, {kF32, {2, 1}}), {2, 3}, 0);
}

TEST_CASE("gather_backward adds up rows that were read twice", "[ref]") {
  require_close(run_one("gather_backward", {{"axis", 0}, {"dim", 3}},
                        {f32({3, 2}, {1, 2, 10, 20, 100, 200}), i64({3}, {2, 0, -1})}, {kF32, {3, 2}}),
                {10, 20, 0, 0, 101, 202}, 0);
  require_close(
      run_one("gather_backward", {{"axis", 1}, {"dim", 2}}, {f32({2, 1}, {5, 6}), i64({1}, {1})}, {kF32, {2, 2}}),
      {0, 5, 0, 6}, 0);
}

TEST_CASE("scatter_add starts from zeros", "[ref]") {
  require_close(
      run_one("scatter_add", {{"out_dim", 3}}, {f32({3, 2}, {1, 2, 3, 4, 5, 6}), i64({3}, {1, 1, -3})}, {kF32, {3, 2}}),
      {5, 6, 4, 6, 0, 0}, 0);
  REQUIRE(ints(run_one("scatter_add", {{"out_dim", 1}}, {integers(kU8, {2}, {200, 100}), i64({2}, {0, 0})},
                       {kU8, {1}})) == Ints{44});
}

TEST_CASE("scatter_elements replaces or reduces", "[ref]") {
  const Value x = f32({3}, {1, 2, 3}), idx = i64({3}, {0, 0, -1}), updates = f32({3}, {10, 20, -5});
  const auto run = [&](const char* reduction) {
    return run_one("scatter_elements", scatter_attrs(reduction), {x, idx, updates}, {kF32, {3}});
  };
  require_close(run("none"), {20, 2, -5}, 0);
  require_close(run("add"), {31, 2, -2}, 0);
  require_close(run("mul"), {200, 2, -15}, 0);
  require_close(run("max"), {20, 2, 3}, 0);
  require_close(run("min"), {1, 2, -5}, 0);
}

TEST_CASE("scatter_nd writes elements or rows", "[ref]") {
  require_close(
      run_one("scatter_nd", {{"reduction", "none"}}, {kTable, i64({1, 1}, {1}), f32({1, 2}, {8, 9})}, {kF32, {3, 2}}),
      {0, 1, 8, 9, 4, 5}, 0);
  require_close(run_one("scatter_nd", {{"reduction", "add"}}, {kTable, i64({2, 2}, {1, 1, -2, 1}), f32({2}, {10, 100})},
                        {kF32, {3, 2}}),
                {0, 1, 2, 113, 4, 5}, 0);
  const int64_t big = (int64_t{1} << 60) + 1;
  REQUIRE(ints(run_one("scatter_nd", {{"reduction", "none"}}, {i64({2}, {big, 0}), i64({1, 1}, {1}), i64({1}, {big})},
                       {kI64, {2}})) == Ints{big, big});
}

TEST_CASE("one_hot gives a row of off for an index outside", "[ref]") {
  const Value idx = i64({4}, {0, -1, 3, -4}), off_on = f32({2}, {-1, 1});
  require_close(run_one("one_hot", {{"depth", 3}, {"axis", 1}}, {idx, off_on}, {kF32, {4, 3}}),
                {1, -1, -1, -1, -1, 1, -1, -1, -1, -1, -1, -1}, 0);
  require_close(run_one("one_hot", {{"depth", 2}, {"axis", 0}}, {i64({2}, {1, 0}), off_on}, {kF32, {2, 2}}),
                {-1, 1, 1, -1}, 0);
}

TEST_CASE("iota counts along its axis", "[ref]") {
  const auto iota_of = [](Ints shape, int axis, double start, double step, Type out) {
    return run_one("iota",
                   {{"shape", shape}, {"axis", axis}, {"start", start}, {"step", step}, {"to", DTypeValue{out.dtype}}},
                   {}, out);
  };
  require_close(iota_of({2, 3}, 1, 1, 0.5, {kF32, {2, 3}}), {1, 1.5, 2, 1, 1.5, 2}, 0);
  require_close(iota_of({2, 3}, 0, 0, -1, {kI32, {2, 3}}), {0, 0, 0, -1, -1, -1}, 0);
  require_close(iota_of({}, 0, 5, 1, {kF32, {}}), {5}, 0);
  REQUIRE(ints(iota_of({2}, 0, 0x1p53, 1, {kI64, {2}})) == Ints{int64_t{1} << 53, (int64_t{1} << 53) + 1});
}

TEST_CASE("non_zero lists coordinates up to its limit", "[ref]") {
  const Value x = f32({2, 2}, {0, 3, std::numeric_limits<double>::quiet_NaN(), -1});
  const auto run = [&](int64_t limit) {
    return run_node("non_zero", {{"limit", limit}}, {x}, {{kI64, {2, static_cast<uint64_t>(limit)}}, {kI64, {}}});
  };
  REQUIRE(ints(run(4)[0]) == Ints{0, 1, 1, 0, 1, 0, 1, 0});
  REQUIRE(ints(run(4)[1]) == Ints{3});
  REQUIRE(ints(run(2)[0]) == Ints{0, 1, 1, 0});
  REQUIRE(ints(run(2)[1]) == Ints{2});
}
