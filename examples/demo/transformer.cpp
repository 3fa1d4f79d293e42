// Building a graph op by op: attention with four heads, then a gated-free MLP, each with a residual and a layer norm.

#include "transformer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

namespace demo {
namespace {

using rlx::Attrs;
using rlx::Graph;
using rlx::Result;
using rlx::Tensor;
using rlx::ValueId;

constexpr int64_t kTokens = 32, kWidth = 128, kHeads = 4, kInner = 512;

class Layer {
 public:
  Result<Graph> build() {
    RLX_ASSIGN(ValueId x, g_.input("x", {rlx::DType::kF32, {1, kTokens, kWidth}}));
    RLX_ASSIGN(ValueId attended, attention(x));
    RLX_ASSIGN(x, residual_norm(x, attended));
    RLX_ASSIGN(ValueId inner, linear(x, kWidth, kInner));
    RLX_ASSIGN(inner, g_.add("unary", {inner}, {{"kind", std::string("gelu")}}));
    RLX_ASSIGN(inner, linear(inner, kInner, kWidth));
    RLX_ASSIGN(x, residual_norm(x, inner));
    RLX_TRY(g_.add_output("y", x));
    return std::move(g_);
  }

 private:
  Result<ValueId> weight(rlx::Shape shape, float scale) {
    std::vector<float> values(static_cast<size_t>(shape.elements()));
    for (float& v : values) v = scale * (static_cast<float>(random_() >> 8) * 0x1p-23f - 1);
    return g_.constant(rlx::Literal::of<float>(rlx::DType::kF32, shape, values));
  }

  Result<ValueId> linear(ValueId x, int64_t in, int64_t out) {
    RLX_ASSIGN(ValueId w, weight({in, out}, 1 / std::sqrt(static_cast<float>(in))));
    RLX_ASSIGN(ValueId b, weight({out}, 0.1f));
    RLX_ASSIGN(ValueId y, g_.add("matmul", {x, w}));
    return g_.add("binary", {y, b}, {{"kind", std::string("add")}});
  }

  Result<ValueId> attention(ValueId x) {
    std::vector<ValueId> qkv;
    for (int i = 0; i < 3; ++i) {
      RLX_ASSIGN(ValueId v, linear(x, kWidth, kWidth));
      RLX_ASSIGN(v, g_.add("reshape", {v}, {{"shape", std::vector<int64_t>{1, kTokens, kHeads, kWidth / kHeads}}}));
      qkv.push_back(v);
    }
    RLX_ASSIGN(ValueId y, g_.add("attention", qkv, {{"layout", std::string("bshd")}, {"mask", std::string("causal")}}));
    RLX_ASSIGN(y, g_.add("reshape", {y}, {{"shape", std::vector<int64_t>{1, kTokens, kWidth}}}));
    return linear(y, kWidth, kWidth);
  }

  Result<ValueId> residual_norm(ValueId x, ValueId y) {
    RLX_ASSIGN(ValueId sum, g_.add("binary", {x, y}, {{"kind", std::string("add")}}));
    RLX_ASSIGN(ValueId gamma, weight({kWidth}, 1));
    return g_.add("layer_norm", {sum, gamma});
  }

  Graph g_{"transformer_layer"};
  std::mt19937 random_{7};
};

double largest_difference(const Tensor& a, const Tensor& b) {
  double d = 0;
  for (size_t i = 0; i < a.as<float>().size(); ++i)
    d = std::max(d, std::fabs(static_cast<double>(a.as<float>()[i]) - b.as<float>()[i]));
  return d;
}

}  // namespace

rlx::Status transformer(const std::shared_ptr<rlx::Registry>& registry) {
  std::printf("\nA transformer layer (%ld tokens, width %ld, %ld heads) on every device\n\n",
              static_cast<long>(kTokens), static_cast<long>(kWidth), static_cast<long>(kHeads));
  RLX_ASSIGN(Graph graph, Layer().build());
  std::vector<float> values(static_cast<size_t>(kTokens * kWidth));
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i) * 0.37f);
  RLX_ASSIGN(Tensor x, Tensor::of<float>(rlx::DType::kF32, {1, kTokens, kWidth}, values));
  std::optional<Tensor> first;
  for (const rlx::Device& device : registry->devices()) {
    rlx::SessionOptions options;
    options.device = device.id();
    RLX_ASSIGN(rlx::Session session, rlx::Session::create(registry, graph, options));
    RLX_ASSIGN(rlx::Executable executable, session.executable());
    RLX_ASSIGN(rlx::Context context, executable.create_context());
    RLX_TRY(context.bind_input(0, std::as_const(x).view()));
    double best = 1e30;
    for (int i = 0; i < 5; ++i) {
      const auto start = std::chrono::steady_clock::now();
      RLX_TRY(context.run());
      best =
          std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    RLX_ASSIGN(Tensor y, context.output(0));
    if (!first) {
      std::printf("  %-8s %10.3f ms   %s\n", device.id().c_str(), best, device.info().name.c_str());
      RLX_ASSIGN(first, y.copy());
    } else {
      std::printf("  %-8s %10.3f ms   %s, differs by %.1e\n", device.id().c_str(), best, device.info().name.c_str(),
                  largest_difference(y, *first));
    }
  }
  return {};
}

}  // namespace demo
