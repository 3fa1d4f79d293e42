// A session from the host's side, on the reference device: what goes in, what comes out.
#include "core/runtime/devices.hpp"

using namespace rlx;
using tests::f32;
using tests::floats;
using tests::need;

namespace {

Graph add_graph(int64_t n) {
  Graph g("add");
  const ValueId a = need(g.input("a", {DType::kF32, {n}}));
  const ValueId b = need(g.input("b", {DType::kF32, {n}}));
  need(g.add_output("y", need(g.add("binary", {a, b}, {{"kind", std::string("add")}}))));
  return g;
}

}  // namespace

TEST_CASE("a session adds two vectors on the reference device", "[runtime]") {
  Session session = tests::session(add_graph(3));
  const Tensor a = f32({3}, {1, 2, 3}), b = f32({3}, {10, 20, 30});
  const auto outputs = need(session.run({{"a", a.view()}, {"b", b.view()}}));
  REQUIRE(outputs.size() == 1);
  CHECK(outputs[0].name == "y");
  CHECK(floats(outputs[0].tensor) == std::vector<float>{11, 22, 33});
}
