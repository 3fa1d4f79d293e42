// attention and rope against their formulas, for every layout and mask.
#include "kernels/expect.hpp"

#include <algorithm>
#include <limits>

namespace {

using namespace tests;

struct Case {
  uint64_t batch, heads, kv_heads, queries, keys, head_dim, v_dim;
};

Dims shape_of(const std::string& layout, uint64_t b, uint64_t h, uint64_t s, uint64_t d) {
  if (layout == "bhsd") return {b, h, s, d};
  if (layout == "bshd") return {b, s, h, d};
  return {b, s, h * d};
}

uint64_t at(const std::string& layout, uint64_t heads, uint64_t positions, uint64_t features, uint64_t b, uint64_t h,
            uint64_t s) {
  return layout == "bhsd" ? ((b * heads + h) * positions + s) * features : ((b * positions + s) * heads + h) * features;
}

struct Mask {
  std::string name;
  int64_t window = 0;
  Dims dims = {};
  Values values = {};
};

double mask_at(const Mask& m, uint64_t b, uint64_t h, uint64_t i, uint64_t j) {
  const uint64_t index[4] = {b, h, i, j};
  uint64_t offset = 0, step = 1;
  for (size_t k = 0; k < m.dims.size(); ++k) {
    const uint64_t dim = m.dims[m.dims.size() - 1 - k];
    if (dim != 1) offset += index[3 - k] * step;
    step *= dim;
  }
  return m.values[offset];
}

Values attention(const Case& c, const std::string& layout, const Mask& m, double softcap, const Values& q,
                 const Values& k, const Values& v) {
  Values y(c.batch * c.heads * c.queries * c.v_dim);
  for (uint64_t b = 0; b < c.batch; ++b)
    for (uint64_t h = 0; h < c.heads; ++h)
      for (uint64_t i = 0; i < c.queries; ++i) {
        const uint64_t kv = h / (c.heads / c.kv_heads);
        Values weights(c.keys);
        double sum = 0;
        for (uint64_t j = 0; j < c.keys; ++j) {
          double s = 0;
          for (uint64_t d = 0; d < c.head_dim; ++d)
            s += q[at(layout, c.heads, c.queries, c.head_dim, b, h, i) + d] *
                 k[at(layout, c.kv_heads, c.keys, c.head_dim, b, kv, j) + d];
          s *= 0.25;
          if (softcap > 0) s = softcap * std::tanh(s / softcap);
          const int64_t last = int64_t(i + c.keys) - int64_t(c.queries);
          bool visible = true;
          if (m.name == "causal" || m.name == "window") visible = int64_t(j) <= last;
          if (m.name == "window") visible = visible && int64_t(j) > last - m.window;
          if (m.name == "custom") visible = mask_at(m, b, h, i, j) != 0;
          if (m.name == "bias") s += mask_at(m, b, h, i, j);
          weights[j] = visible ? std::exp(s) : 0;
          sum += weights[j];
        }
        for (uint64_t j = 0; j < c.keys && sum > 0; ++j)
          for (uint64_t d = 0; d < c.v_dim; ++d)
            y[at(layout, c.heads, c.queries, c.v_dim, b, h, i) + d] +=
                weights[j] / sum * v[at(layout, c.kv_heads, c.keys, c.v_dim, b, kv, j) + d];
      }
  return y;
}

void check(const Case& c, const std::string& layout, const Mask& m, double softcap, unsigned threads) {
  INFO("layout " << layout << ", mask " << m.name << ", " << c.queries << " queries, " << c.keys << " keys");
  const Values q = random_values(c.batch * c.heads * c.queries * c.head_dim, seed(), -3, 3);
  const Values k = random_values(c.batch * c.kv_heads * c.keys * c.head_dim, seed() + 1, -3, 3);
  const Values v = random_values(c.batch * c.kv_heads * c.keys * c.v_dim, seed() + 2);
  OneNode node("attention", {{"layout", layout},
                             {"heads", int64_t(c.heads)},
                             {"kv_heads", int64_t(c.kv_heads)},
                             {"head_dim", int64_t(c.head_dim)},
                             {"mask", m.name},
                             {"window", m.window},
                             {"scale", 0.25},
                             {"softcap", softcap}});
  node.in(shape_of(layout, c.batch, c.heads, c.queries, c.head_dim), q)
      .in(shape_of(layout, c.batch, c.kv_heads, c.keys, c.head_dim), k)
      .in(shape_of(layout, c.batch, c.kv_heads, c.keys, c.v_dim), v);
  if (!m.dims.empty()) node.in(m.dims, m.values, m.name == "custom" ? RLX_DTYPE_BOOL : RLX_DTYPE_F32);
  node.out(shape_of(layout, c.batch, c.heads, c.queries, c.v_dim));
  expect_close(node.run(threads), attention(c, layout, m, softcap, q, k, v), 2e-5, 2e-5);
}

const Case kCases[] = {
    {1, 1, 1, 1, 1, 1, 1},      {2, 3, 3, 7, 7, 16, 16},   {1, 4, 2, 1, 77, 64, 64}, {1, 2, 1, 70, 131, 20, 20},
    {1, 4, 2, 17, 200, 40, 40}, {1, 1, 1, 3, 900, 24, 24}, {1, 2, 2, 9, 5, 8, 8},
};

TEST_CASE("attention equals its formula in every layout under every positional mask", "[cpu]") {
  const Case c = GENERATE(from_range(std::begin(kCases), std::end(kCases)));
  const std::string layout = GENERATE("bhsd", "bshd", "bs_hd");
  for_each_target([&] {
    for (const Mask& m : {Mask{"none"}, Mask{"causal"}, Mask{"window", 5}}) check(c, layout, m, 0, 2);
  });
}

TEST_CASE("attention masks of every broadcast shape hide and shift scores", "[cpu]") {
  const Case c = GENERATE(Case{2, 4, 2, 19, 60, 12, 12}, Case{2, 2, 2, 2, 61, 12, 12});
  const Dims dims = GENERATE_COPY(Dims{c.batch, c.heads, c.queries, c.keys}, Dims{c.batch, 1, 1, c.keys},
                                  Dims{c.queries, c.keys}, Dims{c.heads, c.queries, 1}, Dims{1});
  Mask bias{"bias", 0, dims, random_values(count_of(dims), seed() + 3, -2, 2)};
  Mask visible{"custom", 0, dims, bias.values};
  for (double& x : visible.values) x = x > -0.5;
  for_each_target([&] {
    check(c, "bhsd", bias, 0, 1);
    check(c, "bshd", visible, 0, 1);
  });
}

TEST_CASE("attention caps scores softly and takes values of another head size", "[cpu]") {
  for_each_target([&] {
    check({1, 2, 2, 30, 50, 16, 10}, "bhsd", {"causal"}, 3, 1);
    check({1, 2, 2, 1, 50, 16, 37}, "bshd", {"none"}, 3, 1);
  });
}

TEST_CASE("a row of attention without a visible key is zero", "[cpu]") {
  const uint64_t queries = GENERATE(2u, 20u);
  const Case c{1, 1, 1, queries, 10, 8, 8};
  Mask hidden{"custom", 0, {queries, 10}, Values(queries * 10, 1)};
  std::fill(hidden.values.begin(), hidden.values.begin() + 10, 0);
  Mask minus{"bias", 0, hidden.dims, Values(queries * 10, 0)};
  std::fill(minus.values.begin(), minus.values.begin() + 10, -std::numeric_limits<double>::infinity());
  check(c, "bhsd", hidden, 0, 1);
  check(c, "bhsd", minus, 0, 1);
}

TEST_CASE("a decode step splits long keys between threads", "[cpu]") {
  check({1, 2, 1, 1, 2000, 32, 32}, "bhsd", {"causal"}, 0, 4);
  check({1, 2, 1, 2, 2000, 32, 32}, "bhsd", {"window", 3}, 0, 3);
}

TEST_CASE("rope rotates pairs by the angle of their position", "[cpu]") {
  const std::string style = GENERATE("half", "interleaved"), layout = GENERATE("bhsd", "bshd", "bs_hd");
  const bool backward = GENERATE(false, true);
  const uint64_t batch = 2, heads = 3, positions = 5, features = 10, rotary = 6, rows = 9;
  const Dims dims = shape_of(layout, batch, heads, positions, features);
  const Values x = random_values(count_of(dims), seed()), c = random_values(rows * 3, seed() + 1),
               s = random_values(rows * 3, seed() + 2);
  const Values where{8, 0, 3, -1, 4, 1, 1, 2, 7, -9};
  Values want = x;
  for (uint64_t b = 0; b < batch; ++b)
    for (uint64_t h = 0; h < heads; ++h)
      for (uint64_t p = 0; p < positions; ++p)
        for (uint64_t k = 0; k < rotary / 2; ++k) {
          const double given = where[b * positions + p];
          const uint64_t row = uint64_t(given < 0 ? given + double(rows) : given);
          const uint64_t base = at(layout, heads, positions, features, b, h, p);
          const uint64_t i1 = base + (style == "half" ? k : 2 * k), i2 = style == "half" ? i1 + rotary / 2 : i1 + 1;
          const double cosine = c[row * 3 + k], sine = backward ? -s[row * 3 + k] : s[row * 3 + k];
          want[i1] = x[i1] * cosine - x[i2] * sine;
          want[i2] = x[i2] * cosine + x[i1] * sine;
        }
  OneNode node(backward ? "rope_backward" : "rope",
               {{"layout", layout}, {"heads", int64_t(heads)}, {"style", style}, {"rotary_dim", int64_t(rotary)}});
  node.in(dims, x).in({rows, 3}, c).in({rows, 3}, s).in({batch, positions}, where, RLX_DTYPE_I64).out(dims);
  expect_close(node.run(), want, 1e-6, 1e-6);
}

TEST_CASE("a rope position outside the tables is an error that names it", "[cpu]") {
  OneNode node("rope", {{"layout", std::string("bhsd")},
                        {"heads", int64_t{1}},
                        {"style", std::string("half")},
                        {"rotary_dim", int64_t{2}}});
  node.in({1, 1, 1, 2}, {1, 2}).in({4, 1}, Values(4, 1)).in({4, 1}, Values(4, 0)).in({1}, {4}, RLX_DTYPE_I32);
  node.out({1, 1, 1, 2});
  try {
    node.run();
    FAIL("the position was accepted");
  } catch (const rlx::sdk::Error& e) {
    REQUIRE(e.code == RLX_OUT_OF_RANGE);
    REQUIRE(e.message.find("4") != std::string::npos);
  }
}

}  // namespace
