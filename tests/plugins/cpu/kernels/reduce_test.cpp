// Reductions against plain loops over every set of axes.
#include "kernels/expect.hpp"

#include <algorithm>
#include <limits>

namespace {

using namespace tests;

double fold(const std::string& kind, const Values& v) {
  double sum = 0, squares = 0, magnitudes = 0, product = 1, exponentials = 0;
  double top = -std::numeric_limits<double>::infinity(), bottom = -top;
  for (double x : v) {
    sum += x;
    squares += x * x;
    magnitudes += std::fabs(x);
    product *= x;
    exponentials += std::exp(x);
    top = std::max(top, x);
    bottom = std::min(bottom, x);
  }
  if (kind == "sum") return sum;
  if (kind == "mean") return sum / double(v.size());
  if (kind == "max") return top;
  if (kind == "min") return bottom;
  if (kind == "prod") return product;
  if (kind == "l1") return magnitudes;
  if (kind == "l2") return std::sqrt(squares);
  if (kind == "logsumexp") return std::log(exponentials);
  return squares;
}

Values reduced(const std::string& kind, const Dims& dims, const Values& x, unsigned axes) {
  uint64_t outputs = 1;
  for (size_t i = 0; i < dims.size(); ++i)
    if (!(axes >> i & 1)) outputs *= dims[i];
  std::vector<Values> groups(outputs);
  for (uint64_t at = 0; at < x.size(); ++at) {
    uint64_t rest = at, index = 0, step = 1;
    for (size_t i = dims.size(); i-- > 0; rest /= dims[i])
      if (!(axes >> i & 1)) index += rest % dims[i] * step, step *= dims[i];
    groups[index].push_back(x[at]);
  }
  Values y;
  for (const Values& g : groups) y.push_back(fold(kind, g));
  return y;
}

OneNode make_reduce(const std::string& kind, unsigned axes, size_t rank) {
  std::vector<int64_t> list;
  for (size_t i = 0; i < rank; ++i)
    if (axes >> i & 1) list.push_back(int64_t(i));
  return OneNode("reduce", {{"kind", kind}, {"axes", list}, {"keep_dims", int64_t{1}}});
}

Dims reduced_dims(Dims dims, unsigned axes) {
  for (size_t i = 0; i < dims.size(); ++i)
    if (axes >> i & 1) dims[i] = 1;
  return dims;
}

TEST_CASE("every kind of reduction over every set of axes equals a plain fold", "[cpu]") {
  const std::string kind = GENERATE("sum", "mean", "max", "min", "prod", "l1", "l2", "logsumexp", "sum_sq");
  const rlx_dtype dtype = GENERATE(as<rlx_dtype>{}, RLX_DTYPE_F32, RLX_DTYPE_F64);
  const Dims dims{3, 5, 4, 37};
  const Values x = random_values(count_of(dims), seed(), -1, 1.5);
  for_each_target([&] {
    for (unsigned axes = 0; axes < 16; ++axes) {
      INFO(kind << " over axes " << axes);
      OneNode node = make_reduce(kind, axes, 4);
      expect_close(node.in(dims, x, dtype).out(reduced_dims(dims, axes), dtype).run(), reduced(kind, dims, x, axes),
                   2e-6, 1e-7);
    }
  });
}

TEST_CASE("a reduction that several threads share equals that of one", "[cpu]") {
  const Dims dims{100003};
  const Values x = random_values(dims[0], seed());
  for (const char* kind : {"sum", "max", "logsumexp"}) {
    OneNode node = make_reduce(kind, 1, 1);
    expect_close(node.in(dims, x).out({1}).run(2), reduced(kind, dims, x, 1), 1e-6, 1e-6);
  }
}

TEST_CASE("reductions of integers wrap and those of nothing give the neutral value", "[cpu]") {
  const auto run = [](const char* kind, Values v, rlx_dtype dtype) {
    return make_reduce(kind, 1, 1).in({v.size()}, v, dtype).out({1}, dtype).run();
  };
  REQUIRE(run("sum", Values(10, 100), RLX_DTYPE_I8) == Values{-24});
  REQUIRE(run("prod", {-3, 5, 7}, RLX_DTYPE_I32) == Values{-105});
  REQUIRE(run("max", Values(19, -7), RLX_DTYPE_I64) == Values{-7});
  REQUIRE(run("any", {0, 0, 1}, RLX_DTYPE_BOOL) == Values{1});
  REQUIRE(run("all", {1, 0, 1}, RLX_DTYPE_BOOL) == Values{0});
  REQUIRE(run("sum", {}, RLX_DTYPE_F32) == Values{0});
  REQUIRE(run("max", {}, RLX_DTYPE_F32) == Values{-std::numeric_limits<double>::infinity()});
  REQUIRE(run("prod", {}, RLX_DTYPE_I32) == Values{1});
  REQUIRE(std::isnan(run("mean", {}, RLX_DTYPE_F32)[0]));
}

TEST_CASE("NaN anywhere in a row is its maximum and its minimum", "[cpu]") {
  const uint64_t at = GENERATE(0u, 7u, 40u, 62u);
  Values x = random_values(63, seed());
  x[at] = std::numeric_limits<double>::quiet_NaN();
  for_each_target([&] {
    for (const char* kind : {"max", "min", "sum"}) {
      INFO(kind << " with NaN at " << at);
      REQUIRE(std::isnan(make_reduce(kind, 1, 1).in({63}, x).out({1}).run()[0]));
    }
  });
}

}  // namespace
