// What the verifier finds after rewriting went wrong.
#include "catch.hpp"

#include <rlx/graph.hpp>

using namespace rlx;

namespace {

const TensorType kVector{DType::kF32, {4}};

std::string complaint(const Graph& g) {
  const Status status = verify(g);
  return status ? "valid" : status.error().message;
}

}  // namespace

TEST_CASE("a well-formed graph verifies", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kVector), s = *g.state("s", kVector);
  const ValueId sum = *g.add("binary", {x, s}, {{"kind", std::string("add")}});
  REQUIRE(g.add("state_write", {s, sum}));
  REQUIRE(g.add_output("y", sum));
  CHECK(complaint(g) == "valid");
}

TEST_CASE("an erased value cannot become an output", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kVector), y = *g.add("copy", {x});
  g.erase(g.value(y).producer);
  CHECK_FALSE(g.add_output("y", y));
  CHECK(complaint(g) == "valid");
}

TEST_CASE("the verifier sees types that no longer match their inputs", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kVector), wide = *g.input("wide", {DType::kF32, {8}});
  const ValueId y = *g.add("copy", {x}, {}, "stale");
  g.set_input(g.value(y).producer, 0, wide);
  CHECK_THAT(complaint(g), tests::contains_text("'stale'") && tests::contains_text("f32[4], inference gives f32[8]"));
}

TEST_CASE("a state written twice is refused", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kVector), s = *g.state("s", kVector);
  REQUIRE(g.add("state_write", {s, x}));
  REQUIRE(g.add("state_write", {s, x}, {}, "again"));
  CHECK_THAT(complaint(g), tests::contains_text("written twice"));
}

TEST_CASE("a cycle does not verify", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kVector);
  const ValueId a = *g.add("copy", {x}), b = *g.add("copy", {a});
  g.set_input(g.value(a).producer, 0, b);
  CHECK_THAT(complaint(g), tests::contains_text("cycle"));
}

TEST_CASE("regions are verified too", "[graph]") {
  Graph body;
  const ValueId in = *body.input("x", kVector), wide = *body.input("wide", {DType::kF32, {8}});
  const ValueId out = *body.add("copy", {in}, {}, "inside");
  REQUIRE(body.add_output("y", out));
  Graph g;
  const ValueId x = *g.input("x", kVector), y = *g.input("y", {DType::kF32, {1}});
  body.set_input(body.value(out).producer, 0, wide);
  std::vector<Graph> regions = {body};
  const ValueId inputs[] = {x, y};
  REQUIRE(g.add_node("fused_elementwise", inputs, {}, "fused", 1, std::move(regions)));
  CHECK_THAT(complaint(g), tests::contains_text("'inside'"));
}
