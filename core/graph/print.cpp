// The text form of a graph; graph/text.hpp shows it. Nodes are written in topological order and values numbered as they
// come, so that equal graphs print equal text.
#include <rlx/graph.hpp>

#include "graph/text.hpp"

namespace rlx {
namespace {

class Printer {
 public:
  Printer(const Graph& graph, std::string& out, size_t indent)
      : graph_(graph), out_(out), indent_(indent, ' '), numbers_(graph.value_count(), kNoValue) {}

  void print() {
    out_ += "graph " + text::quoted(graph_.name()) + " {\n";
    print_symbols();
    for (const NodeId id : order()) print_node(graph_.node(id));
    for (const GraphOutput& output : graph_.outputs())
      out_ += indent_ + "  output " + text::quoted(output.name) + " = " + reference(output.value) + "\n";
    out_ += indent_ + "}";
  }

 private:
  // A graph with a cycle has no order; printing it as it lies helps to find out why.
  std::vector<NodeId> order() const {
    if (auto order = graph_.order()) return *order;
    std::vector<NodeId> all;
    for (NodeId id = 0; id < graph_.node_count(); ++id)
      if (!graph_.node(id).erased()) all.push_back(id);
    return all;
  }

  std::string reference(ValueId value) {
    if (value == kNoValue) return "_";
    if (numbers_[value] == kNoValue) numbers_[value] = next_++;
    return "%" + std::to_string(numbers_[value]);
  }

  static std::string name_of_symbol(const std::string& name) {
    return text::is_plain_name(name) ? name : text::quoted(name);
  }

  void print_symbols() {
    if (graph_.symbols().empty()) return;
    out_ += indent_ + "  symbols ";
    for (size_t i = 0; i < graph_.symbols().size(); ++i)
      out_ += (i > 0 ? ", " : "") + name_of_symbol(graph_.symbols()[i]);
    out_ += '\n';
  }

  std::string type_text(const TensorType& type) const {
    std::string out(name_of(type.dtype));
    out += '[';
    for (size_t i = 0; i < type.shape.rank(); ++i) {
      const int64_t d = type.shape[i];
      out += i > 0 ? ", " : "";
      out += is_static(d) ? std::to_string(d) : is_symbol(d) ? name_of_symbol(graph_.symbols()[symbol_index(d)]) : "?";
    }
    return out + ']';
  }

  std::string operator()(int64_t v) const { return std::to_string(v); }
  std::string operator()(double v) const { return text::number(v); }
  std::string operator()(const std::string& v) const { return text::quoted(v); }
  std::string operator()(DType v) const { return std::string(name_of(v)); }
  std::string operator()(const Literal& v) const { return type_text(v.type) + ' ' + text::elements(v); }
  template <typename T>
  std::string operator()(const std::vector<T>& list) const {
    std::string out = "[";
    for (size_t i = 0; i < list.size(); ++i) out += (i > 0 ? ", " : "") + (*this)(list[i]);
    return out + ']';
  }
  std::string attribute_text(const AttrValue& value) const {
    return std::visit([this](const auto& v) { return (*this)(v); }, value);
  }

  void print_results(const Node& node) {
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      const std::string& name = graph_.value(node.outputs[i]).name;
      out_ += (i > 0 ? ", " : "") + reference(node.outputs[i]);
      if (name != default_value_name(node)) out_ += ' ' + text::quoted(name);
    }
  }

  // Leaves give their name to their value.
  static std::string default_value_name(const Node& node) {
    return node.schema->flags & kOpLeaf ? node.name : std::string();
  }

  void print_node(const Node& node) {
    out_ += indent_ + "  ";
    print_results(node);
    out_ += " = " + std::string(node.op()) + '(';
    for (size_t i = 0; i < node.inputs.size(); ++i) out_ += (i > 0 ? ", " : "") + reference(node.inputs[i]);
    out_ += ')';
    for (size_t i = 0; i < node.attrs.entries().size(); ++i) {
      const auto& [name, value] = node.attrs.entries()[i];
      out_ += (i > 0 ? ", " : " {") + name + '=' + attribute_text(value);
    }
    if (!node.attrs.empty()) out_ += '}';
    if (node.name != node.attrs.str("name")) out_ += ' ' + text::quoted(node.name);
    for (const Graph& region : node.regions) {
      out_ += ' ';
      Printer(region, out_, indent_.size() + 2).print();
    }
    for (size_t i = 0; i < node.outputs.size(); ++i)
      out_ += (i > 0 ? ", " : " : ") + type_text(graph_.type(node.outputs[i]));
    out_ += '\n';
  }

  const Graph& graph_;
  std::string& out_;
  const std::string indent_;
  std::vector<uint32_t> numbers_;
  uint32_t next_ = 0;
};

}  // namespace

std::string print(const Graph& graph) {
  std::string out;
  Printer(graph, out, 0).print();
  out += '\n';
  return out;
}

}  // namespace rlx
