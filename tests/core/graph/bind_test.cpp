// Replacing symbols by numbers.
#include "catch.hpp"

#include <rlx/graph.hpp>

using namespace rlx;

namespace {

Graph symbolic() {
  Graph g("net");
  const int64_t n = g.symbol("n");
  const ValueId x = *g.input("x", {DType::kF32, {n, 6}});
  const ValueId split = *g.add("reshape", {x}, {{"shape", std::vector<int64_t>{-2, -1, 3}}}, "split");
  const ValueId y = *g.add("softmax", {split}, {{"axis", int64_t{-1}}});
  g.set_value_name(y, "probabilities");
  REQUIRE(g.add_output("y", y));
  return g;
}

}  // namespace

TEST_CASE("binding gives static shapes, resolved attributes and keeps names", "[graph]") {
  const Graph g = symbolic();
  CHECK_FALSE(g.is_static());
  const auto bound = bind(g, {{"n", 5}});
  REQUIRE(bound);
  CHECK(bound->is_static());
  CHECK(verify(*bound));
  const ValueId y = bound->outputs()[0].value;
  CHECK(bound->shape(y) == Shape{5, 2, 3});
  CHECK(bound->value(y).name == "probabilities");
  const Node& split = bound->producer(bound->producer(y).inputs[0]);
  CHECK(split.name == "split");
  CHECK(split.attrs.ints("shape") == std::vector<int64_t>{5, 2, 3});
}

TEST_CASE("every symbol needs a value, and only symbols have one", "[graph]") {
  CHECK_THAT(bind(symbolic(), {}).error().message, tests::contains_text("symbol n has no value"));
  CHECK(bind(symbolic(), {{"n", 1}, {"m", 2}}).error().code == Code::kNotFound);
  CHECK_THAT(bind(symbolic(), {{"n", -4}}).error().message, tests::contains_text("symbol n is -4"));
}

TEST_CASE("a binding that no shape can have is an error of the node", "[graph]") {
  Graph g;
  const int64_t n = g.symbol("n");
  const ValueId x = *g.input("x", {DType::kF32, {n}}), y = *g.input("y", {DType::kF32, {3}});
  REQUIRE(g.add("binary", {x, y}, {{"kind", std::string("add")}}, "sum"));
  CHECK(bind(g, {{"n", 3}}).has_value());
  CHECK_THAT(bind(g, {{"n", 2}}).error().message, tests::contains_text("sum"));
}

TEST_CASE("symbols inside regions are bound as well", "[graph]") {
  Graph body;
  const ValueId in = *body.input("x", {DType::kF32, {body.symbol("n")}});
  REQUIRE(body.add_output("y", *body.add("unary", {in}, {{"kind", std::string("exp")}})));
  Graph g;
  const ValueId x = *g.input("x", {DType::kF32, {g.symbol("n")}});
  std::vector<Graph> regions = {body};
  const auto node = g.add_node("fused_elementwise", std::span<const ValueId>(&x, 1), {}, "", 1, std::move(regions));
  REQUIRE(node);
  REQUIRE(g.add_output("y", g.node(*node).outputs[0]));
  const auto bound = bind(g, {{"n", 7}});
  REQUIRE(bound);
  const Graph& inner = bound->producer(bound->outputs()[0].value).regions[0];
  CHECK(inner.is_static());
  CHECK(inner.shape(inner.outputs()[0].value) == Shape{7});
}
