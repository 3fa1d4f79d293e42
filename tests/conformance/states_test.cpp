// States and random numbers: what lives in a context from run to run, on every device.
#include "behaviour_device.hpp"

using namespace conformance;
using rlx::DType;
using rlx::ValueId;

namespace {

// cache[row … row + 1] = x; y = the cache after that
rlx::Graph cache_graph() {
  rlx::Graph graph("cache");
  const ValueId cache = take(graph.state("cache", {DType::kF32, {4, 2}}));
  const ValueId x = take(graph.input("x", {DType::kF32, {1, 2}}));
  const ValueId row = take(graph.input("row", {DType::kI64, {}}));
  take(graph.add_output("y", take(graph.add("state_write", {cache, x, row}))));
  return graph;
}

std::vector<float> append(rlx::Context& context, int64_t row, float value) {
  take(context.set_input("x", floats({1, 2}, {value, value}).view()));
  take(context.set_input("row", int64s({}, {row}).view()));
  take(context.run());
  return to_floats(take(context.output("y")));
}

// total += x; y = the total before that
rlx::Graph total_graph() {
  rlx::Graph graph("total");
  const float start = 10;
  const ValueId total = take(graph.state("total", {DType::kF32, {}}, rlx::Literal::scalar_f32(start)));
  const ValueId x = take(graph.input("x", {DType::kF32, {}}));
  const ValueId sum = take(graph.add("binary", {total, x}, {{"kind", std::string("add")}}));
  take(graph.add("state_write", {total, sum}));
  take(graph.add_output("y", take(graph.add("copy", {total}))));
  return graph;
}

std::vector<float> add(rlx::Context& context, float x) {
  take(context.set_input("x", floats({}, {x}).view()));
  take(context.run());
  return to_floats(take(context.output("y")));
}

rlx::Graph random_graph() {
  rlx::Graph graph("random");
  take(graph.add_output(
      "y", take(graph.add("random_normal", {}, {{"shape", std::vector<int64_t>{37}}, {"seed", int64_t{3}}}))));
  return graph;
}

std::vector<float> draw(rlx::Context& context) {
  take(context.run());
  return to_floats(take(context.output("y")));
}

}  // namespace

TEST_CASE("rows written to a state stay there for the next run", "[conformance]") {
  for (const rlx::Device& device : devices()) {
    INFO(device.id());
    rlx::Context context = take(compile(device, cache_graph()).create_context());
    CHECK(append(context, 0, 1) == std::vector<float>{1, 1, 0, 0, 0, 0, 0, 0});
    CHECK(append(context, 1, 2) == std::vector<float>{1, 1, 2, 2, 0, 0, 0, 0});
    CHECK(append(context, 3, 3) == std::vector<float>{1, 1, 2, 2, 0, 0, 3, 3});
    CHECK(append(context, 0, 4) == std::vector<float>{4, 4, 2, 2, 0, 0, 3, 3});
    CHECK(to_floats(take(context.read_state("cache"))) == std::vector<float>{4, 4, 2, 2, 0, 0, 3, 3});
  }
}

TEST_CASE("rows that do not fit a state are an error", "[conformance]") {
  for (const rlx::Device& device : devices()) {
    INFO(device.id());
    rlx::Context context = take(compile(device, cache_graph()).create_context());
    append(context, 0, 1);
    take(context.set_input("row", int64s({}, {4}).view()));
    const rlx::Status status = context.run();
    REQUIRE(!status);
    CHECK(status.error().code == rlx::Code::kOutOfRange);
  }
}

TEST_CASE("a state is read as it was before the run, and resets to its initial value", "[conformance]") {
  for (const rlx::Device& device : devices()) {
    INFO(device.id());
    rlx::Context context = take(compile(device, total_graph()).create_context());
    CHECK(add(context, 1) == std::vector<float>{10});
    CHECK(add(context, 2) == std::vector<float>{11});
    CHECK(add(context, 0) == std::vector<float>{13});
    take(context.reset_state());
    CHECK(add(context, 5) == std::vector<float>{10});
    take(context.write_state("total", floats({}, {100}).view()));
    CHECK(add(context, 1) == std::vector<float>{100});
  }
}

TEST_CASE("contexts of one executable have states of their own", "[conformance]") {
  for (const rlx::Device& device : devices()) {
    INFO(device.id());
    const rlx::Executable executable = compile(device, total_graph());
    rlx::Context first = take(executable.create_context()), second = take(executable.create_context());
    add(first, 1);
    add(first, 1);
    CHECK(add(second, 7) == std::vector<float>{10});
    CHECK(add(first, 0) == std::vector<float>{12});
    take(second.clone_state(first));
    CHECK(add(second, 0) == std::vector<float>{12});
  }
}

TEST_CASE("random numbers change from run to run and agree between contexts and devices", "[conformance]") {
  std::vector<float> first_run, second_run;
  for (const rlx::Device& device : devices()) {
    INFO(device.id());
    const rlx::Executable executable = compile(device, random_graph());
    rlx::Context context = take(executable.create_context()), other = take(executable.create_context());
    const std::vector<float> a = draw(context), b = draw(context);
    CHECK(a != b);
    CHECK(draw(other) == a);
    CHECK(draw(other) == b);
    if (first_run.empty()) {
      first_run = a;
      second_run = b;
    }
    for (size_t i = 0; i < a.size(); ++i) {
      CHECK(a[i] == Approx(first_run[i]).margin(1e-5));
      CHECK(b[i] == Approx(second_run[i]).margin(1e-5));
    }
  }
}
