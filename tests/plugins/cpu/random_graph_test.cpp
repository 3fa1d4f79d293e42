// Random graphs give what the reference gives: several outputs, some of them read on, in whatever layouts, with and
// without fusion, on one thread and on several. What no test of a single kernel sees is what kernels do to each other's
// memory.
#include "agree.hpp"
#include "catch.hpp"
#include "options.hpp"

#include <rlx/rlx.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace {

using rlx::DType;
using rlx::Graph;
using rlx::Result;
using rlx::Shape;
using rlx::Tensor;
using rlx::ValueId;
using Ints = std::vector<int64_t>;

class Maker {
 public:
  explicit Maker(uint32_t seed) : random_(seed) {}

  Result<Graph> make() {
    const Shape image{number(1, 2), pick({1, 3, 6, 7, 8, 16, 32}), number(1, 9), number(1, 9)};
    RLX_ASSIGN(const ValueId x, graph_.input("x", {DType::kF32, image}));
    values_.push_back(x);
    for (int64_t steps = number(2, 14); steps > 0; --steps) {
      const auto y = add_step(chance(0.6) ? values_.back() : any());
      if (y && graph_.shape(*y).elements() < 100'000) values_.push_back(*y);
    }
    for (size_t i = 0; i < values_.size(); ++i)
      if (i + 1 == values_.size() || chance(0.25)) RLX_TRY(graph_.add_output("y" + std::to_string(i), values_[i]));
    return std::move(graph_);
  }

 private:
  int64_t number(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random_); }
  bool chance(double p) { return std::uniform_real_distribution<double>(0, 1)(random_) < p; }
  template <typename T>
  T pick(std::initializer_list<T> list) {
    return *(list.begin() + number(0, static_cast<int64_t>(list.size()) - 1));
  }
  std::string word(std::initializer_list<const char*> list) { return pick(list); }
  ValueId any() { return values_[static_cast<size_t>(number(0, static_cast<int64_t>(values_.size()) - 1))]; }

  Result<ValueId> weight(const Shape& shape, int64_t terms) {
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::vector<float> v(static_cast<size_t>(shape.elements()));
    for (float& e : v) e = uniform(random_) / std::sqrt(static_cast<float>(terms));
    return graph_.constant(rlx::Literal::of<float>(DType::kF32, shape, v));
  }

  // An error where the op does not fit x: then the graph stays as it is.
  Result<ValueId> add_step(ValueId x) {
    const Shape s = graph_.shape(x);
    const int64_t last = static_cast<int64_t>(s.rank()) - 1, axis = number(0, last);
    switch (number(0, 10)) {
      case 0:
        return graph_.add("unary", {x}, {{"kind", word({"relu", "sigmoid", "tanh", "gelu", "silu", "neg", "abs"})}});
      case 1:
      case 2:
        return graph_.add("binary", {x, any()}, {{"kind", word({"add", "sub", "mul", "max"})}});
      case 3:
      case 4:
        return convolution(x, s);
      case 5:
        return graph_.add("concat", {x, any()}, {{"axis", axis}});
      case 6:
        return graph_.add("pool", {x},
                          {{"kind", word({"max", "mean"})}, {"kernel", Ints{2, 2}}, {"pads_begin", Ints{1, 0}}});
      case 7: {
        Ints perm(s.rank());
        for (size_t i = 0; i < perm.size(); ++i) perm[i] = static_cast<int64_t>(i);
        std::shuffle(perm.begin(), perm.end(), random_);
        return graph_.add("transpose", {x}, {{"perm", perm}});
      }
      case 8: {
        const int64_t start = number(0, s[static_cast<size_t>(axis)] - 1);
        return graph_.add("narrow", {x},
                          {{"axis", axis}, {"start", start}, {"len", number(1, s[static_cast<size_t>(axis)] - start)}});
      }
      case 9:
        return graph_.add(word({"softmax", "layer_norm"}), {x}, {{"axis", last}});
      default: {
        const int64_t k = s[s.rank() - 1], n = number(1, 20);
        RLX_ASSIGN(const ValueId w, weight({k, n}, k));
        RLX_ASSIGN(const ValueId y, graph_.add("matmul", {x, w}));
        RLX_ASSIGN(const ValueId b, weight({n}, 1));
        return graph_.add("binary", {y, b}, {{"kind", std::string("add")}});
      }
    }
  }

  Result<ValueId> convolution(ValueId x, const Shape& s) {
    if (s.rank() != 4) return rlx::error(rlx::Code::kInvalidArgument, "no image");
    const int64_t k = pick({1, 1, 3}), groups = chance(0.3) ? s[1] : s[1] % 2 == 0 && chance(0.3) ? 2 : 1;
    const int64_t per_group = s[1] / groups, filters = groups * (per_group == 1 ? number(1, 2) : number(1, 12));
    const int64_t stride = pick({1, 1, 1, 2});
    RLX_ASSIGN(const ValueId w, weight({filters, per_group, k, k}, per_group * k * k));
    RLX_ASSIGN(const ValueId b, weight({filters}, 1));
    return graph_.add("conv", {x, w, b},
                      {{"groups", groups},
                       {"strides", Ints{stride, stride}},
                       {"pads_begin", Ints{k / 2, k / 2}},
                       {"pads_end", Ints{k / 2, k / 2}}});
  }

  std::mt19937 random_;
  Graph graph_{"random"};
  std::vector<ValueId> values_;
};

Result<std::vector<Tensor>> run(const std::shared_ptr<rlx::Registry>& registry, const char* device, Graph graph,
                                uint32_t threads, bool fuse) {
  rlx::SessionOptions options;
  options.device = device;
  options.compile.threads = threads;
  options.compile.fuse = fuse;
  RLX_ASSIGN(rlx::Session session, rlx::Session::create(registry, std::move(graph), options));
  RLX_ASSIGN(const rlx::Executable executable, session.executable());
  RLX_ASSIGN(rlx::Context context, executable.create_context());
  const Shape shape = executable.inputs()[0].type.shape;
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i) * 0.7f);
  RLX_ASSIGN(const Tensor x, Tensor::of<float>(DType::kF32, shape, values));
  RLX_TRY(context.set_input(0, x.view()));
  for (int repeat = 0; repeat < 2; ++repeat) RLX_TRY(context.run());
  std::vector<Tensor> outputs;
  for (size_t i = 0; i < executable.outputs().size(); ++i) {
    RLX_ASSIGN(Tensor y, context.output(i));
    outputs.push_back(std::move(y));
  }
  return outputs;
}

// How many elements are off by more than a thousandth of the largest value.
size_t differing(const Tensor& got, const Tensor& want) {
  const auto a = got.as<float>(), b = want.as<float>();
  double largest = 1e-3;
  for (const float v : b)
    if (std::isfinite(v)) largest = std::max<double>(largest, std::fabs(v));
  size_t count = 0;
  for (size_t i = 0; i < b.size(); ++i) count += !tests::agree(a[i], b[i], 0, 1e-3 * largest);
  return count;
}

TEST_CASE("random graphs give what the reference gives", "[cpu]") {
  const auto registry = rlx::Registry::create().value();
  if (!registry->find("ref:0")) RLX_SKIP("no device ref to compare with");
  for (uint32_t i = 0; i < 120; ++i) {
    const uint32_t seed = tests::seed() * 1000 + i;
    const auto graph = Maker(seed).make();
    REQUIRE(graph);
    INFO("graph of seed " << seed << "\n" << rlx::print(*graph));
    const auto want = run(registry, "ref:0", *graph, 1, false);
    REQUIRE(want);
    for (const auto& [threads, fuse] : {std::pair(1u, true), std::pair(1u, false), std::pair(3u, true)}) {
      const auto got = run(registry, "cpu:0", *graph, threads, fuse);
      INFO(threads << " threads, " << (fuse ? "fused" : "not fused"));
      if (!got) FAIL(got.error().text());
      REQUIRE(got->size() == want->size());
      for (size_t o = 0; o < want->size(); ++o) {
        INFO("output " << o);
        REQUIRE((*got)[o].type() == (*want)[o].type());
        REQUIRE(differing((*got)[o], (*want)[o]) == 0);
      }
    }
  }
}

}  // namespace
