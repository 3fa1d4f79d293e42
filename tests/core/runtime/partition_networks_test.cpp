// Networks as people have them, with every k-th node on another device.
#include "core/runtime/picky.hpp"
#include "options.hpp"

#include <cmath>
#include <random>

using namespace rlx;
using tests::need;
using tests::picky_session;
using tests::Refusing;

namespace {

// Names its nodes "n0", "n1", ... so that a rule can pick some of them.
class Builder {
 public:
  explicit Builder(std::string name) : g(std::move(name)), random_(tests::seed()) {}

  ValueId add(std::string_view op, std::vector<ValueId> inputs, Attrs attrs = {}) {
    return need(g.add(op, std::span<const ValueId>(inputs), std::move(attrs), "n" + std::to_string(count_++)));
  }
  ValueId unary(ValueId x, const std::string& kind) { return add("unary", {x}, {{"kind", kind}}); }
  ValueId sum(ValueId a, ValueId b) { return add("binary", {a, b}, {{"kind", std::string("add")}}); }
  ValueId weight(const Shape& shape, float scale) {
    std::vector<float> values(static_cast<size_t>(shape.elements()));
    for (float& v : values) v = std::uniform_real_distribution<float>(-scale, scale)(random_);
    return need(g.constant(Literal::of<float>(DType::kF32, shape, values)));
  }
  ValueId linear(ValueId x, int64_t in, int64_t out) {
    const ValueId product = add("matmul", {x, weight({in, out}, 1 / std::sqrt(static_cast<float>(in)))});
    return sum(product, weight({out}, 0.1f));
  }
  ValueId conv_relu(ValueId x, int64_t in, int64_t out, int64_t size) {
    const std::vector<int64_t> pad(2, size / 2);
    const ValueId w = weight({out, in, size, size}, 1 / static_cast<float>(size));
    return unary(add("conv", {x, w}, {{"pads_begin", pad}, {"pads_end", pad}}), "relu");
  }

  Graph g;

 private:
  std::mt19937 random_;
  int count_ = 0;
};

// Two fire modules, a pool, an average over the rest.
Graph squeezenet() {
  Builder b("squeezenet");
  ValueId x = need(b.g.input("x", {DType::kF32, {1, 3, 16, 16}}));
  x = b.conv_relu(x, 3, 8, 3);
  const std::vector<int64_t> two(2, 2);
  x = b.add("pool", {x}, {{"kind", std::string("max")}, {"kernel", two}, {"strides", two}});
  for (int i = 0; i < 2; ++i) {
    const ValueId squeezed = b.conv_relu(x, 8, 4, 1);
    const ValueId one = b.conv_relu(squeezed, 4, 4, 1), three = b.conv_relu(squeezed, 4, 4, 3);
    x = b.add("concat", {one, three}, {{"axis", int64_t{1}}});
  }
  x = b.add("reduce", {x}, {{"kind", std::string("mean")}, {"axes", std::vector<int64_t>{2, 3}}});
  x = b.add("reshape", {x}, {{"shape", std::vector<int64_t>{1, 8}}});
  need(b.g.add_output("y", b.add("softmax", {x}, {{"axis", int64_t{1}}})));
  return std::move(b.g);
}

// Two layers, attention spelled out, so that the compiler has something to fuse.
Graph transformer() {
  constexpr int64_t kTokens = 6, kWidth = 16, kHeads = 2;
  Builder b("transformer");
  ValueId x = need(b.g.input("x", {DType::kF32, {1, kTokens, kWidth}}));
  const auto heads = [&](ValueId v) {
    v = b.add("reshape", {v}, {{"shape", std::vector<int64_t>{1, kTokens, kHeads, kWidth / kHeads}}});
    return b.add("transpose", {v}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}});
  };
  const auto norm = [&](ValueId v) { return b.add("layer_norm", {v, b.weight({kWidth}, 1), b.weight({kWidth}, 1)}); };
  for (int i = 0; i < 2; ++i) {
    const ValueId q = heads(b.linear(x, kWidth, kWidth)), k = heads(b.linear(x, kWidth, kWidth)),
                  v = heads(b.linear(x, kWidth, kWidth));
    ValueId scores = b.add("matmul", {q, k}, {{"trans_b", int64_t{1}}});
    scores = b.add("softmax", {scores}, {{"axis", int64_t{3}}});
    ValueId mixed = b.add("matmul", {scores, v});
    mixed = b.add("transpose", {mixed}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}});
    mixed = b.add("reshape", {mixed}, {{"shape", std::vector<int64_t>{1, kTokens, kWidth}}});
    x = norm(b.sum(x, b.linear(mixed, kWidth, kWidth)));
    const ValueId inner = b.unary(b.linear(x, kWidth, 4 * kWidth), "gelu");
    x = norm(b.sum(x, b.linear(inner, 4 * kWidth, kWidth)));
  }
  need(b.g.add_output("y", x));
  return std::move(b.g);
}

std::vector<float> run(Session& session, const Tensor& x) {
  const auto outputs = need(session.run({{"x", x.view()}}));
  return tests::floats(outputs[0].tensor);
}

}  // namespace

TEST_CASE("networks with every k-th node elsewhere give what one device gives", "[runtime][partition]") {
  const auto make = GENERATE(squeezenet, transformer);
  const std::string device = GENERATE(as<std::string>(), "picky:0", "picky:1");
  const Graph graph = make();
  const TensorType& type = graph.type(graph.inputs()[0]);
  std::vector<float> values(static_cast<size_t>(type.shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i) * 0.7f);
  const Tensor x = tests::f32(type.shape, values);
  Session one = picky_session(graph);
  const std::vector<float> expected = run(one, x);
  size_t most_segments = 0;
  for (const int k : {2, 3, 5}) {
    for (int rest = 0; rest < k; ++rest) {
      const std::string rule = "%" + std::to_string(k) + "+" + std::to_string(rest);
      CAPTURE(graph.name(), device, rule);
      const Refusing refusing(rule);
      Session two = picky_session(graph, device, tests::registry()->find("cpu") ? "cpu" : "ref");
      const std::vector<float> actual = run(two, x);
      most_segments = std::max(most_segments, need(two.executable()).report().segments.size());
      REQUIRE(actual.size() == expected.size());
      for (size_t i = 0; i < actual.size(); ++i) {
        CAPTURE(i, actual[i], expected[i]);
        REQUIRE(std::fabs(actual[i] - expected[i]) <= 1e-4f * std::max(1.0f, std::fabs(expected[i])));
      }
    }
  }
  CHECK(most_segments >= 5);
}
