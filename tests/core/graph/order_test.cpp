// Topological order: data, states, cycles, ties.
#include "catch.hpp"

#include <rlx/graph.hpp>

#include <algorithm>

using namespace rlx;

namespace {

const TensorType kVector{DType::kF32, {4}};

size_t position(const Graph& g, ValueId value) {
  const auto order = g.order();
  REQUIRE(order);
  return static_cast<size_t>(std::find(order->begin(), order->end(), g.value(value).producer) - order->begin());
}

}  // namespace

TEST_CASE("an order that is already topological stays as it is", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kVector);
  REQUIRE(g.add("copy", {x}));
  const ValueId y = *g.input("y", kVector);
  REQUIRE(g.add("copy", {y}));
  CHECK(*g.order() == std::vector<NodeId>{0, 1, 2, 3});
}

TEST_CASE("collectives stay in the order in which they were added, whatever they wait for", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kVector), y = *g.input("y", kVector);
  const ValueId first = *g.add("all_reduce", {x});
  const ValueId second = *g.add("broadcast", {y});
  // The first one now waits for a node that was made last, as after a fusion.
  const ValueId late = *g.add("copy", {x});
  g.set_input(g.value(first).producer, 0, late);
  CHECK(position(g, first) < position(g, second));
  CHECK(position(g, late) < position(g, first));
  // The second is no data of the first, so this closes a cycle only because of their order.
  g.set_input(g.value(late).producer, 0, second);
  CHECK_FALSE(g.order());
}

TEST_CASE("erased nodes are left out and rewired ones follow their producers", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kVector);
  const ValueId a = *g.add("copy", {x}), b = *g.add("copy", {a}), c = *g.add("copy", {x});
  g.set_input(g.value(a).producer, 0, c);
  CHECK(*g.order() == std::vector<NodeId>{0, 3, 1, 2});
  g.erase(g.value(b).producer);
  CHECK(*g.order() == std::vector<NodeId>{0, 3, 1});
}

TEST_CASE("whoever reads a state's old value comes before the write", "[graph]") {
  Graph g;
  const ValueId s = *g.state("s", kVector), x = *g.input("x", kVector);
  const ValueId write = *g.add("state_write", {s, x});
  const ValueId read = *g.add("copy", {s});
  CHECK(position(g, read) < position(g, write));
  const ValueId after = *g.add("copy", {write});
  CHECK(position(g, write) < position(g, after));
}

TEST_CASE("a read of the old value that depends on the write is a cycle", "[graph]") {
  Graph g;
  const ValueId s = *g.state("s", kVector), x = *g.input("x", kVector);
  const ValueId write = *g.add("state_write", {s, x});
  REQUIRE(g.add("binary", {write, s}, {{"kind", std::string("add")}}, "late"));
  const auto order = g.order();
  REQUIRE_FALSE(order);
  CHECK(order.error().code == Code::kInvalidArgument);
}

TEST_CASE("a cycle is an error that names a node on it", "[graph]") {
  Graph g;
  const ValueId x = *g.input("x", kVector);
  const ValueId a = *g.add("copy", {x}, {}, "first"), b = *g.add("copy", {a}, {}, "second");
  g.set_input(g.value(a).producer, 0, b);
  const auto order = g.order();
  REQUIRE_FALSE(order);
  CHECK_THAT(order.error().message, tests::contains_text("'first'"));
}
