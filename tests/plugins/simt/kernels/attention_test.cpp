// The attention kernel against the formula: masks, grouped heads, features beyond one tile, keys in parts; in the order
// of threads that changes with every run.
#include "kernels/launch.hpp"

#include <rlx/sdk/convert.hpp>

using namespace tests;

namespace {

struct Sizes {
  uint64_t batch, heads, kv_heads, queries, keys, features, v_features;
};

// Elements of T and their values after rounding to T.
template <typename T>
struct Tensor {
  std::vector<T> elements;
  std::vector<double> values;

  explicit Tensor(size_t count) {
    for (const float x : random_floats(count)) {
      if constexpr (sizeof(T) == 2) {
        elements.push_back(T{rlx::sdk::to_f16(x).bits});
        values.push_back(rlx::sdk::to_float(rlx::sdk::F16{elements.back()}));
      } else {
        elements.push_back(static_cast<T>(x));
        values.push_back(static_cast<double>(elements.back()));
      }
    }
  }
};

// The formula, with q, k and v laid out as batch, head, position, feature.
std::vector<double> expected(const Sizes& z, const simt::AttentionParams& p, const std::vector<double>& q,
                             const std::vector<double>& k, const std::vector<double>& v,
                             const std::vector<uint8_t>& mask) {
  std::vector<double> y(z.batch * z.heads * z.queries * z.v_features);
  for (uint64_t row = 0; row < z.batch * z.heads * z.queries; ++row) {
    const uint64_t i = row % z.queries, h = row / z.queries % z.heads, b = row / z.queries / z.heads;
    const uint64_t kv = b * z.kv_heads + h / (z.heads / z.kv_heads);
    const int64_t position = static_cast<int64_t>(i + z.keys) - static_cast<int64_t>(z.queries);
    double sum = 0;
    for (uint64_t j = 0; j < z.keys; ++j) {
      const auto key = static_cast<int64_t>(j);
      if (p.mask_kind == simt::kMaskCustom && !mask[i * z.keys + j]) continue;
      if ((p.mask_kind == simt::kMaskCausal || p.mask_kind == simt::kMaskWindow) && key > position) continue;
      if (p.mask_kind == simt::kMaskWindow && key <= position - p.window) continue;
      double score = 0;
      for (uint64_t d = 0; d < z.features; ++d)
        score += q[row * z.features + d] * k[(kv * z.keys + j) * z.features + d];
      score *= p.scale;
      if (p.softcap > 0) score = p.softcap * std::tanh(score / p.softcap);
      const double weight = std::exp(score);
      sum += weight;
      for (uint64_t d = 0; d < z.v_features; ++d)
        y[row * z.v_features + d] += weight * v[(kv * z.keys + j) * z.v_features + d];
    }
    for (uint64_t d = 0; d < z.v_features && sum > 0; ++d) y[row * z.v_features + d] /= sum;
  }
  return y;
}

template <typename T>
void check_attention(const std::string& type, const Sizes& z, simt::AttentionParams p, uint64_t parts, double margin) {
  Tensor<T> q(z.batch * z.heads * z.queries * z.features), k(z.batch * z.kv_heads * z.keys * z.features),
      v(z.batch * z.kv_heads * z.keys * z.v_features), y(z.batch * z.heads * z.queries * z.v_features);
  std::vector<uint8_t> mask(z.queries * z.keys);
  for (size_t i = 0; i < mask.size(); ++i) mask[i] = i / z.keys != 1 && i % 3 != 0;  // query 1 sees nothing
  const uint64_t features = std::max(z.features, z.v_features) <= 64 ? 64 : 128;
  const uint64_t side = simt::kAttentionSideBytes / sizeof(T), group_rows = z.heads / z.kv_heads * z.queries;
  const auto strides = [](uint64_t heads, uint64_t positions, uint64_t d) {
    return simt::HeadStrides{static_cast<int64_t>(heads * positions * d), static_cast<int64_t>(positions * d),
                             static_cast<int64_t>(d)};
  };
  p.query = address(q.elements);
  p.key = address(k.elements);
  p.value = address(v.elements);
  p.output = address(y.elements);
  p.mask = address(mask);
  p.mask_strides[2] = static_cast<int64_t>(z.keys);
  p.mask_strides[3] = 1;
  p.batch = z.batch;
  p.heads = z.heads;
  p.kv_heads = z.kv_heads;
  p.queries = z.queries;
  p.keys = z.keys;
  p.features = z.features;
  p.v_features = z.v_features;
  p.q = strides(z.heads, z.queries, z.features);
  p.k = strides(z.kv_heads, z.keys, z.features);
  p.v = strides(z.kv_heads, z.keys, z.v_features);
  p.y = strides(z.heads, z.queries, z.v_features);
  p.parts = parts;
  p.chunks = (z.v_features + features - 1) / features;
  p.blocks = z.batch * z.kv_heads * p.chunks * ((group_rows + side - 1) / side) * parts;
  const uint64_t sum_bytes = std::max<uint64_t>(sizeof(T), 4);
  std::vector<uint8_t> partial(z.batch * z.heads * z.queries * parts * (z.v_features + 2) * sum_bytes);
  p.partial = address(partial);

  const auto warps = static_cast<uint32_t>(side / 16);
  const uint64_t shared = 2 * side * (features * sizeof(T) + 16) + warps * 256 * sizeof(T);
  REQUIRE(launch("attention<" + type + ", " + std::to_string(features) + ">", p, 3, warps * SIMT_WARP, shared,
                 Order::kRandom) == "");
  if (parts > 1) REQUIRE(launch("attention_join<" + type + ">", p, 2, SIMT_WARP, 0, Order::kRandom) == "");
  const std::vector<double> want = expected(z, p, q.values, k.values, v.values, mask);
  for (size_t i = 0; i < want.size(); ++i) {
    double got = static_cast<double>(y.elements[i]);
    if constexpr (sizeof(T) == 2) got = rlx::sdk::to_float(rlx::sdk::F16{y.elements[i]});
    INFO("element " << i);
    REQUIRE(got == Approx(want[i]).margin(margin));
  }
}

// Rows of one tile and a rest, heads that share keys, features of more than one tile, none of them a round number.
constexpr Sizes kOdd{2, 4, 2, 37, 75, 20, 131}, kRound{1, 2, 1, 48, 64, 160, 32}, kStep{1, 8, 2, 1, 333, 64, 64};

simt::AttentionParams masked(uint32_t kind) {
  simt::AttentionParams p{};
  p.mask_kind = kind;
  p.window = 9;
  p.scale = 0.5;
  return p;
}

}  // namespace

TEST_CASE("attention in f32 is the formula under every mask", "[simt]") {
  for (const uint32_t mask : {simt::kMaskNone, simt::kMaskCausal, simt::kMaskWindow, simt::kMaskCustom})
    for (const Sizes& z : {kOdd, kRound}) {
      INFO("mask " << mask << ", " << z.queries << " queries");
      check_attention<float>("f32", z, masked(mask), 1, 1e-5);
    }
}

TEST_CASE("attention in f16 and f64 is the formula, with soft limits of its scores", "[simt]") {
  simt::AttentionParams p = masked(simt::kMaskCausal);
  p.softcap = 1.5;
  check_attention<uint16_t>("f16", kOdd, p, 1, 3e-3);
  check_attention<uint16_t>("f16", kRound, masked(simt::kMaskWindow), 1, 3e-3);
  check_attention<double>("f64", kRound, p, 1, 1e-12);
}

TEST_CASE("parts of the keys join to the whole", "[simt]") {
  for (const uint32_t mask : {simt::kMaskNone, simt::kMaskCausal, simt::kMaskWindow, simt::kMaskCustom}) {
    check_attention<float>("f32", kStep, masked(mask), 3, 1e-5);
    check_attention<uint16_t>("f16", kStep, masked(mask), 5, 3e-3);
  }
  check_attention<float>("f32", kOdd, masked(simt::kMaskCausal), 2, 1e-5);
}
