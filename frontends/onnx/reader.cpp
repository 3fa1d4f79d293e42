// From protobuf to our own words: graphs, nodes and attributes.

#include <algorithm>
#include <limits>

#include "import/context.hpp"
#include "tensor_reader.hpp"

namespace rlx::onnx {
namespace {

constexpr int kMaxGraphDepth = 16;

struct Reader {
  TensorReader tensors;
  ModelImpl* impl;

  Status attribute(const pb::AttributeProto& a, NodeDef& node, int depth);
  Result<GraphDef> graph(const pb::GraphProto& g, int depth);
  Result<int64_t> dim(const pb::TensorShapeProto::Dimension& d, const std::string& tensor_name, int index);
  uint32_t symbol(const std::string& name);
};

Status Reader::attribute(const pb::AttributeProto& a, NodeDef& node, int depth) {
  using A = pb::AttributeProto;
  switch (a.type()) {
    case A::INT:
      node.attrs.set(a.name(), static_cast<int64_t>(a.i()));
      return {};
    case A::FLOAT:
      node.attrs.set(a.name(), static_cast<double>(a.f()));
      return {};
    case A::STRING:
      node.attrs.set(a.name(), a.s());
      return {};
    case A::INTS:
      node.attrs.set(a.name(), std::vector<int64_t>(a.ints().begin(), a.ints().end()));
      return {};
    case A::FLOATS:
      node.attrs.set(a.name(), std::vector<double>(a.floats().begin(), a.floats().end()));
      return {};
    case A::TENSOR: {
      auto value = tensors.read(a.t());
      if (!value && value.error().code == Code::kUnimplemented) {
        node.unsupported_attr = a.name();
        return {};
      }
      RLX_TRY(value);
      node.attrs.set(a.name(), std::move(*value));
      return {};
    }
    case A::GRAPH: {
      RLX_ASSIGN(GraphDef body, graph(a.g(), depth + 1));
      node.graphs.emplace(a.name(), std::make_shared<GraphDef>(std::move(body)));
      return {};
    }
    default:
      node.unsupported_attr = a.name();
      return {};
  }
}

uint32_t Reader::symbol(const std::string& name) {
  auto& symbols = impl->symbols;
  auto it = std::find(symbols.begin(), symbols.end(), name);
  if (it == symbols.end()) it = symbols.insert(symbols.end(), name);
  return static_cast<uint32_t>(it - symbols.begin());
}

Result<int64_t> Reader::dim(const pb::TensorShapeProto::Dimension& d, const std::string& tensor_name, int index) {
  if (d.has_dim_value() && d.dim_value() >= 0) return d.dim_value();
  // Some exporters write -1 for a dim that is not known; nothing writes other negative numbers.
  if (d.has_dim_value() && d.dim_value() < -1)
    return error(Code::kDataLoss, "input '" + tensor_name + "': dim " + std::to_string(index) + " is " +
                                      std::to_string(d.dim_value()) + ", needs 0 or more");
  if (d.has_dim_param() && !d.dim_param().empty()) return symbol_dim(symbol(d.dim_param()));
  return symbol_dim(symbol(tensor_name + "_d" + std::to_string(index)));
}

Result<GraphDef> Reader::graph(const pb::GraphProto& g, int depth) {
  if (depth > kMaxGraphDepth)
    return error(Code::kDataLoss, "graph '" + g.name() + "': nested deeper than " + std::to_string(kMaxGraphDepth));
  GraphDef def;
  def.name = g.name();
  for (const auto& t : g.initializer()) {
    RLX_ASSIGN(Literal value, tensors.read(t));
    def.initializers.insert_or_assign(t.name(), std::move(value));
  }
  if (g.sparse_initializer_size() > 0)
    return error(Code::kUnimplemented, "graph '" + g.name() + "': sparse initialisers are not supported");
  for (const auto& v : g.input()) {
    InputDef input;
    input.name = v.name();
    if (v.type().has_tensor_type()) {
      const auto& tt = v.type().tensor_type();
      const auto dtype = dtype_of(tt.elem_type());
      std::vector<int64_t> dims;
      if (tt.shape().dim_size() > static_cast<int>(kMaxRank))
        return error(Code::kUnimplemented, "input '" + v.name() + "': rank " + std::to_string(tt.shape().dim_size()) +
                                               " above the limit of " + std::to_string(kMaxRank));
      for (int i = 0; i < tt.shape().dim_size(); ++i) {
        int64_t d = kUnknownDim;
        if (depth == 0) {
          RLX_ASSIGN(d, dim(tt.shape().dim(i), v.name(), i));
        }
        dims.push_back(d);
      }
      if (dtype && (tt.has_shape() || depth > 0)) {
        auto shape = Shape::make(dims);
        if (!shape) return with_context(shape.error(), "input '" + v.name() + "'");
        input.type = TensorType{*dtype, *shape};
      } else {
        input.type_text =
            dtype ? "tensors without a rank" : "tensors of element type " + element_type_text(tt.elem_type());
      }
    } else {
      input.type_text = v.type().has_sequence_type()   ? "sequences"
                        : v.type().has_optional_type() ? "optionals"
                                                       : "values other than tensors";
    }
    def.inputs.push_back(std::move(input));
  }
  for (const auto& v : g.output()) def.outputs.push_back(v.name());
  for (const auto& n : g.node()) {
    NodeDef node;
    node.op = n.op_type();
    node.domain = n.domain() == "ai.onnx" ? "" : n.domain();
    node.name = n.name();
    node.inputs.assign(n.input().begin(), n.input().end());
    node.outputs.assign(n.output().begin(), n.output().end());
    for (const auto& a : n.attribute()) {
      if (auto s = attribute(a, node, depth); !s) return with_context(std::move(s).error(), node.label());
    }
    def.nodes.push_back(std::move(node));
  }
  return def;
}

}  // namespace

std::string NodeDef::label() const {
  if (!name.empty()) return op + " '" + name + "'";
  for (const std::string& o : outputs)
    if (!o.empty()) return op + " (output '" + o + "')";
  return op;
}

Result<std::shared_ptr<ModelImpl>> read_model(std::string_view bytes, const std::string& base_directory) {
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()))
    return error(Code::kDataLoss,
                 std::to_string(bytes.size()) +
                     " bytes: an ONNX file is at most 2 GiB; larger weights belong into external data");
  auto proto = std::make_shared<pb::ModelProto>();
  if (bytes.empty() || !proto->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return error(Code::kDataLoss, "not an ONNX model, or truncated: the protobuf message does not parse (" +
                                      std::to_string(bytes.size()) + " bytes)");
  if (!proto->has_graph() || proto->opset_import_size() == 0)
    return error(Code::kDataLoss,
                 std::string("not an ONNX model: it has no ") + (proto->has_graph() ? "opset" : "graph"));
  auto impl = std::make_shared<ModelImpl>();
  for (const auto& o : proto->opset_import()) {
    if (o.domain().empty() || o.domain() == "ai.onnx")
      impl->opset = o.version();
    else
      impl->domains[o.domain()] = o.version();
  }
  for (const auto& m : proto->metadata_props()) impl->metadata[m.key()] = m.value();
  Reader reader{{proto, base_directory}, impl.get()};
  RLX_ASSIGN(impl->graph, reader.graph(proto->graph(), 0));
  for (const InputDef& input : impl->graph.inputs) {
    if (impl->graph.initializers.contains(input.name)) continue;
    if (input.type) impl->inputs.push_back({input.name, *input.type});
  }
  for (const auto& [path, file] : reader.tensors.external) impl->external.push_back(file);
  return impl;
}

}  // namespace rlx::onnx
