// gather, scatter, sort, scan and friends against plain loops; bad indices.
#include "kernels/expect.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace {

using namespace tests;

TEST_CASE("gather picks rows along any axis, from the end for negative indices", "[cpu]") {
  const rlx_dtype wide = GENERATE(as<rlx_dtype>{}, RLX_DTYPE_I32, RLX_DTYPE_I64);
  const Values x = random_values(60, seed());
  const Values idx{2, -1, 0, 3};
  Values want;
  for (uint64_t o = 0; o < 3; ++o)
    for (double i : idx)
      for (uint64_t k = 0; k < 5; ++k) want.push_back(x[(o * 4 + uint64_t(i < 0 ? i + 4 : i)) * 5 + k]);
  REQUIRE(OneNode("gather", {{"axis", int64_t{1}}}).in({3, 4, 5}, x).in({2, 2}, idx, wide).out({3, 2, 2, 5}).run() ==
          want);
}

TEST_CASE("an index outside its axis is an error that names index and size", "[cpu]") {
  const std::string op = GENERATE("gather", "gather_elements", "scatter_elements", "gather_nd");
  OneNode node(op, {{"axis", int64_t{0}}, {"batch_dims", int64_t{0}}, {"reduction", std::string("none")}});
  node.in({5}, Values(5, 1)).in({1}, {7}, RLX_DTYPE_I64);
  if (op == "scatter_elements") node.in({1}, {1}).out({5});
  if (op == "gather_nd") node.out({});
  if (op[0] == 'g' && op != "gather_nd") node.out({1});
  try {
    node.run();
    FAIL("the index was accepted");
  } catch (const rlx::sdk::Error& e) {
    REQUIRE(e.code == RLX_OUT_OF_RANGE);
    REQUIRE(e.message.find("7") != std::string::npos);
    REQUIRE(e.message.find("5") != std::string::npos);
  }
}

TEST_CASE("a triangle's diagonal may lie anywhere", "[cpu]") {
  const Values x{1, 2, 3, 4, 5, 6}, none(6);
  for (const int64_t k : {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()})
    for (const bool upper : {false, true}) {
      OneNode node("trilu", {{"upper", int64_t{upper}}, {"k", k}});
      REQUIRE(node.in({3, 2}, x).out({3, 2}).run() == ((k > 0) == upper ? none : x));
    }
}

TEST_CASE("gather_nd and gather_elements follow ONNX", "[cpu]") {
  const Values x{0, 1, 2, 3, 4, 5, 6, 7};
  REQUIRE(OneNode("gather_nd", {{"batch_dims", int64_t{1}}})
              .in({2, 2, 2}, x)
              .in({2, 1}, {1, 0}, RLX_DTYPE_I64)
              .out({2, 2})
              .run() == Values{2, 3, 4, 5});
  REQUIRE(OneNode("gather_nd", {{"batch_dims", int64_t{0}}})
              .in({2, 2, 2}, x)
              .in({2, 2}, {0, 1, -1, 0}, RLX_DTYPE_I64)
              .out({2, 2})
              .run() == Values{2, 3, 4, 5});
  REQUIRE(OneNode("gather_elements", {{"axis", int64_t{0}}})
              .in({3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9})
              .in({2, 3}, {1, 2, 0, 2, 0, 0}, RLX_DTYPE_I32)
              .out({2, 3})
              .run() == Values{4, 8, 3, 7, 2, 3});
}

TEST_CASE("scatters combine updates in order", "[cpu]") {
  const auto elements = [](const char* reduction) {
    return OneNode("scatter_elements", {{"axis", int64_t{1}}, {"reduction", std::string(reduction)}})
        .in({1, 5}, {1, 2, 3, 4, 5})
        .in({1, 3}, {1, -2, 1}, RLX_DTYPE_I64)
        .in({1, 3}, {10, -20, 30})
        .out({1, 5})
        .run();
  };
  REQUIRE(elements("none") == Values{1, 30, 3, -20, 5});
  REQUIRE(elements("add") == Values{1, 42, 3, -16, 5});
  REQUIRE(elements("mul") == Values{1, 600, 3, -80, 5});
  REQUIRE(elements("max") == Values{1, 30, 3, 4, 5});
  REQUIRE(elements("min") == Values{1, 2, 3, -20, 5});
  REQUIRE(OneNode("scatter_nd", {{"reduction", std::string("none")}})
              .in({3, 2}, {1, 2, 3, 4, 5, 6}, RLX_DTYPE_I8)
              .in({2, 1}, {2, 0}, RLX_DTYPE_I64)
              .in({2, 2}, {7, 8, 9, 10}, RLX_DTYPE_I8)
              .out({3, 2}, RLX_DTYPE_I8)
              .run() == Values{9, 10, 3, 4, 7, 8});
  REQUIRE(OneNode("scatter_add", {{"out_dim", int64_t{4}}})
              .in({3, 2}, {1, 2, 3, 4, 5, 6}, RLX_DTYPE_F16)
              .in({3}, {2, 0, 2}, RLX_DTYPE_I32)
              .out({4, 2}, RLX_DTYPE_F16)
              .run(2) == Values{3, 4, 0, 0, 6, 8, 0, 0});
  REQUIRE(OneNode("gather_backward", {{"axis", int64_t{1}}, {"dim", int64_t{3}}})
              .in({2, 2}, {1, 2, 3, 4})
              .in({2}, {2, 2}, RLX_DTYPE_I64)
              .out({2, 3})
              .run() == Values{0, 0, 3, 0, 0, 7});
}

TEST_CASE("sort and top_k keep the order of equal elements and put NaN last", "[cpu]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  OneNode up("sort", {{"axis", int64_t{0}}, {"descending", int64_t{0}}, {"stable", int64_t{1}}});
  up.in({6}, {2, nan, -1, 2, -0.0, 0}).out({6}).out({6}, RLX_DTYPE_I64);
  expect_close(up.run(), {-1, -0.0, 0, 2, 2, nan}, 0);
  REQUIRE(up.output(1) == Values{2, 4, 5, 0, 3, 1});

  const int64_t k = GENERATE(0, 1, 3, 17, 60);
  const bool largest = GENERATE(false, true);
  const rlx_dtype dtype = GENERATE(as<rlx_dtype>{}, RLX_DTYPE_F32, RLX_DTYPE_F16, RLX_DTYPE_I8, RLX_DTYPE_F64);
  Values x = random_values(3 * 60 * 2, seed());
  for (double& v : x) v = std::nearbyint(v * 20);
  Values want(size_t(3 * k * 2)), places(want.size());
  for (uint64_t o = 0; o < 3; ++o)
    for (uint64_t c = 0; c < 2; ++c) {
      std::vector<uint64_t> order(60);
      std::iota(order.begin(), order.end(), 0);
      const auto at = [&](uint64_t i) { return x[(o * 60 + i) * 2 + c]; };
      std::stable_sort(order.begin(), order.end(),
                       [&](uint64_t a, uint64_t b) { return largest ? at(a) > at(b) : at(a) < at(b); });
      for (uint64_t i = 0; i < uint64_t(k); ++i) {
        want[(o * uint64_t(k) + i) * 2 + c] = at(order[i]);
        places[(o * uint64_t(k) + i) * 2 + c] = double(order[i]);
      }
    }
  OneNode top("top_k", {{"k", k}, {"axis", int64_t{1}}, {"largest", int64_t{largest}}, {"sorted", int64_t{1}}});
  top.in({3, 60, 2}, x, dtype).out({3, uint64_t(k), 2}, dtype).out({3, uint64_t(k), 2}, RLX_DTYPE_I64);
  REQUIRE(top.run(2) == want);
  REQUIRE(top.output(1) == places);
}

TEST_CASE("cumulative sums and products run both ways, with and without their own element", "[cpu]") {
  const bool exclusive = GENERATE(false, true), reverse = GENERATE(false, true);
  const std::string op = GENERATE("cumsum", "cumprod", "cumsum_backward");
  const bool backwards = reverse != (op == "cumsum_backward");
  const Values x{1, 2, 3, 4, 5, 6};
  Values want(6);
  for (uint64_t c = 0; c < 2; ++c) {
    double total = op == "cumprod" ? 1 : 0;
    for (uint64_t s = 0; s < 3; ++s) {
      const uint64_t i = (backwards ? 2 - s : s) * 2 + c;
      const double before = total;
      total = op == "cumprod" ? total * x[i] : total + x[i];
      want[i] = exclusive ? before : total;
    }
  }
  const rlx_dtype dtype = GENERATE(as<rlx_dtype>{}, RLX_DTYPE_F32, RLX_DTYPE_I16, RLX_DTYPE_BF16);
  OneNode node(op, {{"axis", int64_t{0}}, {"exclusive", int64_t{exclusive}}, {"reverse", int64_t{reverse}}});
  REQUIRE(node.in({3, 2}, x, dtype).out({3, 2}, dtype).run() == want);
}

TEST_CASE("arg_reduce breaks ties by position, and the first NaN is the largest", "[cpu]") {
  const auto run = [](const char* kind, bool last, Values x) {
    return OneNode("arg_reduce", {{"kind", std::string(kind)},
                                  {"axis", int64_t{0}},
                                  {"keep_dims", int64_t{0}},
                                  {"last_index", int64_t{last}}})
        .in({x.size()}, x)
        .out({}, RLX_DTYPE_I64)
        .run()[0];
  };
  REQUIRE(run("argmax", false, {1, 5, 5, 2}) == 1);
  REQUIRE(run("argmax", true, {1, 5, 5, 2}) == 2);
  REQUIRE(run("argmin", false, {1, 5, 1, 2}) == 0);
  REQUIRE(run("argmax", false, {1, NAN, 9, NAN}) == 1);
  REQUIRE(run("argmin", false, {NAN, 4, 3, NAN}) == 2);
}

TEST_CASE("iota, one_hot, trilu and non_zero are made from positions", "[cpu]") {
  REQUIRE(OneNode("iota", {{"shape", std::vector<int64_t>{2, 3}},
                           {"axis", int64_t{1}},
                           {"start", 1.5},
                           {"step", -0.5},
                           {"to", Dtype{RLX_DTYPE_F16}}})
              .out({2, 3}, RLX_DTYPE_F16)
              .run() == Values{1.5, 1, 0.5, 1.5, 1, 0.5});
  REQUIRE(OneNode("one_hot", {{"depth", int64_t{3}}, {"axis", int64_t{0}}})
              .in({4}, {1, -1, 3, -4}, RLX_DTYPE_I32)
              .in({2}, {5, 9})
              .out({3, 4})
              .run() == Values{5, 5, 5, 5, 9, 5, 5, 5, 5, 9, 5, 5});
  const Values x{1, 2, 3, 4, 5, 6};
  REQUIRE(OneNode("trilu", {{"upper", int64_t{1}}, {"k", int64_t{1}}}).in({2, 3}, x).out({2, 3}).run() ==
          Values{0, 2, 3, 0, 0, 6});
  REQUIRE(OneNode("trilu", {{"upper", int64_t{0}}, {"k", int64_t{-1}}}).in({2, 3}, x).out({2, 3}).run() ==
          Values{0, 0, 0, 4, 0, 0});
  OneNode found("non_zero", {{"limit", int64_t{4}}});
  found.in({2, 3}, {0, 2, 0, 1, 0, -1}).out({2, 4}, RLX_DTYPE_I64).out({}, RLX_DTYPE_I64);
  REQUIRE(found.run() == Values{0, 1, 1, 0, 1, 0, 2, 0});
  REQUIRE(found.output(1) == Values{3});
}

}  // namespace
