#include "program/default_plan.hpp"

#include "core/program/graphs.hpp"

using namespace rlx;
using tests::Builder;

namespace {

std::vector<rlx_node_support> masks(const Program& p, uint32_t mask) {
  std::vector<rlx_node_support> support(p.nodes().size());
  for (rlx_node_support& s : support) s.overwrites = mask;
  return support;
}

uint64_t offset(const Program& p, uint32_t tensor) {
  return p.tensors()[tensor].plan_offset;
}

}  // namespace

TEST_CASE("a chain of elementwise nodes runs in place when the device allows it", "[plan]") {
  Builder b;
  b.output("y", b.unary("exp", b.unary("neg", b.unary("abs", b.input("x", {256})))));
  Program p = b.lower();
  REQUIRE(plan_arena(p, masks(p, 1)));
  CHECK(p.raw().arena_bytes == 2 * 1024);  // the input is never overwritten
  CHECK(p.raw().arena_lower_bound == 2 * 1024);
  Program without = b.lower();
  REQUIRE(plan_arena(without, {}));
  CHECK(without.raw().arena_bytes == 3 * 1024);
}

TEST_CASE("a value that is read again is not overwritten", "[plan]") {
  Builder b;
  const ValueId x = b.unary("abs", b.input("x", {256}));
  const ValueId y = b.unary("neg", x);
  b.output("y", b.add(x, y));
  Program p = b.lower();
  REQUIRE(plan_arena(p, masks(p, 3)));
  CHECK(offset(p, p.nodes()[0].outputs[0]) != offset(p, p.nodes()[1].outputs[0]));
}

TEST_CASE("memory that is read at another place by the same node is not overwritten", "[plan]") {
  Builder b;
  const ValueId x = b.unary("abs", b.input("x", {2, 64}));
  b.output("y", b.add(x, b.narrow(x, 0, 1, 1)));
  Program p = b.lower();
  REQUIRE(plan_arena(p, masks(p, 3)));
  CHECK(offset(p, p.nodes()[1].outputs[0]) != offset(p, p.nodes()[0].outputs[0]));
}

TEST_CASE("both operands in the same memory may be overwritten together", "[plan]") {
  Builder b;
  const ValueId x = b.unary("abs", b.input("x", {64}));
  b.output("y", b.add(x, x));
  Program p = b.lower();
  REQUIRE(plan_arena(p, masks(p, 3)));
  CHECK(offset(p, p.nodes()[1].outputs[0]) == offset(p, p.nodes()[0].outputs[0]));
  REQUIRE(plan_arena(p, masks(p, 1)));
  CHECK(offset(p, p.nodes()[1].outputs[0]) != offset(p, p.nodes()[0].outputs[0]));
}

TEST_CASE("views lie inside the tensor they view, and leaves without memory have no offset", "[plan]") {
  Builder b;
  const ValueId x = b.unary("abs", b.input("x", {4, 16}));
  b.output("y", b.add(b.narrow(x, 0, 2, 1), b.constant({16}, std::vector<float>(16, 1.0f))));
  Program p = b.lower();
  REQUIRE(plan_arena(p, {}));
  const rlx_node& add = p.nodes()[1];
  CHECK(offset(p, add.inputs[0]) == offset(p, p.nodes()[0].outputs[0]) + 2 * 16 * sizeof(float));
  CHECK(offset(p, add.inputs[1]) == RLX_NO_OFFSET);
}

TEST_CASE("states, inputs and outputs share memory with nothing", "[plan]") {
  Builder b;
  const ValueId s = b.state("s", {64});
  const ValueId x = b.input("x", {64});
  b.op("state_write", {s, b.unary("exp", x)});
  b.output("a", b.unary("abs", x));
  b.output("b", b.unary("neg", x));
  Program p = b.lower();
  REQUIRE(plan_arena(p, masks(p, 1)));
  std::vector<uint64_t> offsets = {offset(p, p.inputs()[0].tensor), offset(p, p.states()[0].tensor),
                                   offset(p, p.outputs()[0].tensor), offset(p, p.outputs()[1].tensor)};
  std::sort(offsets.begin(), offsets.end());
  for (size_t i = 1; i < offsets.size(); ++i) CHECK(offsets[i] - offsets[i - 1] >= 256);
}
