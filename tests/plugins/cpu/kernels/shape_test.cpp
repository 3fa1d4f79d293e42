// Ops that move elements, against index arithmetic.
#include "kernels/expect.hpp"

#include <functional>
#include <numeric>

namespace {

using namespace tests;
using Index = std::vector<uint64_t>;
using Ints = std::vector<int64_t>;

Values counted(uint64_t n) {
  Values v(n);
  std::iota(v.begin(), v.end(), 1.0);
  return v;
}

uint64_t flat(const Dims& d, const Index& at) {
  uint64_t i = 0;
  for (size_t k = 0; k < d.size(); ++k) i = i * d[k] + at[k];
  return i;
}

// y[i] = x[source(i)].
Values moved(const Dims& y, const Dims& x, const Values& v, const std::function<Index(const Index&)>& source) {
  Values out(count_of(y));
  for (uint64_t i = 0; i < out.size(); ++i) {
    Index at(y.size());
    uint64_t rest = i;
    for (size_t k = y.size(); k-- > 0; rest /= y[k]) at[k] = rest % y[k];
    out[i] = v[flat(x, source(at))];
  }
  return out;
}

TEST_CASE("transpose follows every permutation for every element size", "[cpu]") {
  const Dims x = GENERATE(Dims{2, 3, 4, 5}, Dims{1, 33, 17, 2}, Dims{3, 1, 64, 40}, Dims{2, 2, 2, 2048});
  const rlx_dtype dtype = GENERATE(as<rlx_dtype>{}, RLX_DTYPE_U8, RLX_DTYPE_I16, RLX_DTYPE_F32, RLX_DTYPE_I64);
  Values v = counted(count_of(x));
  for (double& e : v) e = std::fmod(e, 251);
  Ints perm{0, 1, 2, 3};
  do {
    Dims y;
    for (int64_t p : perm) y.push_back(x[size_t(p)]);
    INFO("perm " << perm[0] << perm[1] << perm[2] << perm[3]);
    const Values want = moved(y, x, v, [&](const Index& at) {
      Index from(4);
      for (size_t k = 0; k < 4; ++k) from[size_t(perm[k])] = at[k];
      return from;
    });
    REQUIRE(OneNode("transpose", {{"perm", perm}}).in(x, v, dtype).out(y, dtype).run(2) == want);
  } while (std::next_permutation(perm.begin(), perm.end()));
}

TEST_CASE("slice steps forwards and backwards", "[cpu]") {
  const Dims x{7, 9, 5}, y{3, 9, 2};
  const Values v = counted(count_of(x));
  OneNode node("slice", {{"starts", Ints{1, 8, 0}}, {"ends", Ints{7, -1, 5}}, {"steps", Ints{2, -1, 3}}});
  REQUIRE(node.in(x, v).out(y).run() == moved(y, x, v, [](const Index& at) {
            return Index{1 + 2 * at[0], 8 - at[1], 3 * at[2]};
          }));
}

TEST_CASE("narrow, reverse, tile and expand read where their formulas say", "[cpu]") {
  const Dims x{3, 4, 5};
  const Values v = counted(60);
  REQUIRE(OneNode("narrow", {{"axis", int64_t{1}}, {"start", int64_t{1}}, {"len", int64_t{2}}})
              .in(x, v)
              .out({3, 2, 5})
              .run() == moved({3, 2, 5}, x, v, [](const Index& a) {
            return Index{a[0], a[1] + 1, a[2]};
          }));
  REQUIRE(OneNode("reverse", {{"axes", Ints{0, 2}}}).in(x, v).out(x).run() == moved(x, x, v, [](const Index& a) {
            return Index{2 - a[0], a[1], 4 - a[2]};
          }));
  REQUIRE(OneNode("tile", {{"repeats", Ints{2, 1, 3}}}).in(x, v).out({6, 4, 15}).run() ==
          moved({6, 4, 15}, x, v, [](const Index& a) {
            return Index{a[0] % 3, a[1], a[2] % 5};
          }));
  REQUIRE(OneNode("expand", {{"shape", Ints{2, 3, 4, 5}}}).in({3, 1, 5}, counted(15)).out({2, 3, 4, 5}).run() ==
          moved({2, 3, 4, 5}, {3, 1, 5}, counted(15), [](const Index& a) {
            return Index{a[1], 0, a[3]};
          }));
}

TEST_CASE("concat joins along any axis", "[cpu]") {
  const int64_t axis = GENERATE(0, 1, 2);
  Dims a{2, 3, 4}, b = a, c = a, y = a;
  b[size_t(axis)] = 5;
  c[size_t(axis)] = 0;
  y[size_t(axis)] += 5;
  const Values va = counted(24);
  Values vb = counted(count_of(b));
  for (double& e : vb) e += 100;
  Values want(count_of(y));
  for (uint64_t i = 0; i < want.size(); ++i) {
    Index at{i / (y[1] * y[2]), i / y[2] % y[1], i % y[2]};
    const uint64_t split = a[size_t(axis)];
    const bool first = at[size_t(axis)] < split;
    if (!first) at[size_t(axis)] -= split;
    want[i] = first ? va[flat(a, at)] : vb[flat(b, at)];
  }
  REQUIRE(OneNode("concat", {{"axis", axis}}).in(a, va).in(c, {}).in(b, vb).out(y).run() == want);
}

TEST_CASE("pad surrounds with an attribute's value or an operand's", "[cpu]") {
  const Dims x{2, 3}, y{4, 8};
  const Values v = counted(6);
  const bool given = GENERATE(false, true);
  Values want(32, given ? 7 : -2);
  for (uint64_t i = 0; i < 2; ++i)
    for (uint64_t j = 0; j < 3; ++j) want[(i + 1) * 8 + j + 3] = v[i * 3 + j];
  OneNode node("pad",
               {{"mode", std::string("constant")}, {"begins", Ints{1, 3}}, {"ends", Ints{1, 2}}, {"value", -2.0}});
  node.in(x, v, RLX_DTYPE_I16);
  if (given) node.in({}, {7}, RLX_DTYPE_I16);
  REQUIRE(node.out(y, RLX_DTYPE_I16).run() == want);
}

TEST_CASE("depth and space change places and back", "[cpu]") {
  const Dims x{2, 12, 3, 5}, y{2, 3, 6, 10};
  const Values v = counted(count_of(x));
  const std::string mode = GENERATE("dcr", "crd");
  const Values want = moved(y, x, v, [&](const Index& a) {
    const uint64_t i = a[2] % 2, j = a[3] % 2;
    return Index{a[0], mode == "dcr" ? (i * 2 + j) * 3 + a[1] : a[1] * 4 + i * 2 + j, a[2] / 2, a[3] / 2};
  });
  REQUIRE(OneNode("depth_to_space", {{"block", int64_t{2}}, {"mode", mode}}).in(x, v).out(y).run() == want);
  if (mode == "dcr") REQUIRE(OneNode("space_to_depth", {{"block", int64_t{2}}}).in(y, want).out(x).run() == v);
  REQUIRE(OneNode("resize_nearest_2x", {}).in({1, 2, 3, 2}, counted(12)).out({1, 2, 6, 4}).run() ==
          moved({1, 2, 6, 4}, {1, 2, 3, 2}, counted(12), [](const Index& a) {
            return Index{a[0], a[1], a[2] / 2, a[3] / 2};
          }));
}

}  // namespace
