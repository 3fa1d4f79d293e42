// The smallest program: builds a graph, runs it on the best device of this host, prints the result.
//   c++ -std=c++20 add.cpp $(pkg-config --cflags --libs rlx)

#include <rlx/rlx.hpp>

#include <cstdio>
#include <vector>

namespace {

// y = relu(a * b + 1), for any number of rows N.
rlx::Result<rlx::Graph> build() {
  rlx::Graph g("example");
  const rlx::TensorType type{rlx::DType::kF32, {g.symbol("N"), 4}};
  RLX_ASSIGN(rlx::ValueId a, g.input("a", type));
  RLX_ASSIGN(rlx::ValueId b, g.input("b", type));
  RLX_ASSIGN(rlx::ValueId one, g.constant(rlx::Literal::scalar_f32(1)));
  RLX_ASSIGN(rlx::ValueId y, g.add("binary", {a, b}, {{"kind", std::string("mul")}}));
  RLX_ASSIGN(y, g.add("binary", {y, one}, {{"kind", std::string("add")}}));
  RLX_ASSIGN(y, g.add("unary", {y}, {{"kind", std::string("relu")}}));
  RLX_TRY(g.add_output("y", y));
  return g;
}

rlx::Status run() {
  RLX_ASSIGN(std::shared_ptr<rlx::Registry> registry, rlx::Registry::create());
  RLX_ASSIGN(rlx::Graph graph, build());
  RLX_ASSIGN(rlx::Session session, rlx::Session::create(registry, std::move(graph)));
  const std::vector<float> a{1, 2, 3, 4, 5, 6, 7, 8}, b{1, -1, 1, -1, 1, -1, 1, -1};
  RLX_ASSIGN(rlx::Tensor ta, rlx::Tensor::of<float>(rlx::DType::kF32, {2, 4}, a));
  RLX_ASSIGN(rlx::Tensor tb, rlx::Tensor::of<float>(rlx::DType::kF32, {2, 4}, b));
  RLX_ASSIGN(std::vector<rlx::NamedTensor> outputs,
             session.run({{"a", std::as_const(ta).view()}, {"b", std::as_const(tb).view()}}));
  std::printf("%s:", session.device().id().c_str());
  for (float y : outputs[0].tensor.as<float>()) std::printf(" %g", static_cast<double>(y));
  std::printf("\n");
  return {};
}

}  // namespace

int main() {
  const rlx::Status status = run();
  if (status) return 0;
  std::fprintf(stderr, "%s\n", status.error().text().c_str());
  return 1;
}
