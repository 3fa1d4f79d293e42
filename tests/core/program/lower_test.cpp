#include "core/program/graphs.hpp"
#include "program/check.hpp"

using namespace rlx;
using tests::Builder;
using tests::ops_of;
using tests::position_of;
using tests::root_of;

namespace {

using Ops = std::vector<std::string>;

// Lowers and checks everything that the ABI promises.
Program lowered(Builder& b) {
  Program p = b.lower();
  const Status status = check_program(p);
  INFO((status ? std::string() : status.error().message));
  REQUIRE(status);
  return p;
}

}  // namespace

TEST_CASE("a reshape in the middle vanishes", "[program]") {
  Builder b;
  const ValueId x = b.unary("exp", b.input("x", {2, 6}));
  b.output("y", b.unary("neg", b.reshape(x, {3, 4})));
  const Program p = lowered(b);
  CHECK(ops_of(p) == Ops{"unary", "unary"});
  const rlx_tensor& view = p.tensors()[p.nodes()[1].inputs[0]];
  CHECK(view.view_of == p.nodes()[0].outputs[0]);
  CHECK(view.dims[0] == 3);
}

TEST_CASE("an output behind a reshape owns the memory and costs no copy", "[program]") {
  Builder b;
  b.output("y", b.reshape(b.unary("exp", b.input("x", {2, 6})), {12}));
  const Program p = lowered(b);
  CHECK(ops_of(p) == Ops{"unary"});
  REQUIRE(p.outputs().size() == 1);
  CHECK(p.outputs()[0].type == tests::f32({12}));
  CHECK(p.tensors()[p.nodes()[0].outputs[0]].view_of == p.outputs()[0].tensor);
}

TEST_CASE("a value that is an output and is read under another shape needs no copy", "[program]") {
  Builder b;
  const ValueId x = b.unary("exp", b.input("x", {2, 6}));
  b.output("flat", b.reshape(x, {12}));
  b.output("y", x);
  b.output("z", b.unary("neg", x));
  const Program p = lowered(b);
  // One of the two owns the memory; the other is a copy.
  CHECK(ops_of(p).size() == 3);
  CHECK(p.outputs()[1].name == "y");
  CHECK(p.outputs()[1].tensor == p.nodes()[0].outputs[0]);
}

TEST_CASE("outputs that are leaves or come twice are copies", "[program]") {
  Builder b;
  const ValueId x = b.input("x", {2});
  const ValueId y = b.unary("exp", x);
  b.output("input", x);
  b.output("constant", b.constant({1}, {3}));
  b.output("y", y);
  b.output("y again", y);
  const Program p = lowered(b);
  CHECK(ops_of(p) == Ops{"unary", "copy", "copy", "copy"});
}

TEST_CASE("rows cut along the outermost axis are a view with an offset", "[program]") {
  Builder b;
  const ValueId x = b.unary("exp", b.input("x", {1, 6, 4}));
  b.output("y", b.unary("neg", b.narrow(x, 1, 2, 3)));
  const Program p = lowered(b);
  CHECK(ops_of(p) == Ops{"unary", "unary"});
  CHECK(p.tensors()[p.nodes()[1].inputs[0]].view_offset == 2 * 4 * sizeof(float));
}

TEST_CASE("an output that is a part of a tensor is a copy", "[program]") {
  Builder b;
  b.output("y", b.narrow(b.unary("exp", b.input("x", {6, 4})), 0, 2, 3));
  CHECK(ops_of(lowered(b)) == Ops{"unary", "copy"});
}

TEST_CASE("columns cannot be a view", "[program]") {
  Builder b;
  b.output("y", b.narrow(b.input("x", {2, 6}), 1, 2, 3));
  CHECK(ops_of(lowered(b)) == Ops{"narrow"});
}

TEST_CASE("slices, expands and transposes that move nothing are views", "[program]") {
  Builder b;
  const ValueId x = b.unary("exp", b.input("x", {4, 1, 3}));
  const std::vector<int64_t> starts = {1, 0, 0}, ends = {2, 1, 3}, steps = {5, 1, 1}, perm = {1, 0, 2},
                             shape = {1, 4, 1, 3};
  b.output("slice", b.unary("neg", b.op("slice", {x}, {{"starts", starts}, {"ends", ends}, {"steps", steps}})));
  b.output("transpose", b.unary("neg", b.op("transpose", {x}, {{"perm", perm}})));
  b.output("expand", b.unary("neg", b.op("expand", {x}, {{"shape", shape}})));
  CHECK(ops_of(lowered(b)) == Ops{"unary", "unary", "unary", "unary"});
}

TEST_CASE("transposes and slices that move data stay", "[program]") {
  Builder b;
  const ValueId x = b.input("x", {4, 3});
  const std::vector<int64_t> starts = {3, 0}, ends = {-1, 3}, steps = {-1, 1}, perm = {1, 0}, shape = {2, 4, 3};
  b.output("slice", b.op("slice", {x}, {{"starts", starts}, {"ends", ends}, {"steps", steps}}));
  b.output("transpose", b.op("transpose", {x}, {{"perm", perm}}));
  b.output("expand", b.op("expand", {x}, {{"shape", shape}}));
  const Program p = lowered(b);
  CHECK(p.nodes().size() == 3);
  CHECK(position_of(p, "copy") == SIZE_MAX);
}

TEST_CASE("the new value of a state lies in the state and old readers come first", "[program]") {
  Builder b;
  const ValueId s = b.state("s", {4});
  const ValueId x = b.input("x", {4});
  const ValueId now = b.op("state_write", {s, x});
  const ValueId before = b.unary("exp", b.reshape(s, {2, 2}));
  b.output("before", before);
  b.output("now", b.unary("neg", now));
  const Program p = lowered(b);
  CHECK(ops_of(p) == Ops{"unary", "state_write", "unary"});
  CHECK(root_of(p, p.nodes()[1].outputs[0]) == p.states()[0].tensor);
}

TEST_CASE("a state as output is copied before the write, its new value after it", "[program]") {
  Builder b;
  const ValueId s = b.state("s", {4});
  const ValueId now = b.op("state_write", {s, b.input("x", {4})});
  b.output("before", s);
  b.output("now", now);
  const Program p = lowered(b);
  CHECK(ops_of(p) == Ops{"copy", "state_write", "copy"});
  CHECK(p.nodes()[0].outputs[0] == p.outputs()[0].tensor);
}

TEST_CASE("an old value that is read after the write is saved", "[program]") {
  Builder b;
  const ValueId s = b.state("s", {4});
  const ValueId now = b.op("state_write", {s, b.input("x", {4})});
  // Reads the old value, through a view, together with the new one.
  b.output("y", b.add(b.reshape(s, {2, 2}), b.reshape(now, {2, 2})));
  const Program p = lowered(b);
  CHECK(ops_of(p) == Ops{"copy", "state_write", "binary"});
  CHECK(root_of(p, p.nodes()[2].inputs[0]) != p.states()[0].tensor);
}

TEST_CASE("a state that is written from its own memory is written from a copy", "[program]") {
  Builder b;
  const ValueId s = b.state("s", {4, 2});
  const ValueId row = tests::value_of(b.graph.constant(Literal::of<int64_t>(DType::kI64, {}, std::vector<int64_t>{0})));
  b.op("state_write", {s, b.narrow(s, 0, 1, 3), row});
  const Program p = lowered(b);
  CHECK(ops_of(p) == Ops{"copy", "state_write"});
}

TEST_CASE("a state written twice is refused by name", "[program]") {
  Builder b;
  const ValueId s = b.state("cache", {4});
  const ValueId x = b.input("x", {4});
  b.op("state_write", {s, x});
  b.op("state_write", {s, b.unary("exp", x)});
  const auto result = lower(b.graph);
  REQUIRE_FALSE(result);
  CHECK(result.error().message.find("'cache' is written twice") != std::string::npos);
}

TEST_CASE("a body becomes a region of its own", "[program]") {
  Graph body;
  const ValueId bx = tests::value_of(body.input("x", tests::f32({4})));
  REQUIRE(body.add_output("y", tests::value_of(body.add("unary", {bx}, {{"kind", std::string("exp")}}))));
  Builder b;
  const ValueId x = b.input("x", {4});
  const std::vector<ValueId> inputs = {x};
  const NodeId n = tests::value_of(b.graph.add_node("fused_elementwise", inputs, {}, {}, 1, {body}));
  b.output("y", b.graph.node(n).outputs[0]);
  const Program p = lowered(b);
  REQUIRE(p.regions().size() == 2);
  CHECK(p.regions()[1].node_count == 1);
  CHECK(p.tensors()[p.regions()[1].inputs[0]].role == RLX_ROLE_TEMPORARY);
  CHECK(p.inputs().size() == 1);
}

TEST_CASE("symbolic dims cannot be lowered", "[program]") {
  Builder b;
  const int64_t n = b.graph.symbol("n");
  b.output("y", b.unary("exp", b.input("x", {n, 2})));
  const auto result = lower(b.graph);
  REQUIRE_FALSE(result);
  CHECK(result.error().message.find("[n, 2] is not static") != std::string::npos);
}

TEST_CASE("ports that nothing reads are still there", "[program]") {
  Builder b;
  b.input("unused", {2});
  REQUIRE(b.graph.param("weight", tests::f32({3})));
  b.state("memory", {1});
  b.output("y", b.unary("exp", b.input("x", {2})));
  const Program p = lowered(b);
  REQUIRE(p.inputs().size() == 2);
  CHECK(p.inputs()[0].name == "unused");
  REQUIRE(p.params().size() == 1);
  CHECK(p.params()[0].type == tests::f32({3}));
  CHECK(p.states().size() == 1);
}
