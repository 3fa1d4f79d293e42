// What devices tell of the launches of a run: counts, bytes, order, times. On every device, the numbers of the report
// and of the profile are those of one program.
#include "behaviour_device.hpp"

using namespace conformance;
using rlx::DType;
using rlx::ValueId;

namespace {

constexpr int64_t kRows = 6, kInner = 5, kColumns = 4;

// y = softmax(a b), z = max(a b): two nodes that read what a third one writes.
rlx::Graph product_graph() {
  rlx::Graph graph("product");
  const ValueId a = take(graph.input("a", {DType::kF32, {kRows, kInner}}));
  const ValueId b = take(graph.input("b", {DType::kF32, {kInner, kColumns}}));
  const ValueId product = take(graph.add("matmul", {a, b}));
  take(graph.add_output("y", take(graph.add("softmax", {product}, {{"axis", int64_t{1}}}))));
  take(graph.add_output(
      "z", take(graph.add("reduce", {product}, {{"kind", std::string("max")}, {"axes", std::vector<int64_t>{1}}}))));
  return graph;
}

}  // namespace

TEST_CASE("the figures of a report are those of a profiled run", "[conformance]") {
  constexpr uint64_t kProduct = 4 * kRows * kColumns;
  constexpr uint64_t kLeast = 4 * (kRows * kInner + kInner * kColumns) + 4 * kProduct + 4 * kRows;
  for (const rlx::Device& device : devices()) {
    INFO(device.id());
    rlx::Executable executable = compile(device, product_graph());
    rlx::Context context = take(executable.create_context());
    take(context.set_input("a", floats({kRows, kInner}, std::vector<float>(kRows * kInner, 1)).view()));
    take(context.set_input("b", floats({kInner, kColumns}, std::vector<float>(kInner * kColumns, 2)).view()));
    const std::vector<rlx::KernelTime> kernels = take(context.profile());
    CHECK(to_floats(take(context.output("z")))[0] == 2 * kInner);
    uint64_t launches = 0, bytes = 0, products = 0;
    for (const rlx::KernelTime& k : kernels) {
      CHECK(k.operand_bytes > 0);
      if (k.op == "transfer") continue;
      ++launches;
      bytes += k.operand_bytes;
      products += k.op == "matmul";
    }
    const rlx::CompileReport& report = executable.report();
    CHECK(launches >= 3);
    CHECK(products >= 1);
    CHECK(report.kernel_count == launches);
    CHECK(report.operand_bytes == bytes);
    CHECK(bytes >= kLeast);
    if (report.ordering) {
      CHECK(report.ordering->barriers >= 1);
      CHECK(report.ordering->dependencies >= 2);
      CHECK(report.ordering->barriers <= report.ordering->dependencies);
      CHECK(report.ordering->barriers < launches);
    }
    CHECK(report.ordering.has_value() == (device.info().plugin == "vulkan"));
  }
}
