// See optimised.hpp.
#include "core/compile/optimised.hpp"

#include "agree.hpp"
#include "options.hpp"

#include <rlx/session.hpp>

#include <cmath>
#include <random>

namespace tests {

using namespace rlx;

namespace {

// Random bytes that make sense for the dtype: floats in [-2, 2], small integers, bools. The name and the run's seed fix
// them, so that both graphs get the same.
Literal random_literal(const TensorType& type, std::string_view name) {
  std::mt19937 random(static_cast<uint32_t>(seed() ^ std::hash<std::string_view>()(name)));
  const auto n = static_cast<size_t>(type.shape.elements());
  std::vector<double> values(n);
  for (double& v : values) {
    if (is_float(type.dtype)) v = std::uniform_real_distribution<double>(-2, 2)(random);
    if (is_int(type.dtype)) v = std::uniform_int_distribution<int>(0, 3)(random);
    if (type.dtype == DType::kBool) v = std::uniform_int_distribution<int>(0, 1)(random);
  }
  std::byte* data = nullptr;
  Literal literal{type, Bytes::allocate(static_cast<size_t>(type.bytes()), &data)};
  convert(DType::kF64, values.data(), type.dtype, data, n);
  return literal;
}

// Inputs and parameters as constants.
Graph closed(const Graph& graph) {
  Graph out;
  std::vector<ValueId> twin(graph.value_count(), kNoValue);
  const std::vector<NodeId> order = graph.order().value();
  for (const NodeId id : order) {
    const Node& node = graph.node(id);
    if (node.is("input") || node.is("param")) {
      const ValueId value = node.outputs[0];
      twin[value] = out.constant(random_literal(graph.type(value), node.attrs.str("name"))).value();
      continue;
    }
    std::vector<ValueId> inputs;
    for (const ValueId input : node.inputs) inputs.push_back(input == kNoValue ? kNoValue : twin[input]);
    const NodeId copy =
        out.add_node(node.op(), inputs, node.attrs, node.name, node.outputs.size(), node.regions).value();
    for (size_t i = 0; i < node.outputs.size(); ++i) twin[node.outputs[i]] = out.node(copy).outputs[i];
  }
  for (const GraphOutput& output : graph.outputs()) REQUIRE(out.add_output(output.name, twin[output.value]));
  return out;
}

std::vector<double> doubles(const Literal& literal) {
  std::vector<double> values(static_cast<size_t>(literal.type.shape.elements()));
  convert(literal.type.dtype, literal.bytes.data(), DType::kF64, values.data(), values.size());
  return values;
}

}  // namespace

Graph graph_of(std::string_view text) {
  auto graph = parse_graph(text);
  INFO((graph ? std::string() : graph.error().message));
  REQUIRE(graph);
  return std::move(*graph);
}

Graph optimised(const Graph& graph, CompileReport* report) {
  Target target;
  target.device = "test";
  target.supports_op = [](std::string_view) { return true; };
  CompileReport unused;
  auto result = optimise(graph, {}, target, report ? *report : unused);
  INFO((result ? std::string() : result.error().text()));
  REQUIRE(result);
  REQUIRE(verify(*result));
  return std::move(*result);
}

size_t count(const Graph& graph, std::string_view op) {
  size_t n = 0;
  for (NodeId id = 0; id < graph.node_count(); ++id) n += graph.node(id).is(op);
  return n;
}

const Node& only(const Graph& graph, std::string_view op) {
  INFO(print(graph));
  REQUIRE(count(graph, op) == 1);
  NodeId id = 0;
  while (!graph.node(id).is(op)) ++id;
  return graph.node(id);
}

size_t fused(const CompileReport& report, std::string_view pattern) {
  for (const CompileReport::Fusion& fusion : report.fusions)
    if (fusion.pattern == pattern) return fusion.done;
  return 0;
}

void check_same_results(const Graph& before, const Graph& after, double tolerance) {
  static const auto registry = Registry::create();
  REQUIRE(registry);
  if (!(*registry)->find("ref")) RLX_SKIP("the reference plugin is not built");
  const Evaluator evaluate = make_evaluator(*registry);
  const auto expected = evaluate(closed(before)), actual = evaluate(closed(after));
  INFO((expected ? std::string() : expected.error().text()));
  INFO((actual ? std::string() : actual.error().text()));
  REQUIRE(expected);
  REQUIRE(actual);
  REQUIRE(expected->size() == actual->size());
  for (size_t o = 0; o < expected->size(); ++o) {
    REQUIRE((*expected)[o].type == (*actual)[o].type);
    const std::vector<double> e = doubles((*expected)[o]), a = doubles((*actual)[o]);
    for (size_t i = 0; i < e.size(); ++i) {
      CAPTURE(o, i, e[i], a[i]);
      REQUIRE(agree(a[i], e[i], 0, tolerance * std::max(1.0, std::fabs(e[i]))));
    }
  }
}

Graph check_optimised(std::string_view text, CompileReport* report) {
  const Graph before = graph_of(text);
  Graph after = optimised(before, report);
  CAPTURE(print(after));
  check_same_results(before, after);
  return after;
}

}  // namespace tests
