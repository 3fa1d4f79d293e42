#include "runtime/target.hpp"

#include "core/runtime/devices.hpp"
#include "core/runtime/fake_device.hpp"

using namespace rlx;
using tests::need;

TEST_CASE("every fused op has a probe that the schema accepts", "[runtime]") {
  for (const char* op :
       {"attention", "fused_conv_bias_act", "fused_elementwise", "fused_residual_norm", "fused_swiglu", "linear"}) {
    CAPTURE(op);
    const Graph g = need(probe_graph(op));
    need(verify(g));
    bool found = false;
    for (NodeId id = 0; id < g.node_count(); ++id) found = found || g.node(id).is(op);
    CHECK(found);
  }
  CHECK_FALSE(probe_graph("matmul"));
}

TEST_CASE("a device is asked about nodes, and views need no answer", "[runtime]") {
  tests::FakeDevice device;
  const Target target = make_target(device.device(), {});
  CHECK(target.device == "fake:0");
  Graph g = tests::neg_graph({4});
  const ValueId y = g.outputs()[0].value;
  const ValueId flat = need(g.add("reshape", {y}, {{"shape", std::vector<int64_t>{2, 2}}}));
  need(g.add_output("flat", flat));
  const std::vector<NodeSupport> answers = need(target.query(g));
  CHECK(answers.size() == 2);
  for (const NodeSupport& a : answers) CHECK(a.level == NodeSupport::Level::kNative);
  CHECK(target.supports_op("linear"));
  CHECK_FALSE(target.supports_op("no_such_op"));
}
