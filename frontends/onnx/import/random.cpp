// Random ops. A node without a seed gets seed 0 and a key of its own, so that two nodes never share a stream.

#include "context.hpp"

#include <cmath>

namespace rlx::onnx {
namespace {

Result<DType> output_dtype(NodeContext& c, DType absent) {
  if (!c.def.attrs.has("dtype")) return absent;
  const auto t = dtype_of(c.attr("dtype", 0));
  if (!t) return c.unsupported("dtype " + std::to_string(c.attr("dtype", 0)) + " is not supported");
  return *t;
}

// ONNX seeds are floats; their bits serve as the integer seed.
int64_t seed_of(NodeContext& c) {
  const auto seed = static_cast<float>(c.attr_f("seed", 0));
  uint32_t bits = 0;
  static_assert(sizeof bits == sizeof seed);
  __builtin_memcpy(&bits, &seed, sizeof bits);
  return bits;
}

Status random(NodeContext& c, bool like, bool normal) {
  std::vector<int64_t> shape = like ? std::vector<int64_t>(c.shape(0).begin(), c.shape(0).end()) : c.attr_ints("shape");
  const DType absent = like && is_float(c.dtype(0)) ? c.dtype(0) : DType::kF32;
  RLX_ASSIGN(DType to, output_dtype(c, absent));
  Attrs attrs{{"shape", shape}, {"seed", seed_of(c)}, {"key", c.im.random_key++}, {"to", to}};
  if (normal) {
    attrs.set("mean", c.attr_f("mean", 0));
    attrs.set("scale", c.attr_f("scale", 1));
  } else {
    attrs.set("low", c.attr_f("low", 0));
    attrs.set("high", c.attr_f("high", 1));
  }
  return c.out(c.add(normal ? "random_normal" : "random_uniform", std::vector<ValueId>{}, std::move(attrs)));
}
Status normal(NodeContext& c) {
  return random(c, false, true);
}
Status normal_like(NodeContext& c) {
  return random(c, true, true);
}
Status uniform(NodeContext& c) {
  return random(c, false, false);
}
Status uniform_like(NodeContext& c) {
  return random(c, true, false);
}

Status bernoulli(NodeContext& c) {
  RLX_ASSIGN(DType to, output_dtype(c, c.dtype(0)));
  return c.out(c.add("bernoulli", {c.in(0)}, {{"seed", seed_of(c)}, {"key", c.im.random_key++}, {"to", to}}));
}

constexpr OpEntry kOps[] = {
    {"Bernoulli", bernoulli, 1},
    {"RandomNormal", normal, 0},
    {"RandomNormalLike", normal_like, 1},
    {"RandomUniform", uniform, 0},
    {"RandomUniformLike", uniform_like, 1},
};

}  // namespace

std::span<const OpEntry> random_ops() {
  return kOps;
}

}  // namespace rlx::onnx
