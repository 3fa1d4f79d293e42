// What a translation of one ONNX op works with, and the table that finds it.
#pragma once

#include "../model.hpp"

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rlx::onnx {

// State of one import.
struct Importer {
  Graph graph;
  const ImportOptions* options = nullptr;
  int64_t opset = 0;
  std::map<std::string, ValueId, std::less<>> values;  // by ONNX name
  const std::vector<std::string>* symbols = nullptr;
  std::map<std::string, ValueId, std::less<>> fixed;  // inputs whose value shaped the graph, and their leaf
  std::map<ValueId, Literal> folded;                  // what fold() computed
  int64_t random_key = 0;

  Status run(const GraphDef& def);
  // Translates the nodes of a graph whose inputs are already in values.
  Status nodes(const GraphDef& def);
  // UNIMPLEMENTED listing all nodes that have no translation.
  static Status check_supported(const GraphDef& def);
  // The bytes of a value that does not depend on run-time inputs; folds the subgraph when needed. RESOURCE_EXHAUSTED
  // when something on the way is larger than ImportOptions::fold_limit_bytes.
  Result<Literal> fold(ValueId value);
};

class NodeContext {
 public:
  NodeContext(Importer& importer, const NodeDef& node) : im(importer), def(node), g(importer.graph) {}

  size_t input_count() const { return def.inputs.size(); }
  bool has(size_t i) const { return i < def.inputs.size() && !def.inputs[i].empty(); }
  // kNoValue when absent.
  ValueId in(size_t i) const { return has(i) ? im.values.find(def.inputs[i])->second : kNoValue; }
  // Only after has(i), or where the op requires the input (checked before the handler runs).
  const TensorType& type(size_t i) const { return g.type(in(i)); }
  const Shape& shape(size_t i) const { return g.shape(in(i)); }
  DType dtype(size_t i) const { return g.dtype(in(i)); }
  size_t output_count() const { return def.outputs.size(); }
  bool wants(size_t i) const { return i < def.outputs.size() && !def.outputs[i].empty(); }

  // Adds a node under this node's name.
  Result<ValueId> add(std::string_view op, std::initializer_list<ValueId> inputs, Attrs attrs = {}) {
    return g.add(op, inputs, std::move(attrs), def.name);
  }
  Result<ValueId> add(std::string_view op, const std::vector<ValueId>& inputs, Attrs attrs = {}) {
    return g.add(op, std::span<const ValueId>(inputs), std::move(attrs), def.name);
  }
  Result<std::vector<ValueId>> add_multi(std::string_view op, const std::vector<ValueId>& inputs, Attrs attrs,
                                         size_t outputs);
  Result<ValueId> constant(Literal value) { return g.constant(std::move(value)); }
  // A scalar of the given dtype.
  Result<ValueId> scalar(DType dtype, double value);
  Result<ValueId> cast(ValueId x, DType to);
  Result<ValueId> reshape(ValueId x, std::span<const int64_t> shape);
  Result<ValueId> unary(std::string_view kind, ValueId x) { return add("unary", {x}, {{"kind", std::string(kind)}}); }
  Result<ValueId> binary(std::string_view kind, ValueId a, ValueId b) {
    return add("binary", {a, b}, {{"kind", std::string(kind)}});
  }
  Result<ValueId> compare(std::string_view kind, ValueId a, ValueId b) {
    return add("compare", {a, b}, {{"kind", std::string(kind)}});
  }

  // Binds the i-th ONNX output.
  Status out(size_t i, Result<ValueId> value);
  Status out(Result<ValueId> value) { return out(0, std::move(value)); }

  // The compile-time value of an input.
  Result<Literal> literal(size_t i);
  Result<std::vector<int64_t>> ints(size_t i);
  Result<std::vector<double>> floats(size_t i);
  // The one number of an input that counts something: finite, 0 to kMaxElements.
  Result<int64_t> count(size_t i, std::string_view what);
  // The list from input i, from the attribute (older opsets), or empty.
  Result<std::vector<int64_t>> ints_input_or_attr(size_t i, std::string_view attr);

  int64_t attr(std::string_view name, int64_t absent) const { return def.attrs.i(name, absent); }
  double attr_f(std::string_view name, double absent) const { return def.attrs.f(name, absent); }
  std::string attr_s(std::string_view name, std::string_view absent = {}) const {
    const std::string& s = def.attrs.str(name);
    return s.empty() ? std::string(absent) : s;
  }
  std::vector<int64_t> attr_ints(std::string_view name) const { return def.attrs.ints(name); }

  // An error that begins with the node's label.
  tl::unexpected<Error> fail(Code code, std::string_view text) const;
  tl::unexpected<Error> unsupported(std::string_view text) const { return fail(Code::kUnimplemented, text); }

  Importer& im;
  const NodeDef& def;
  Graph& g;
  int64_t opset() const { return im.opset; }
};

using Handler = Status (*)(NodeContext&);

// For ops of any number of inputs: at least one, and none absent.
inline constexpr uint8_t kAllInputs = 255;

struct OpEntry {
  std::string_view op;
  Handler handler;
  uint8_t min_inputs;            // how many must be present
  std::string_view domain = {};  // of ONNX itself: empty
};

// Null for an op we do not translate.
const OpEntry* find_handler(std::string_view op, std::string_view domain);

// One list per family file; find_handler joins them.
std::span<const OpEntry> elementwise_ops();
std::span<const OpEntry> arithmetic_ops();
std::span<const OpEntry> shape_ops();
std::span<const OpEntry> index_ops();
std::span<const OpEntry> constant_ops();
std::span<const OpEntry> linalg_ops();
std::span<const OpEntry> quant_ops();
std::span<const OpEntry> conv_ops();
std::span<const OpEntry> norm_ops();
std::span<const OpEntry> reduce_ops();
std::span<const OpEntry> loss_ops();
std::span<const OpEntry> resize_ops();
std::span<const OpEntry> random_ops();
std::span<const OpEntry> recurrent_ops();
std::span<const OpEntry> microsoft_ops();

// ONNX's TensorProto.DataType; nullopt for strings and types we do not have.
std::optional<DType> dtype_of(int64_t onnx_type);
// The number, with the name if ONNX has one, for errors.
std::string element_type_text(int64_t onnx_type);

// The limit of a kernel, stride, dilation or pad: products and sums of a few of them stay within int64.
inline constexpr int64_t kMaxWindow = (int64_t{1} << 31) - 1;
// Errors: an entry of values outside low .. kMaxWindow, named with what it is.
Status check_window(const NodeContext& c, std::string_view what, const std::vector<int64_t>& values, int64_t low);
// A dim computed from fractions: OUT_OF_RANGE unless it is finite and within 0 .. kMaxElements.
Result<int64_t> to_dim(const NodeContext& c, double value);

// A non-negative axis, or an error naming the node, the axis and the rank.
Result<int64_t> axis_of(const NodeContext& c, int64_t axis, size_t rank);

}  // namespace rlx::onnx
