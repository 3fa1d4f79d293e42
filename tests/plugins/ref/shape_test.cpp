// Kernels that only move elements.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

using namespace tests;
using Ints = std::vector<int64_t>;

namespace {
const Value kTwoByThree = iota(kI64, {2, 3}, 1);
}

TEST_CASE("reshape keeps the order of elements", "[ref]") {
  REQUIRE(ints(run_one("reshape", {{"shape", Ints{3, 2}}}, {kTwoByThree}, {kI64, {3, 2}})) == Ints{1, 2, 3, 4, 5, 6});
}

TEST_CASE("transpose permutes axes", "[ref]") {
  REQUIRE(ints(run_one("transpose", {{"perm", Ints{1, 0}}}, {kTwoByThree}, {kI64, {3, 2}})) == Ints{1, 4, 2, 5, 3, 6});
  const Value x = iota(kU8, {2, 1, 3}, 0);
  REQUIRE(ints(run_one("transpose", {{"perm", Ints{2, 0, 1}}}, {x}, {kU8, {3, 2, 1}})) == Ints{0, 3, 1, 4, 2, 5});
}

TEST_CASE("a tensor without elements is done at once, whatever its other dims", "[ref]") {
  const uint64_t many = uint64_t{1} << 40;
  REQUIRE(
      ints(run_one("expand", {{"shape", Ints{1 << 20, 1 << 20, 0}}}, {i64({1, 0}, {})}, {kI64, {1 << 20, 1 << 20, 0}}))
          .empty());
  REQUIRE(ints(run_one("transpose", {{"perm", Ints{1, 0}}}, {i64({0, many}, {})}, {kI64, {many, 0}})).empty());
}

TEST_CASE("narrow takes a range of an axis", "[ref]") {
  REQUIRE(ints(run_one("narrow", {{"axis", 1}, {"start", 1}, {"len", 2}}, {kTwoByThree}, {kI64, {2, 2}})) ==
          Ints{2, 3, 5, 6});
  REQUIRE(ints(run_one("narrow", {{"axis", 0}, {"start", 2}, {"len", 0}}, {kTwoByThree}, {kI64, {0, 3}})).empty());
}

TEST_CASE("slice steps forwards and backwards", "[ref]") {
  const auto slice = [](Ints starts, Ints ends, Ints steps, Dims out) {
    return ints(run_one("slice", {{"starts", starts}, {"ends", ends}, {"steps", steps}}, {kTwoByThree}, {kI64, out}));
  };
  REQUIRE(slice({0, 0}, {2, 3}, {1, 2}, {2, 2}) == Ints{1, 3, 4, 6});
  REQUIRE(slice({1, 2}, {-1, -1}, {-1, -2}, {2, 2}) == Ints{6, 4, 3, 1});
  REQUIRE(slice({1, 1}, {2, 2}, {1, INT64_MAX}, {1, 1}) == Ints{5});
  REQUIRE(slice({2, 0}, {2, 3}, {1, 1}, {0, 3}).empty());
}

TEST_CASE("concat joins along an axis, empty parts too", "[ref]") {
  const Value b = i64({2, 1}, {7, 8}), none = i64({2, 0}, {});
  REQUIRE(ints(run_one("concat", {{"axis", 1}}, {kTwoByThree, none, b}, {kI64, {2, 4}})) ==
          Ints{1, 2, 3, 7, 4, 5, 6, 8});
}

TEST_CASE("expand and tile repeat", "[ref]") {
  REQUIRE(ints(run_one("expand", {{"shape", Ints{2, 2, 2}}}, {i64({2, 1}, {1, 2})}, {kI64, {2, 2, 2}})) ==
          Ints{1, 1, 2, 2, 1, 1, 2, 2});
  REQUIRE(ints(run_one("tile", {{"repeats", Ints{2, 2}}}, {i64({1, 2}, {1, 2})}, {kI64, {2, 4}})) ==
          Ints{1, 2, 1, 2, 1, 2, 1, 2});
}

TEST_CASE("pad fills by mode", "[ref]") {
  const Value x = f32({3}, {1, 2, 3});
  const auto pad = [&](const char* mode, Ints begins, Ints ends, Inputs inputs, Dims out) {
    return numbers(run_one("pad", {{"mode", mode}, {"begins", begins}, {"ends", ends}, {"value", 9.0}}, inputs,
                           {inputs[0]->dtype, out}));
  };
  using Numbers = std::vector<double>;
  REQUIRE(pad("constant", {1}, {2}, {x}, {6}) == Numbers{9, 1, 2, 3, 9, 9});
  REQUIRE(pad("constant", {1}, {0}, {x, f32({}, {-4})}, {4}) == Numbers{-4, 1, 2, 3});
  REQUIRE(pad("edge", {2}, {1}, {x}, {6}) == Numbers{1, 1, 1, 2, 3, 3});
  REQUIRE(pad("reflect", {2}, {2}, {x}, {7}) == Numbers{3, 2, 1, 2, 3, 2, 1});
  REQUIRE(pad("wrap", {4}, {1}, {x}, {8}) == Numbers{3, 1, 2, 3, 1, 2, 3, 1});
  REQUIRE(pad("constant", {0, 1}, {1, 0}, {i64({1, 2}, {1, 2})}, {2, 3}) == Numbers{9, 1, 2, 9, 9, 9});
}

TEST_CASE("reverse turns axes around", "[ref]") {
  REQUIRE(ints(run_one("reverse", {{"axes", Ints{0, 1}}}, {kTwoByThree}, {kI64, {2, 3}})) == Ints{6, 5, 4, 3, 2, 1});
  REQUIRE(ints(run_one("reverse", {{"axes", Ints{1}}}, {kTwoByThree}, {kI64, {2, 3}})) == Ints{3, 2, 1, 6, 5, 4});
  REQUIRE(ints(run_one("reverse", {{"axes", Ints{0}}}, {i64({0, 3}, {})}, {kI64, {0, 3}})).empty());
}

TEST_CASE("trilu keeps a triangle", "[ref]") {
  const auto trilu = [](bool upper, int k) {
    return ints(run_one("trilu", {{"upper", upper}, {"k", k}}, {kTwoByThree}, {kI64, {2, 3}}));
  };
  REQUIRE(trilu(true, 0) == Ints{1, 2, 3, 0, 5, 6});
  REQUIRE(trilu(true, 1) == Ints{0, 2, 3, 0, 0, 6});
  REQUIRE(trilu(false, 0) == Ints{1, 0, 0, 4, 5, 0});
  REQUIRE(trilu(false, -1) == Ints{0, 0, 0, 4, 0, 0});
}

TEST_CASE("pixels move in blocks", "[ref]") {
  const Value x = iota(kF32, {1, 1, 2, 4}, 0);
  require_close(run_one("space_to_depth", {{"block", 2}}, {x}, {kF32, {1, 4, 1, 2}}), {0, 2, 1, 3, 4, 6, 5, 7}, 0);
  require_close(run_one("resize_nearest_2x", {}, {f32({1, 1, 1, 2}, {1, 2})}, {kF32, {1, 1, 2, 4}}),
                {1, 1, 2, 2, 1, 1, 2, 2}, 0);
  // Two output channels tell the modes apart: dcr has the block outermost in the channels, crd innermost.
  const Value deep = iota(kF32, {1, 8, 1, 1}, 0);
  const auto depth_to_space = [&](const char* mode) {
    return run_one("depth_to_space", {{"block", 2}, {"mode", mode}}, {deep}, {kF32, {1, 2, 2, 2}});
  };
  require_close(depth_to_space("dcr"), {0, 2, 4, 6, 1, 3, 5, 7}, 0);
  require_close(depth_to_space("crd"), {0, 1, 2, 3, 4, 5, 6, 7}, 0);
  const Value channels = iota(kF32, {1, 2, 2, 2}, 0);
  require_close(run_one("space_to_depth", {{"block", 2}}, {channels}, {kF32, {1, 8, 1, 1}}), {0, 4, 1, 5, 2, 6, 3, 7},
                0);
}
