// Checked construction, broadcasting and texts of shapes.
#include "catch.hpp"

#include <rlx/shape.hpp>

#include <vector>

using namespace rlx;

namespace {

std::string broadcast_text(const Shape& a, const Shape& b) {
  const auto shape = broadcast(a, b);
  return shape ? to_string(*shape) : shape.error().message;
}

}  // namespace

TEST_CASE("a shape has at most eight dims and a bounded number of elements", "[shape]") {
  const std::vector<int64_t> nine(9, 1);
  CHECK_THAT(Shape::make(nine).error().message, tests::contains_text("rank 9"));
  CHECK(Shape::make(std::vector<int64_t>(8, 1)).has_value());
  CHECK(Shape::make(std::vector<int64_t>{kMaxElements}).has_value());
  CHECK_FALSE(Shape::make(std::vector<int64_t>{kMaxElements + 1}).has_value());
  CHECK_FALSE(Shape::make(std::vector<int64_t>{kMaxElements, 2}).has_value());
  CHECK_FALSE(Shape::make(std::vector<int64_t>{INT64_MAX, 0}).has_value());
}

TEST_CASE("a zero dim does not excuse a product that overflows", "[shape]") {
  CHECK_FALSE(Shape::make(std::vector<int64_t>{kMaxElements, kMaxElements, 0}).has_value());
  CHECK(Shape::make(std::vector<int64_t>{3, 0, 4})->elements() == 0);
}

TEST_CASE("broadcasting follows numpy", "[shape]") {
  CHECK(broadcast_text({2, 3}, {3}) == "[2, 3]");
  CHECK(broadcast_text({2, 1, 4}, {5, 1}) == "[2, 5, 4]");
  CHECK(broadcast_text({}, {7}) == "[7]");
  CHECK(broadcast_text({0}, {1}) == "[0]");
  CHECK_THAT(broadcast_text({2, 3}, {4}), tests::contains_text("[2, 3] and [4]"));
  CHECK_THAT(broadcast_text({0}, {2}), tests::contains_text("do not broadcast"));
}

TEST_CASE("broadcasting keeps symbols where it can", "[shape]") {
  const int64_t n = symbol_dim(0), m = symbol_dim(1);
  CHECK(broadcast_text({n}, {1}) == "[s0]");
  CHECK(broadcast_text({n}, {n}) == "[s0]");
  CHECK(broadcast_text({n}, {4}) == "[4]");
  CHECK(broadcast_text({n}, {m}) == "[?]");
  CHECK(broadcast_text({kUnknownDim}, {3}) == "[3]");
}

TEST_CASE("a broadcast that would be too large is an error", "[shape]") {
  const int64_t big = int64_t{1} << 40;
  CHECK_FALSE(broadcast({big, 1}, {1, big}).has_value());
}

TEST_CASE("shapes print their symbols by name", "[shape]") {
  const std::vector<std::string> symbols = {"batch"};
  CHECK(to_string({symbol_dim(0), 3, kUnknownDim, symbol_dim(5)}, symbols) == "[batch, 3, ?, s5]");
  CHECK(to_string(Shape{}) == "[]");
}

TEST_CASE("dims can be inserted and erased, strides are row-major", "[shape]") {
  Shape shape = {2, 4};
  shape.insert(1, 3);
  CHECK(shape == Shape{2, 3, 4});
  const auto strides = shape.strides();
  CHECK(std::vector<int64_t>(strides.begin(), strides.begin() + 3) == std::vector<int64_t>{12, 4, 1});
  shape.erase(0);
  CHECK(shape == Shape{3, 4});
}
