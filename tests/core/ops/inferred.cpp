// Text in, text out: see inferred.hpp.
#include "inferred.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace tests {
namespace {

rlx::TensorType parse_type(rlx::Graph& graph, const std::string& text) {
  const size_t open = text.find('['), close = text.find(']');
  const auto dtype = rlx::parse_dtype(text.substr(0, open));
  if (!dtype || open == std::string::npos || close == std::string::npos) throw std::logic_error("bad type " + text);
  rlx::TensorType type{*dtype, {}};
  std::istringstream dims(text.substr(open + 1, close - open - 1));
  for (std::string dim; std::getline(dims, dim, ',');) {
    dim.erase(std::remove(dim.begin(), dim.end(), ' '), dim.end());
    if (dim == "?") {
      type.shape.push_back(rlx::kUnknownDim);
    } else if (std::isdigit(static_cast<unsigned char>(dim[0]))) {
      type.shape.push_back(std::stoll(dim));
    } else {
      type.shape.push_back(graph.symbol(dim));
    }
  }
  return type;
}

struct AttrText {
  std::ostringstream out;

  void operator()(int64_t v) { out << v; }
  void operator()(double v) { out << v; }
  void operator()(const std::string& v) { out << v; }
  void operator()(rlx::DType v) { out << rlx::name_of(v); }
  void operator()(const rlx::Literal& v) { out << rlx::to_string(v.type); }
  template <typename T>
  void operator()(const std::vector<T>& list) {
    out << '[';
    for (size_t i = 0; i < list.size(); ++i) out << (i ? ", " : "") << list[i];
    out << ']';
  }
};

rlx::Result<rlx::NodeId> add(rlx::Graph& graph, std::string_view op, const std::vector<std::string>& inputs,
                             rlx::Attrs attrs, size_t outputs) {
  std::vector<rlx::ValueId> values;
  for (const std::string& input : inputs) values.push_back(add_input(graph, input));
  return graph.add_node(op, values, std::move(attrs), {}, outputs);
}

}  // namespace

rlx::ValueId add_input(rlx::Graph& graph, const std::string& type) {
  if (type == "-") return rlx::kNoValue;
  return graph.input("x" + std::to_string(graph.inputs().size()), parse_type(graph, type)).value();
}

std::string inferred(std::string_view op, const std::vector<std::string>& inputs, rlx::Attrs attrs, size_t outputs) {
  rlx::Graph graph;
  const auto node = add(graph, op, inputs, std::move(attrs), outputs);
  if (!node) return node.error().message;
  std::string text;
  for (const rlx::ValueId output : graph.node(*node).outputs)
    text += (text.empty() ? "" : "; ") + rlx::to_string(graph.type(output), graph.symbols());
  return text;
}

std::string normalised(std::string_view attr, std::string_view op, const std::vector<std::string>& inputs,
                       rlx::Attrs attrs) {
  rlx::Graph graph;
  const auto node = add(graph, op, inputs, std::move(attrs), 0);
  if (!node) return node.error().message;
  const rlx::AttrValue* value = graph.node(*node).attrs.find(attr);
  if (!value) return "absent";
  AttrText text;
  std::visit(text, *value);
  return text.out.str();
}

}  // namespace tests
