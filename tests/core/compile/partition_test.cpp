// Nodes find their device, and graphs are cut where devices change.
#include "compile/partition.hpp"

#include "core/compile/optimised.hpp"

#include <set>

using namespace rlx;
using tests::contains_text;
using tests::count;
using tests::graph_of;

namespace {

// Runs what is not in the set.
Target without(const std::string& device, const std::set<std::string, std::less<>>& refused) {
  Target target;
  target.device = device;
  target.supports_op = [](std::string_view op) { return op == "fused_elementwise"; };
  target.query = [device, refused](const Graph& g) {
    std::vector<NodeSupport> answers;
    for (NodeId id = 0; id < g.node_count(); ++id) {
      const Node& node = g.node(id);
      if (node.erased() || (node.schema->flags & kOpLeaf)) continue;
      const bool no = refused.contains(node.op());
      answers.push_back({id, no ? NodeSupport::Level::kNo : NodeSupport::Level::kNative, no ? "not on " + device : ""});
    }
    return Result<std::vector<NodeSupport>>(answers);
  };
  return target;
}

Partition split(std::string_view text, const std::vector<Target>& targets, CompileReport& report) {
  auto assigned = optimise_over(graph_of(text), {}, targets, report);
  INFO((assigned ? std::string() : assigned.error().text()));
  REQUIRE(assigned);
  auto partition = make_partition(assigned->graph, assigned->devices);
  INFO((partition ? std::string() : partition.error().text()));
  REQUIRE(partition);
  for (const Partition::Segment& s : partition->segments) {
    INFO(print(s.graph));
    REQUIRE(verify(s.graph));
  }
  return std::move(*partition);
}

}  // namespace

TEST_CASE("segments are as few as the order of devices allows", "[compile][partition]") {
  // a and c run here, b there; without the edge from b to c two segments would do.
  CompileReport report;
  const Partition p = split(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[4]\n"
      "%1 = cumsum(%0) {axis=0} \"there1\" : f32[4]\n %2 = cumprod(%0) {axis=0} \"here1\" : f32[4]\n"
      "%3 = cumsum(%2) {axis=0} \"there2\" : f32[4]\n %4 = cumprod(%0) {axis=0, reverse=1} \"here2\" : f32[4]\n"
      "output \"a\" = %1\n output \"b\" = %3\n output \"c\" = %4 }",
      {without("here", {"cumsum"}), without("there", {})}, report);
  REQUIRE(p.segments.size() == 2);
  CHECK(p.segments[0].device == 0);
  CHECK(count(p.segments[0].graph, "cumprod") == 2);
  CHECK(count(p.segments[1].graph, "cumsum") == 2);
  // x, here1 -> there2, and three outputs.
  CHECK(p.wires.size() == 5);
  CHECK(p.wires[p.inputs[0]].sinks.size() == 2);
}

TEST_CASE("a view is repeated where it is read, and its source is carried once", "[compile][partition]") {
  CompileReport report;
  const Partition p = split(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[4]\n %1 = cumprod(%0) {axis=0} \"here\" : f32[4]\n"
      "%2 = reshape(%1) {shape=[2, 2]} : f32[2, 2]\n %3 = reshape(%1) {shape=[1, 4]} : f32[1, 4]\n"
      "%4 = cumsum(%2) {axis=0} \"there1\" : f32[2, 2]\n %5 = cumsum(%3) {axis=1} \"there2\" : f32[1, 4]\n"
      "output \"a\" = %4\n output \"b\" = %5 }",
      {without("here", {"cumsum"}), without("there", {})}, report);
  REQUIRE(p.segments.size() == 2);
  CHECK(p.segments[0].graph.outputs().size() == 1);
  CHECK(count(p.segments[0].graph, "reshape") == 0);
  CHECK(count(p.segments[1].graph, "reshape") == 2);
  CHECK(p.segments[1].graph.inputs().size() == 1);
}

TEST_CASE("a part of a value stays where the value is", "[compile][partition]") {
  CompileReport report;
  const Partition p = split(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[4, 4]\n %1 = cumsum(%0) {axis=1} \"there1\" : f32[4, 4]\n"
      "%2 = narrow(%1) {axis=0, start=1, len=2} : f32[2, 4]\n %3 = cumsum(%2) {axis=1} \"there2\" : f32[2, 4]\n"
      "%4 = narrow(%0) {axis=0, start=0, len=2} : f32[2, 4]\n %5 = cumsum(%4) {axis=0} \"there3\" : f32[2, 4]\n"
      "%6 = cumprod(%3) {axis=0} \"here\" : f32[2, 4]\n output \"y\" = %6\n output \"z\" = %5 }",
      {without("here", {"cumsum"}), without("there", {})}, report);
  REQUIRE(p.segments.size() == 2);
  CHECK(count(p.segments[0].graph, "narrow") == 2);
  for (const CompileReport::Op& op : report.ops) CHECK((op.op != "narrow" || op.placement == Placement::kNative));
}

TEST_CASE("what only a later segment of the device reads is computed there", "[compile][partition]") {
  CompileReport report;
  const Partition p = split(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[4]\n %1 = cumprod(%0) {axis=0} \"early\" : f32[4]\n"
      "%2 = reshape(%1) {shape=[2, 2]} : f32[2, 2]\n %3 = cumprod(%2) {axis=0} \"late1\" : f32[2, 2]\n"
      "%4 = cumprod(%3) {axis=1} \"late2\" : f32[2, 2]\n %5 = cumsum(%2) {axis=0} \"there\" : f32[2, 2]\n"
      "%6 = binary(%4, %5) {kind=\"add\"} : f32[2, 2]\n output \"y\" = %6 }",
      {without("here", {"cumsum"}), without("there", {})}, report);
  REQUIRE(p.segments.size() == 3);
  CHECK(count(p.segments[0].graph, "cumprod") == 1);
  CHECK(count(p.segments[2].graph, "cumprod") == 2);
  CHECK(p.segments[0].graph.outputs().size() == 1);
}

TEST_CASE("weights are only where they are read", "[compile][partition]") {
  CompileReport report;
  const Partition p = split(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[4, 4]\n %1 = param() {name=\"u\"} : f32[4, 4]\n"
      "%2 = param() {name=\"v\"} : f32[4, 4]\n %6 = param() {name=\"unused\"} : f32[1]\n"
      "%3 = matmul(%0, %1) \"here1\" : f32[4, 4]\n"
      "%4 = cumsum(%3) {axis=0} \"there\" : f32[4, 4]\n %5 = matmul(%4, %2) \"here2\" : f32[4, 4]\n"
      "output \"y\" = %5 }",
      {without("here", {"cumsum"}), without("there", {})}, report);
  REQUIRE(p.segments.size() == 3);
  CHECK(count(p.segments[0].graph, "param") == 2);  // u, and the one that nothing reads
  CHECK(count(p.segments[1].graph, "param") == 0);
  CHECK(count(p.segments[2].graph, "param") == 1);
}

TEST_CASE("a node stays whole when only a part of its decomposition could stay", "[compile][partition]") {
  const char* text =
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 4]\n %1 = softmax(%0) {axis=1} \"soft\" : f32[2, 4]\n"
      "%2 = cumprod(%1) {axis=0} \"here\" : f32[2, 4]\n output \"y\" = %2 }";
  CompileReport report;
  const Partition p = split(text, {without("here", {"softmax", "reduce"}), without("there", {})}, report);
  REQUIRE(p.segments.size() == 2);
  CHECK(p.segments[0].device == 1);
  CHECK(count(p.segments[0].graph, "softmax") == 1);

  // Where no device has the op, the pieces that cannot stay go one by one.
  CompileReport second;
  const Partition pieces = split(text, {without("here", {"softmax", "reduce"}), without("there", {"softmax"})}, second);
  size_t moved = 0;
  for (const CompileReport::Op& op : second.ops)
    if (op.placement == Placement::kMoved) moved += op.op == "reduce" ? op.count : 100;
  CHECK(moved == 2);
  CHECK(pieces.segments.size() == 4);  // both reductions there, what follows each of them here
}

TEST_CASE("regions of elementwise ops do not reach across devices", "[compile][partition]") {
  CompileReport report;
  const Partition p = split(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[64]\n %1 = unary(%0) {kind=\"tanh\"} \"a\" : f32[64]\n"
      "%2 = unary(%1) {kind=\"neg\"} \"b\" : f32[64]\n %3 = binary(%2, %0) {kind=\"add\"} \"c\" : f32[64]\n"
      "%4 = unary(%3) {kind=\"abs\"} \"d\" : f32[64]\n output \"y\" = %4 }",
      {without("here", {"binary"}), without("there", {})}, report);
  REQUIRE(p.segments.size() == 3);
  CHECK(count(p.segments[0].graph, "fused_elementwise") == 1);
  CHECK(count(p.segments[1].graph, "binary") == 1);
}

TEST_CASE("states live where they are written", "[compile][partition]") {
  CompileReport report;
  const Partition p = split(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[4]\n %1 = state() {name=\"s\"} : f32[4]\n"
      "%2 = cumsum(%1) {axis=0} \"old\" : f32[4]\n %3 = cumprod(%2) {axis=0} \"next\" : f32[4]\n"
      "%4 = state_write(%1, %3) : f32[4]\n output \"y\" = %2 }",
      {without("here", {"cumsum"}), without("there", {})}, report);
  REQUIRE(p.segments.size() == 2);
  CHECK(p.segments[0].device == 1);
  CHECK(p.state_home.at("s") == 1);
  CHECK(count(p.segments[0].graph, "state") == 0);
  size_t from_state = 0;
  for (const Wire& wire : p.wires) from_state += wire.state == "s";
  CHECK(from_state == 1);
}

TEST_CASE("a device without an answer for anything is not asked", "[compile][partition]") {
  Target never = without("never", {});
  never.query = [](const Graph&) -> Result<std::vector<NodeSupport>> { return error(Code::kInternal, "asked"); };
  CompileReport report;
  const Partition p = split(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[4]\n %1 = cumsum(%0) {axis=0} : f32[4]\n output \"y\" = %1 }",
      {without("here", {}), never}, report);
  CHECK(p.segments.size() == 1);
}
