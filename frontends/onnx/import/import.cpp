// Walks a model's nodes in file order and translates each through its handler; folds what shapes depend on.

#include "context.hpp"

#include <rlx/guard.hpp>

#include <algorithm>
#include <cmath>

namespace rlx::onnx {
namespace {

Result<Shape> bound_shape(const InputDef& input, const std::vector<std::string>& symbols, const Bindings& bindings) {
  Shape shape = input.type->shape;
  for (size_t i = 0; i < shape.rank(); ++i) {
    if (!is_symbol(shape[i])) continue;
    const std::string& name = symbols[symbol_index(shape[i])];
    const auto it = bindings.find(name);
    if (it == bindings.end())
      return error(Code::kInvalidArgument, "input '" + input.name + "': the symbolic dim '" + name + "' has no value");
    if (it->second < 0)
      return error(Code::kInvalidArgument,
                   "input '" + input.name + "': dim '" + name + "' = " + std::to_string(it->second) + " is negative");
    shape[i] = it->second;
  }
  return Shape::make(shape.dims());
}

Status check_inputs(const NodeContext& c, const OpEntry& entry) {
  for (size_t i = 0; i < c.def.inputs.size(); ++i) {
    const std::string& name = c.def.inputs[i];
    if (name.empty()) continue;
    if (!c.im.values.contains(name))
      return c.fail(
          Code::kInvalidArgument,
          "input '" + name +
              "' is not available: the graph has a cycle, its nodes are out of order, or nothing makes this value");
  }
  const bool all = entry.min_inputs == kAllInputs;
  const size_t needed = all ? std::max<size_t>(c.input_count(), 1) : entry.min_inputs;
  for (size_t i = 0; i < needed; ++i) {
    if (!c.has(i) && all) return c.fail(Code::kInvalidArgument, "input " + std::to_string(i) + " is missing");
    if (!c.has(i))
      return c.fail(Code::kInvalidArgument,
                    "needs " + std::to_string(needed) + " inputs, got " + std::to_string(c.input_count()));
  }
  return {};
}

// Copies the nodes that `value` depends on into `into`.
class Slice {
 public:
  Slice(Importer& im, Graph& into) : im_(im), into_(into) {}

  // A loop, not a recursion: files may be deep.
  Result<ValueId> copy(ValueId value) {
    std::vector<ValueId> stack{value};
    while (!stack.empty()) {
      const ValueId next = stack.back();
      bool is_ready = true;
      if (!map_.contains(next) && !is_known(next)) {
        for (ValueId in : im_.graph.producer(next).inputs) {
          if (in == kNoValue || map_.contains(in)) continue;
          stack.push_back(in);
          is_ready = false;
        }
      }
      if (!is_ready) continue;
      stack.pop_back();
      if (map_.contains(next)) continue;
      RLX_ASSIGN(map_[next], make(next));
    }
    return map_.at(value);
  }

 private:
  bool is_known(ValueId value) const { return im_.folded.contains(value) || im_.graph.literal(value) != nullptr; }

  // The inputs of a computed value are in map_ already.
  Result<ValueId> make(ValueId value) {
    const Graph& g = im_.graph;
    if (const auto it = im_.folded.find(value); it != im_.folded.end()) return into_.constant(it->second);
    if (const Literal* literal = g.literal(value)) return into_.constant(*literal);
    const Node& node = g.producer(value);
    if (node.is("input")) return fixed(value, node);
    if (node.schema->flags & (kOpLeaf | kOpRandom | kOpSideEffect))
      return error(Code::kUnimplemented,
                   "the value depends on '" + std::string(node.op()) + "' and is not known when the model is compiled");
    std::vector<ValueId> inputs;
    for (ValueId in : node.inputs) inputs.push_back(in == kNoValue ? kNoValue : map_.at(in));
    for (ValueId out : node.outputs) {
      if (const int64_t bytes = g.type(out).bytes(); bytes > im_.options->fold_limit_bytes)
        return error(Code::kResourceExhausted,
                     std::string(node.op()) + (node.name.empty() ? "" : " '" + node.name + "'") + " makes " +
                         std::to_string(bytes) + " bytes, above the limit of " +
                         std::to_string(im_.options->fold_limit_bytes) + " for what is computed while importing");
    }
    RLX_ASSIGN(NodeId id, into_.add_node(node.op(), inputs, node.attrs, node.name, node.outputs.size(), node.regions));
    for (size_t i = 0; i < node.outputs.size(); ++i) map_[node.outputs[i]] = into_.node(id).outputs[i];
    return into_.node(id).outputs[g.value(value).index];
  }

  Result<ValueId> fixed(ValueId value, const Node& node) {
    const std::string& name = node.attrs.str("name");
    const auto it = im_.options->values.find(name);
    if (it == im_.options->values.end())
      return error(Code::kFailedPrecondition,
                   "the value depends on input '" + name +
                       "', which shapes the graph: its value must be known when the model is compiled",
                   "give the input's value at load");
    if (it->second.type != im_.graph.type(value))
      return error(Code::kInvalidArgument, "input '" + name + "': expected " + to_string(im_.graph.type(value)) +
                                               ", got " + to_string(it->second.type));
    im_.fixed[name] = value;
    return into_.constant(it->second);
  }

  Importer& im_;
  Graph& into_;
  std::map<ValueId, ValueId> map_;
};

Status check_opset(const ModelImpl& model) {
  if (model.opset) {
    if (*model.opset >= 1 && *model.opset <= 21) return {};
    return error(Code::kUnimplemented,
                 "opset " + std::to_string(*model.opset) + " of ai.onnx is not supported (7 to 21 are)");
  }
  const auto node = std::find_if(model.graph.nodes.begin(), model.graph.nodes.end(),
                                 [](const NodeDef& n) { return n.domain.empty(); });
  if (node == model.graph.nodes.end()) return {};
  std::string imported;
  for (const auto& [domain, version] : model.domains)
    imported += (imported.empty() ? "" : ", ") + ("'" + domain + "' " + std::to_string(version));
  return error(Code::kInvalidArgument,
               node->label() + ": the model imports no opset of the domain ai.onnx, only " + imported);
}

}  // namespace

Status Importer::check_supported(const GraphDef& def) {
  std::string list;
  size_t count = 0;
  for (const NodeDef& node : def.nodes) {
    std::string why;
    if (find_handler(node.op, node.domain) == nullptr)
      why = " (domain '" + (node.domain.empty() ? "ai.onnx" : node.domain) + "')";
    else if (!node.unsupported_attr.empty())
      why = " (attribute '" + node.unsupported_attr + "' has a type that is not supported)";
    if (why.empty()) continue;
    ++count;
    list += (count > 1 ? ", " : "") + node.label() + why;
  }
  if (count == 0) return {};
  return error(Code::kUnimplemented,
               std::to_string(count) + (count == 1 ? " node is" : " nodes are") + " not supported: " + list);
}

Result<Literal> Importer::fold(ValueId value) {
  if (const Literal* literal = graph.literal(value)) return *literal;
  if (const auto it = folded.find(value); it != folded.end()) return it->second;
  Graph part;
  Slice slice(*this, part);
  RLX_ASSIGN(ValueId copied, slice.copy(value));
  if (const Literal* literal = part.literal(copied)) return folded[value] = *literal;
  if (!options->evaluate)
    return error(Code::kFailedPrecondition,
                 "a shape depends on computed values and no device was given to compute them");
  RLX_TRY(part.add_output("value", copied));
  RLX_ASSIGN(std::vector<Literal> results, options->evaluate(part));
  if (results.size() != 1)
    return error(Code::kInternal, "constant folding returned " + std::to_string(results.size()) + " values");
  return folded[value] = std::move(results[0]);
}

Status Importer::nodes(const GraphDef& def) {
  RLX_TRY(check_supported(def));
  for (const auto& [name, literal] : def.initializers) {
    RLX_ASSIGN(values[name], graph.constant(literal, name));
  }
  for (const NodeDef& node : def.nodes) {
    NodeContext c(*this, node);
    const OpEntry* entry = find_handler(node.op, node.domain);
    RLX_TRY(check_inputs(c, *entry));
    if (auto s = entry->handler(c); !s) {
      Error e = std::move(s).error();
      if (e.message.compare(0, node.op.size(), node.op) != 0) e.message = node.label() + ": " + e.message;
      return tl::unexpected<Error>(std::move(e));
    }
    for (const std::string& o : node.outputs) {
      if (!o.empty() && !values.contains(o)) return c.unsupported("output '" + o + "' is not supported");
    }
  }
  return {};
}

Status Importer::run(const GraphDef& def) {
  for (const InputDef& input : def.inputs) {
    if (def.initializers.contains(input.name)) continue;
    if (!input.type)
      return error(Code::kUnimplemented, "input '" + input.name + "': " + input.type_text + " are not supported");
    RLX_ASSIGN(Shape shape, bound_shape(input, *symbols, options->symbols));
    RLX_ASSIGN(values[input.name], graph.input(input.name, {input.type->dtype, shape}));
  }
  RLX_TRY(nodes(def));
  for (const std::string& name : def.outputs) {
    const auto it = values.find(name);
    if (it == values.end()) return error(Code::kInvalidArgument, "output '" + name + "': no node makes this value");
    RLX_TRY(graph.add_output(name, it->second));
  }
  for (const auto& [name, leaf] : fixed) {
    RLX_ASSIGN(ValueId constant, graph.constant(options->values.find(name)->second, name));
    graph.replace_uses(leaf, constant);
    graph.erase(graph.value(leaf).producer);
  }
  return {};
}

// ---- NodeContext ----------------------------------------------------------------------------------------------------

tl::unexpected<Error> NodeContext::fail(Code code, std::string_view text) const {
  return error(code, def.label() + ": " + std::string(text));
}

Result<std::vector<ValueId>> NodeContext::add_multi(std::string_view op, const std::vector<ValueId>& inputs,
                                                    Attrs attrs, size_t outputs) {
  RLX_ASSIGN(NodeId id, g.add_node(op, inputs, std::move(attrs), def.name, outputs));
  return g.node(id).outputs;
}

Result<ValueId> NodeContext::scalar(DType dtype, double value) {
  Literal literal = Literal::of<double>(DType::kF64, {}, std::span<const double>(&value, 1));
  std::byte* out = nullptr;
  Bytes bytes = Bytes::allocate(size_of(dtype), &out);
  convert(DType::kF64, literal.bytes.data(), dtype, out, 1);
  return g.constant({{dtype, {}}, std::move(bytes)});
}

Result<ValueId> NodeContext::cast(ValueId x, DType to) {
  if (g.dtype(x) == to) return x;
  return add("cast", {x}, {{"to", to}});
}

Result<ValueId> NodeContext::reshape(ValueId x, std::span<const int64_t> shape) {
  return add("reshape", {x}, {{"shape", std::vector<int64_t>(shape.begin(), shape.end())}});
}

Status NodeContext::out(size_t i, Result<ValueId> value) {
  RLX_TRY(value);
  if (!wants(i)) return {};
  if (!im.values.emplace(def.outputs[i], *value).second)
    return fail(Code::kInvalidArgument, "output '" + def.outputs[i] + "' is made twice");
  if (g.value(*value).name.empty()) g.set_value_name(*value, def.outputs[i]);
  return {};
}

Result<Literal> NodeContext::literal(size_t i) {
  if (!has(i)) return fail(Code::kInvalidArgument, "input " + std::to_string(i) + " is missing");
  auto value = im.fold(in(i));
  if (!value) return with_context(std::move(value).error(), def.label() + ": input '" + def.inputs[i] + "'");
  return value;
}

Result<std::vector<int64_t>> NodeContext::ints(size_t i) {
  RLX_ASSIGN(Literal value, literal(i));
  return to_i64s(value);
}

Result<int64_t> NodeContext::count(size_t i, std::string_view what) {
  RLX_ASSIGN(std::vector<double> values, floats(i));
  if (values.size() != 1)
    return fail(Code::kInvalidArgument,
                std::string(what) + " must be one number, got " + std::to_string(values.size()));
  return to_dim(*this, values[0]);
}

Result<std::vector<double>> NodeContext::floats(size_t i) {
  RLX_ASSIGN(Literal value, literal(i));
  std::vector<double> out(static_cast<size_t>(value.type.shape.elements()));
  convert(value.type.dtype, value.bytes.data(), DType::kF64, out.data(), out.size());
  return out;
}

Result<std::vector<int64_t>> NodeContext::ints_input_or_attr(size_t i, std::string_view attr) {
  if (has(i)) return ints(i);
  return attr_ints(attr);
}

Result<int64_t> axis_of(const NodeContext& c, int64_t axis, size_t rank) {
  const auto r = static_cast<int64_t>(rank);
  if (axis < -r || axis >= std::max<int64_t>(r, 1))
    return c.fail(Code::kOutOfRange, "axis " + std::to_string(axis) + " out of range for rank " + std::to_string(rank));
  return axis < 0 ? axis + r : axis;
}

Status check_window(const NodeContext& c, std::string_view what, const std::vector<int64_t>& values, int64_t low) {
  for (const int64_t v : values) {
    if (v < low || v > kMaxWindow)
      return c.fail(Code::kOutOfRange, std::string(what) + " " + std::to_string(v) + " is outside of " +
                                           std::to_string(low) + " to " + std::to_string(kMaxWindow));
  }
  return {};
}

Result<int64_t> to_dim(const NodeContext& c, double value) {
  // Not a comparison the other way round: NaN has to fail it.
  if (!(value >= 0 && value <= static_cast<double>(kMaxElements)))
    return c.fail(Code::kOutOfRange,
                  "a dim of " + std::to_string(value) + " is outside of 0 to " + std::to_string(kMaxElements));
  return static_cast<int64_t>(value);
}

// ---- Model ----------------------------------------------------------------------------------------------------------

Result<Import> Model::import(const ImportOptions& options) const {
  return guarded([&]() -> Result<Import> {
    RLX_TRY(check_opset(*impl_));
    for (const auto& [symbol, value] : options.symbols) {
      if (std::find(impl_->symbols.begin(), impl_->symbols.end(), symbol) == impl_->symbols.end())
        return error(Code::kNotFound, "the model has no symbolic dim '" + symbol + "'");
    }
    RLX_TRY(Importer::check_supported(impl_->graph));
    for (const MappedFile& file : impl_->external) RLX_TRY(file.check_size());
    Importer im;
    im.graph.set_name(impl_->graph.name);
    im.options = &options;
    im.opset = impl_->opset.value_or(0);
    im.symbols = &impl_->symbols;
    RLX_TRY(im.run(impl_->graph));
    Import result;
    for (const auto& [name, leaf] : im.fixed) result.fixed_inputs.push_back(name);
    result.graph = std::move(im.graph);
    return result;
  });
}

}  // namespace rlx::onnx
