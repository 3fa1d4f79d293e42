// When an output counts as the expected one, and what there must be to compare with.
#include "catch.hpp"

#include <filesystem>
#include <limits>
#include <testset.hpp>

namespace {

using namespace rlx;
using tools::Comparison;

constexpr float kInf = std::numeric_limits<float>::infinity(), kNaN = std::numeric_limits<float>::quiet_NaN();

Comparison compare(DType dtype, const std::vector<float>& got, const std::vector<float>& want) {
  const Shape shape{static_cast<int64_t>(got.size() * sizeof(float) / size_of(dtype))};
  const Tensor a = Tensor::of<float>(dtype, shape, got).value(), b = Tensor::of<float>(dtype, shape, want).value();
  return tools::compare("y", a.view(), b.view(), {1e-3, 1e-5});
}

bool equal(float got, float want) {
  return compare(DType::kF32, {got}, {want}).equal;
}

TEST_CASE("floats are equal within the tolerance, infinities and NaN only to themselves", "[tools]") {
  CHECK(equal(1.0005f, 1));
  CHECK_FALSE(equal(1.002f, 1));
  CHECK(equal(kInf, kInf));
  CHECK(equal(kNaN, kNaN));
  CHECK_FALSE(equal(5, kInf));
  CHECK_FALSE(equal(-kInf, kInf));
  CHECK_FALSE(equal(kInf, 5));
  CHECK_FALSE(equal(kNaN, 5));
  CHECK_FALSE(equal(5, kNaN));
}

TEST_CASE("both parts of a complex number count, and the element is named", "[tools]") {
  CHECK(compare(DType::kC64, {1, 2, 3, 4}, {1, 2, 3, 4}).equal);
  const Comparison c = compare(DType::kC64, {1, 2, 3, 4}, {1, 2, 3, 5});
  CHECK_FALSE(c.equal);
  CHECK_THAT(c.text, tests::contains_text("output 'y'") && tests::contains_text("at [1]: got 4") &&
                         tests::contains_text("want 5"));
}

TEST_CASE("integers are equal to the last bit", "[tools]") {
  const int64_t large[] = {int64_t{1} << 53, (int64_t{1} << 53) + 1};
  const auto equal_ints = [&](size_t got, size_t want) {
    const Tensor a = Tensor::from_bytes(DType::kI64, {1}, &large[got], 8).value();
    const Tensor b = Tensor::from_bytes(DType::kI64, {1}, &large[want], 8).value();
    return tools::compare("y", a.view(), b.view(), {1, 1}).equal;
  };
  CHECK(equal_ints(1, 1));
  CHECK_FALSE(equal_ints(1, 0));
}

TEST_CASE("a test set without outputs is an error: comparing with nothing would succeed", "[tools]") {
  const onnx::Model model = onnx::Model::load(RLX_CLASSIFIER).value();
  const std::string dir = std::filesystem::path(RLX_CLASSIFIER).parent_path().string();
  const auto set = tools::read_test_set(dir, model);
  REQUIRE_FALSE(set);
  CHECK(set.error().code == Code::kNotFound);
  CHECK_THAT(set.error().message, tests::contains_text(dir));
}

}  // namespace
