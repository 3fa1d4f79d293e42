// Nothing in the file is trusted: sizes are checked before bytes are read, external data may not leave the model's
// directory.

#include "tensor_reader.hpp"

#include <rlx/guard.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>

#include "import/context.hpp"

namespace rlx::onnx {
namespace {

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

// Digits only: a sign, a space or anything else is not a number of bytes.
std::optional<int64_t> byte_count(const std::string& text) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || stop != end || value < 0 || text[0] == '-') return std::nullopt;
  return value;
}

}  // namespace

Result<Literal> TensorReader::read(const pb::TensorProto& t) {
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

Result<Bytes> TensorReader::external_bytes(const pb::TensorProto& t, const TensorType& type) {
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
  std::error_code failure;
  const fs::path base = fs::canonical(base_directory, failure);
  // Without this the path below would be one from the root or the current directory.
  if (failure)
    return error(Code::kNotFound, who + ": the model's directory " + base_directory + ": " + failure.message());
  const fs::path path = fs::weakly_canonical(base / location, failure);
  // Symbolic links are resolved above, so a link out of the directory is caught as well as "..".
  const auto [end, ignored] = std::mismatch(base.begin(), base.end(), path.begin(), path.end());
  if (failure || location.empty() || end != base.end() || path == base)
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

Result<NamedTensor> read_tensor(const std::string& path) {
  return guarded([&]() -> Result<NamedTensor> {
    RLX_ASSIGN(const FileBytes file, FileBytes::read(path));
    // The owner of the message is a model, so that literals have one kind of owner only.
    auto proto = std::make_shared<pb::ModelProto>();
    auto* t = proto->mutable_graph()->add_initializer();
    if (file.view().size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
        !t->ParseFromArray(file.view().data(), static_cast<int>(file.view().size())))
      return error(Code::kDataLoss, path + ": not an ONNX tensor file");
    auto literal = TensorReader{proto, {}}.read(*t);
    if (!literal) return with_context(literal.error(), path);
    RLX_ASSIGN(Tensor tensor, Tensor::from_bytes(literal->type.dtype, literal->type.shape, literal->bytes.data(),
                                                 literal->bytes.size()));
    return NamedTensor{t->name(), std::move(tensor)};
  });
}

}  // namespace rlx::onnx
