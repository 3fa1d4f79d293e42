// Errors that only a run can find: indices out of range, on every device, with a text that says which.
#include "behaviour_device.hpp"

using namespace conformance;
using rlx::DType;
using rlx::ValueId;

namespace {

struct IndexCase {
  const char* op;
  rlx::Shape data, indices;
  std::vector<rlx::Shape> more;  // further f32 inputs after the indices
  rlx::Attrs attrs;
};

const std::vector<IndexCase>& index_cases() {
  static const std::vector<IndexCase> cases = {
      {"gather", {4, 3}, {2}, {}, {}},
      {"gather_elements", {4, 3}, {2, 3}, {}, {}},
      {"gather_nd", {4, 3}, {2, 1}, {}, {}},
      {"gather_backward", {2, 3}, {2}, {}, {{"dim", int64_t{4}}}},
      {"scatter_add", {2, 3}, {2}, {}, {{"out_dim", int64_t{4}}}},
      {"scatter_elements", {4, 3}, {2, 3}, {{2, 3}}, {}},
      {"scatter_nd", {4, 3}, {2, 1}, {{2, 3}}, {}},
  };
  return cases;
}

rlx::Graph index_graph(const IndexCase& c) {
  rlx::Graph graph(c.op);
  std::vector<ValueId> inputs = {take(graph.input("data", {DType::kF32, c.data})),
                                 take(graph.input("indices", {DType::kI64, c.indices}))};
  for (size_t i = 0; i < c.more.size(); ++i)
    inputs.push_back(take(graph.input("more" + std::to_string(i), {DType::kF32, c.more[i]})));
  take(graph.add_output("y", take(graph.add(c.op, inputs, c.attrs, "lookup"))));
  return graph;
}

}  // namespace

TEST_CASE("an index out of range is an error that names the node, the index and the limit", "[conformance]") {
  for (const rlx::Device& device : devices()) {
    for (const IndexCase& c : index_cases()) {
      for (const int64_t index : {int64_t{4}, int64_t{-5}, int64_t{1} << 40, INT64_MIN}) {
        INFO(device.id() << ' ' << c.op << ' ' << index);
        const rlx::Executable executable = compile(device, index_graph(c));
        rlx::Context context = take(executable.create_context());
        for (size_t i = 0; i < executable.inputs().size(); ++i) {
          const rlx::Tensor zeros =
              take(rlx::Tensor::zeros(executable.inputs()[i].type.dtype, executable.inputs()[i].type.shape));
          take(context.set_input(i, zeros.view()));
        }
        std::vector<int64_t> indices(static_cast<size_t>(c.indices.elements()), 1);
        for (size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<int64_t>(i % 4);
        take(context.set_input("indices", int64s(c.indices, indices).view()));
        take(context.run());
        indices.back() = index;
        take(context.set_input("indices", int64s(c.indices, indices).view()));
        const rlx::Status status = context.run();
        REQUIRE(!status);
        CHECK(status.error().code == rlx::Code::kOutOfRange);
        CHECK_THAT(status.error().message, tests::contains_text("lookup"));
        CHECK_THAT(status.error().message, tests::contains_text(std::to_string(index)));
        CHECK_THAT(status.error().message, tests::contains_text("4"));
      }
    }
  }
}

TEST_CASE("a context works again after a run that failed", "[conformance]") {
  for (const rlx::Device& device : devices()) {
    INFO(device.id());
    const rlx::Executable executable = compile(device, index_graph(index_cases()[0]));
    rlx::Context context = take(executable.create_context());
    take(context.set_input("data", floats({4, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).view()));
    take(context.set_input("indices", int64s({2}, {0, 9}).view()));
    CHECK(!context.run());
    take(context.set_input("indices", int64s({2}, {-1, 1}).view()));
    take(context.run());
    CHECK(to_floats(take(context.output(0))) == std::vector<float>{9, 10, 11, 3, 4, 5});
  }
}

TEST_CASE("random values after a run that failed are those of the second run", "[conformance]") {
  for (const rlx::Device& device : devices()) {
    INFO(device.id());
    rlx::Graph graph = index_graph(index_cases()[0]);
    const std::vector<int64_t> shape{8};
    take(graph.add_output("noise", take(graph.add("random_uniform", {}, {{"shape", shape}, {"seed", int64_t{7}}}))));
    const rlx::Executable executable = compile(device, std::move(graph));
    const auto second_run = [&](int64_t index_of_first) {
      rlx::Context context = take(executable.create_context());
      take(context.set_input("data", take(rlx::Tensor::zeros(DType::kF32, {4, 3})).view()));
      take(context.set_input("indices", int64s({2}, {0, index_of_first}).view()));
      CHECK(static_cast<bool>(context.run()) == (index_of_first < 4));
      take(context.set_input("indices", int64s({2}, {0, 1}).view()));
      take(context.run());
      return to_floats(take(context.output(1)));
    };
    CHECK(second_run(9) == second_run(1));
  }
}

TEST_CASE("attention rows that see no key are zero", "[conformance]") {
  for (const rlx::Device& device : devices()) {
    INFO(device.id());
    rlx::Graph graph("attention");
    const ValueId q = take(graph.input("q", {DType::kF32, {1, 1, 2, 2}}));
    const ValueId k = take(graph.input("k", {DType::kF32, {1, 1, 2, 2}}));
    const ValueId mask = take(graph.input("mask", {DType::kBool, {2, 1}}));
    take(graph.add_output("y", take(graph.add("attention", {q, k, k, mask},
                                              {{"layout", std::string("bhsd")}, {"mask", std::string("custom")}}))));
    rlx::Context context = take(compile(device, std::move(graph)).create_context());
    const rlx::Tensor ones = floats({1, 1, 2, 2}, {1, 1, 1, 1});
    const uint8_t visible[] = {1, 0};
    take(context.set_input("q", ones.view()));
    take(context.set_input("k", ones.view()));
    take(context.set_input("mask", {{DType::kBool, {2, 1}}, visible, sizeof visible}));
    take(context.run());
    CHECK(to_floats(take(context.output(0))) == std::vector<float>{1, 1, 0, 0});
  }
}
