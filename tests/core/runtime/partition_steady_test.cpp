// What a partition costs from the second run on, and what its executables hold; on devices that allocate nothing
// themselves.
#include "../../../tools/rlx-bench/allocations.hpp"
#include "core/runtime/devices.hpp"
#include "core/runtime/fake_device.hpp"
#include "runtime/build.hpp"

using namespace rlx;
using tests::f32;
using tests::FakeDevice;
using tests::need;

namespace {

// y = -(-x + -x): the sum goes to the second device.
Graph graph() {
  Graph g("steady");
  const ValueId x = need(g.input("x", {DType::kF32, {4}}));
  const ValueId negated = need(g.add("unary", {x}, {{"kind", std::string("neg")}}));
  const ValueId sum = need(g.add("binary", {negated, negated}, {{"kind", std::string("add")}}));
  need(g.add_output("y", need(g.add("unary", {sum}, {{"kind", std::string("neg")}}))));
  return g;
}

struct Two {
  explicit Two(bool host_pointers) {
    chosen.refused = {"binary", "fused_elementwise"};
    chosen.host_pointers = host_pointers;
    other.id = "other:0";
  }
  Executable compile() {
    BuildRequest request;
    request.device = chosen.device();
    request.fallback = {other.device()};
    return Executable(need(build_executable(graph(), request)));
  }
  FakeDevice chosen, other;
};

}  // namespace

TEST_CASE("a run over two devices allocates nothing", "[runtime][partition]") {
  if (tools::allocation_count() == UINT64_MAX) RLX_SKIP("this build does not count allocations");
  const bool host_pointers = GENERATE(true, false);
  CAPTURE(host_pointers);
  Two two(host_pointers);
  const Executable executable = two.compile();
  REQUIRE(executable.report().segments.size() == 3);
  Context context = need(executable.create_context());
  const Tensor x = f32({4}, {1, 2, 3, 4});
  Tensor y = f32({4}, {0, 0, 0, 0});
  const TensorView inputs[] = {x.view()};
  const MutableTensorView outputs[] = {y.view()};
  need(context.run(inputs, outputs));
  const int binds = two.chosen.binds + two.other.binds;
  const uint64_t before = tools::allocation_count();
  bool good = true;
  for (int i = 0; i < 100; ++i) good = good && context.run(inputs, outputs);
  const uint64_t after = tools::allocation_count();
  CHECK(good);
  CHECK(after == before);
  CHECK(two.chosen.binds + two.other.binds == binds);
  CHECK(tests::floats(y) == std::vector<float>{2, 4, 6, 8});
}

TEST_CASE("the parts of a partition go with it, in any order", "[runtime][partition]") {
  Two two(true);
  Executable executable = two.compile();
  CHECK(two.chosen.executables == 2);
  CHECK(two.other.executables == 1);
  Context first = need(executable.create_context()), second = need(executable.create_context());
  CHECK(two.chosen.contexts == 4);
  CHECK(two.other.contexts == 2);
  executable = {};
  first = {};
  CHECK(two.chosen.executables == 2);
  CHECK(two.chosen.contexts == 2);
  second = {};
  CHECK(two.chosen.executables + two.other.executables + two.chosen.contexts + two.other.contexts == 0);
}

TEST_CASE("a segment that fails or throws ends the run with its name", "[runtime][partition]") {
  Two two(true);
  const Executable executable = two.compile();
  Context context = need(executable.create_context());
  const Tensor x = f32({4}, {1, 2, 3, 4});
  need(context.set_input("x", x.view()));
  two.other.run = []() -> rlx_status* { throw std::runtime_error("broken kernel"); };
  const Status failed = context.run();
  REQUIRE_FALSE(failed);
  CHECK_THAT(failed.error().text(),
             tests::contains_text("segment 2 of 3 on other:0") && tests::contains_text("broken kernel"));
  CHECK_FALSE(context.output("y"));
  two.other.run = {};
  need(context.run());
  CHECK(tests::floats(need(context.output("y"))) == std::vector<float>{2, 4, 6, 8});
}
