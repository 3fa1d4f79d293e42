// Graphs with types that not every device computes: what it refuses runs on the reference device, and the result is the
// same.
#include "behaviour_device.hpp"

#include <cmath>

using namespace conformance;
using rlx::DType;
using rlx::ValueId;

namespace {

constexpr int64_t kSize = 64;

// y = -cumsum(tanh(x)) with the sums in f64, total += y
rlx::Graph mixed_graph() {
  rlx::Graph graph("mixed");
  const rlx::TensorType type{DType::kF32, {kSize}};
  const ValueId x = take(graph.input("x", type));
  const ValueId total = take(graph.state("total", type));
  const ValueId bounded = take(graph.add("unary", {x}, {{"kind", std::string("tanh")}}, "bound"));
  const ValueId wide = take(graph.add("cast", {bounded}, {{"to", DType::kF64}}, "widen"));
  const ValueId sums = take(graph.add("cumsum", {wide}, {{"axis", int64_t{0}}}, "sum"));
  const ValueId narrow = take(graph.add("cast", {sums}, {{"to", DType::kF32}}, "narrow"));
  const ValueId y = take(graph.add("unary", {narrow}, {{"kind", std::string("neg")}}, "negate"));
  const ValueId after = take(graph.add("binary", {total, y}, {{"kind", std::string("add")}}, "add"));
  take(graph.add("state_write", {total, after}));
  take(graph.add_output("y", y));
  take(graph.add_output("total", after));
  return graph;
}

rlx::Result<rlx::Executable> compile_mixed(const rlx::Device& device, const char* fallback) {
  rlx::SessionOptions options;
  options.device = device.id();
  options.fallback = fallback;
  rlx::Session session = take(rlx::Session::create(registry(), mixed_graph(), options));
  return session.executable();
}

}  // namespace

TEST_CASE("what a device refuses runs elsewhere, with the same result", "[conformance]") {
  if (!registry()->find("ref")) RLX_SKIP("the reference plugin is not built");
  std::vector<float> x(kSize), y(kSize);
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = std::sin(static_cast<float>(i));
    sum += std::tanh(x[i]);
    y[i] = static_cast<float>(-sum);
  }
  for (const rlx::Device& device : devices()) {
    const rlx::Executable executable = take(compile_mixed(device, "ref"));
    CAPTURE(device.id(), executable.report().text());
    const bool runs_alone = compile_mixed(device, "").has_value();
    CHECK((executable.device().id() == device.id()) == runs_alone);
    rlx::Context context = take(executable.create_context());
    take(context.set_input("x", floats({kSize}, x).view()));
    for (int run = 1; run <= 3; ++run) {
      take(context.run());
      const std::vector<float> got = to_floats(take(context.output("y"))), total = to_floats(take(context.output(1)));
      bool same = got.size() == x.size() && total.size() == x.size();
      for (size_t i = 0; same && i < x.size(); ++i)
        same = std::fabs(got[i] - y[i]) < 1e-5f && std::fabs(total[i] - static_cast<float>(run) * y[i]) < 1e-4f;
      CHECK(same);
    }
  }
}
