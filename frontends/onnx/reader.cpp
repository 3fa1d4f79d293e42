// From protobuf to our own words: the only file that sees ONNX's generated classes.
// Nothing in the file is trusted: sizes are checked before bytes are read, external data may not leave the model's
// directory.

#include <onnx/onnx_pb.h>

#include <google/protobuf/io/coded_stream.h>
#include <algorithm>
#include <bit>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <rlx/sdk/convert.hpp>

#include "import/context.hpp"
#include "mapped_file.hpp"

namespace rlx::onnx {
namespace {

namespace pb = ::onnx;
constexpr int kMaxGraphDepth = 16;

struct Reader {
  std::shared_ptr<const pb::ModelProto> model;
  std::string base_directory;
  ModelImpl* impl = nullptr;
  std::map<std::string, MappedFile> external = {};

  Result<Literal> tensor(const pb::TensorProto& t);
  Result<Bytes> external_bytes(const pb::TensorProto& t, const TensorType& type);
  Status attribute(const pb::AttributeProto& a, NodeDef& node, int depth);
  Result<GraphDef> graph(const pb::GraphProto& g, int depth);
  Result<int64_t> dim(const pb::TensorShapeProto::Dimension& d, const std::string& tensor_name, int index);
  uint32_t symbol(const std::string& name);
  Status interface(const pb::GraphProto& g);
};

template <typename Field, typename To>
Result<Bytes> from_field(const Field& field, int64_t elements, const std::string& name) {
  if (field.size() != elements)
    return error(Code::kDataLoss, "tensor '" + name + "': expected " + std::to_string(elements) + " values, got " +
                                      std::to_string(field.size()));
  std::byte* out = nullptr;
  Bytes bytes = Bytes::allocate(static_cast<size_t>(elements) * sizeof(To), &out);
  for (int64_t i = 0; i < elements; ++i) {
    const To value = static_cast<To>(field.Get(static_cast<int>(i)));
    std::memcpy(out + static_cast<size_t>(i) * sizeof(To), &value, sizeof value);
  }
  return bytes;
}

Result<Bytes> typed_bytes(const pb::TensorProto& t, DType dtype, int64_t n) {
  switch (dtype) {
    case DType::kF32:
      return from_field<decltype(t.float_data()), float>(t.float_data(), n, t.name());
    case DType::kC64:
      return from_field<decltype(t.float_data()), float>(t.float_data(), 2 * n, t.name());
    case DType::kF64:
      return from_field<decltype(t.double_data()), double>(t.double_data(), n, t.name());
    case DType::kI64:
      return from_field<decltype(t.int64_data()), int64_t>(t.int64_data(), n, t.name());
    case DType::kU32:
      return from_field<decltype(t.uint64_data()), uint32_t>(t.uint64_data(), n, t.name());
    case DType::kU64:
      return from_field<decltype(t.uint64_data()), uint64_t>(t.uint64_data(), n, t.name());
    case DType::kI32:
      return from_field<decltype(t.int32_data()), int32_t>(t.int32_data(), n, t.name());
    case DType::kI16:
      return from_field<decltype(t.int32_data()), int16_t>(t.int32_data(), n, t.name());
    case DType::kI8:
      return from_field<decltype(t.int32_data()), int8_t>(t.int32_data(), n, t.name());
    case DType::kF16:
    case DType::kBF16:
    case DType::kU16:
      return from_field<decltype(t.int32_data()), uint16_t>(t.int32_data(), n, t.name());
    case DType::kU8:
    case DType::kBool:
      return from_field<decltype(t.int32_data()), uint8_t>(t.int32_data(), n, t.name());
  }
  return error(Code::kInternal, "tensor '" + t.name() + "': unknown dtype");
}

Result<Literal> Reader::tensor(const pb::TensorProto& t) {
  const auto dtype = dtype_of(t.data_type());
  if (!dtype)
    return error(Code::kUnimplemented,
                 "tensor '" + t.name() + "': element type " + element_type_text(t.data_type()) + " is not supported");
  if (t.has_segment())
    return error(Code::kUnimplemented, "tensor '" + t.name() + "': segmented tensors are not supported");
  std::vector<int64_t> dims(t.dims().begin(), t.dims().end());
  auto shape = Shape::make(dims);
  if (!shape) return with_context(shape.error(), "tensor '" + t.name() + "'");
  int64_t n = 1;
  for (int64_t d : dims) {
    if (d < 0) return error(Code::kDataLoss, "tensor '" + t.name() + "': negative dim " + std::to_string(d));
    n *= d;
  }
  const TensorType type{*dtype, *shape};
  const int64_t size = type.bytes();
  if (t.data_location() == pb::TensorProto::EXTERNAL) {
    RLX_ASSIGN(Bytes bytes, external_bytes(t, type));
    return Literal{type, std::move(bytes)};
  }
  if (t.has_raw_data()) {
    if (static_cast<int64_t>(t.raw_data().size()) != size)
      return error(Code::kDataLoss, "tensor '" + t.name() + "': expected " + std::to_string(size) + " bytes for " +
                                        to_string(type) + ", got " + std::to_string(t.raw_data().size()));
    // The message owns the bytes; no copy of the weights is made.
    return Literal{type, Bytes(model, t.raw_data().data(), t.raw_data().size())};
  }
  RLX_ASSIGN(Bytes bytes, typed_bytes(t, *dtype, n));
  return Literal{type, std::move(bytes)};
}

// Digits only: a sign, a space or anything else is not a number of bytes.
std::optional<int64_t> byte_count(const std::string& text) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || stop != end || value < 0 || text[0] == '-') return std::nullopt;
  return value;
}

Result<Bytes> Reader::external_bytes(const pb::TensorProto& t, const TensorType& type) {
  namespace fs = std::filesystem;
  const std::string who = "tensor '" + t.name() + "'";
  std::string location;
  const int64_t size = type.bytes();
  int64_t offset = 0, length = size;
  for (const auto& entry : t.external_data()) {
    if (entry.key() == "location") location = entry.value();
  }
  for (const auto& entry : t.external_data()) {
    if (entry.key() != "offset" && entry.key() != "length") continue;
    const auto count = byte_count(entry.value());
    if (!count)
      return error(Code::kDataLoss, who + ": external data '" + location + "': " + entry.key() + " '" + entry.value() +
                                        "' is not a number of bytes");
    (entry.key() == "offset" ? offset : length) = *count;
  }
  if (base_directory.empty())
    return error(Code::kPermissionDenied, who + ": external data '" + location + "' in a model that has no directory");
  std::error_code ec;
  const fs::path base = fs::canonical(base_directory, ec);
  const fs::path path = fs::weakly_canonical(base / location, ec);
  // Symbolic links are resolved above, so a link out of the directory is caught as well as "..".
  const auto [end, ignored] = std::mismatch(base.begin(), base.end(), path.begin(), path.end());
  if (location.empty() || end != base.end() || path == base)
    return error(Code::kPermissionDenied,
                 who + ": external data '" + location + "' lies outside the model's directory");
  auto it = external.find(path.string());
  if (it == external.end()) {
    auto file = MappedFile::open(path.string());
    if (!file) return with_context(file.error(), who + ": external data");
    it = external.emplace(path.string(), std::move(*file)).first;
  }
  const auto available = static_cast<int64_t>(it->second.size());
  if (length != size)
    return error(Code::kDataLoss, who + ": external data '" + location + "' has length " + std::to_string(length) +
                                      ", " + to_string(type) + " needs " + std::to_string(size) + " bytes");
  if (offset > available || size > available - offset)
    return error(Code::kDataLoss, who + ": external data '" + location + "' holds " + std::to_string(available) +
                                      " bytes, needed are " + std::to_string(size) + " from offset " +
                                      std::to_string(offset));
  Bytes bytes = it->second.bytes(static_cast<size_t>(offset), static_cast<size_t>(size));
  // Files may put a tensor anywhere; whoever reads its elements may rely on their natural alignment.
  if (reinterpret_cast<uintptr_t>(bytes.data()) % size_of(type.dtype) == 0) return bytes;
  return Bytes::copy(bytes.data(), bytes.size());
}

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
      auto value = tensor(a.t());
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
    RLX_ASSIGN(Literal value, tensor(t));
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

std::string element_type_text(int64_t onnx_type) {
  const int number =
      onnx_type < 0 || onnx_type > pb::TensorProto_DataType_DataType_MAX ? 0 : static_cast<int>(onnx_type);
  return std::to_string(onnx_type) + (number ? " (" + pb::TensorProto_DataType_Name(number) + ")" : "");
}

std::optional<DType> dtype_of(int64_t onnx_type) {
  using T = pb::TensorProto;
  switch (onnx_type) {
    case T::FLOAT:
      return DType::kF32;
    case T::FLOAT16:
      return DType::kF16;
    case T::BFLOAT16:
      return DType::kBF16;
    case T::DOUBLE:
      return DType::kF64;
    case T::INT8:
      return DType::kI8;
    case T::INT16:
      return DType::kI16;
    case T::INT32:
      return DType::kI32;
    case T::INT64:
      return DType::kI64;
    case T::UINT8:
      return DType::kU8;
    case T::UINT16:
      return DType::kU16;
    case T::UINT32:
      return DType::kU32;
    case T::UINT64:
      return DType::kU64;
    case T::BOOL:
      return DType::kBool;
    case T::COMPLEX64:
      return DType::kC64;
    default:
      return std::nullopt;
  }
}

Result<std::shared_ptr<ModelImpl>> read_model(std::string_view bytes, const std::string& base_directory) {
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()))
    return error(Code::kDataLoss, "an ONNX file is at most 2 GiB; larger weights belong into external data");
  auto proto = std::make_shared<pb::ModelProto>();
  if (bytes.empty() || !proto->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return error(Code::kDataLoss, "not an ONNX model, or truncated: the protobuf message does not parse (" +
                                      std::to_string(bytes.size()) + " bytes)");
  if (!proto->has_graph() || proto->opset_import_size() == 0)
    return error(Code::kDataLoss, "not an ONNX model: it has no graph or no opset");
  auto impl = std::make_shared<ModelImpl>();
  for (const auto& o : proto->opset_import()) {
    if (o.domain().empty() || o.domain() == "ai.onnx")
      impl->opset = o.version();
    else
      impl->domains[o.domain()] = o.version();
  }
  for (const auto& m : proto->metadata_props()) impl->metadata[m.key()] = m.value();
  for (const auto& f : proto->functions()) impl->functions.push_back(f.name());
  Reader reader{proto, base_directory, impl.get()};
  RLX_ASSIGN(impl->graph, reader.graph(proto->graph(), 0));
  for (const InputDef& input : impl->graph.inputs) {
    if (impl->graph.initializers.contains(input.name)) continue;
    if (input.type) impl->inputs.push_back({input.name, *input.type});
  }
  return impl;
}

Result<NamedTensor> read_tensor(const std::string& path) {
  RLX_ASSIGN(MappedFile file, MappedFile::open(path));
  auto proto =
      std::make_shared<pb::ModelProto>();  // owner of the message, so that the Reader needs one kind of owner only
  auto* t = proto->mutable_graph()->add_initializer();
  if (!t->ParseFromArray(file.data(), static_cast<int>(std::min<size_t>(file.size(), std::numeric_limits<int>::max()))))
    return error(Code::kDataLoss, path + ": not an ONNX tensor file");
  Reader reader{proto, {}, nullptr};
  auto literal = reader.tensor(*t);
  if (!literal) return with_context(literal.error(), path);
  RLX_ASSIGN(Tensor tensor, Tensor::from_bytes(literal->type.dtype, literal->type.shape, literal->bytes.data(),
                                               literal->bytes.size()));
  return NamedTensor{t->name(), std::move(tensor)};
}

Status write_tensor(const std::string& path, std::string_view name, const TensorView& value) {
  static constexpr int kOnnxType[] = {0, 1, 10, 16, 11, 3, 5, 6, 7, 2, 4, 12, 13, 9, 14};  // by DType number
  pb::TensorProto t;
  t.set_name(std::string(name));
  t.set_data_type(kOnnxType[static_cast<uint32_t>(value.type.dtype)]);
  for (int64_t d : value.type.shape) t.add_dims(d);
  t.set_raw_data(value.data, value.bytes);
  std::ofstream file(path, std::ios::binary);
  if (!file || !t.SerializeToOstream(&file) || !file.flush())
    return error(Code::kUnavailable, path + ": cannot be written");
  return {};
}

}  // namespace rlx::onnx
