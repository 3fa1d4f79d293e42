// ONNX models as bytes, written field by field: a test can say anything that a file can say, also what no library
// would write. Field numbers are those of onnx.proto.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tests::onnx {

// A protobuf message under construction.
class Message {
 public:
  Message& number(uint32_t field, int64_t value);
  Message& real(uint32_t field, float value);
  Message& bytes(uint32_t field, std::string_view value);
  const std::string& str() const { return out_; }

 private:
  void varint(uint64_t value);
  std::string out_;
};

// TensorProto.DataType
enum Type : int64_t { kFloat = 1, kUint8 = 2, kInt32 = 6, kInt64 = 7, kString = 8, kBool = 9, kDouble = 11 };

using Dims = std::vector<int64_t>;
using Names = std::vector<std::string>;

// The bytes of plain values, as in raw_data.
template <typename T>
std::string raw(const std::vector<T>& values) {
  std::string out(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(out.data(), values.data(), out.size());
  return out;
}

std::string tensor(std::string_view name, Type type, const Dims& dims, std::string_view raw_bytes);
// A tensor whose bytes lie in another file; entries are pairs such as {"location", "w.bin"}.
std::string external(std::string_view name, Type type, const Dims& dims,
                     const std::vector<std::pair<std::string, std::string>>& entries);

std::string attribute(std::string_view name, int64_t value);
std::string attribute(std::string_view name, const Dims& values);
std::string attribute_text(std::string_view name, std::string_view value);
std::string attribute_tensor(std::string_view name, const std::string& tensor);
std::string attribute_graph(std::string_view name, const std::string& graph);

// A named value with its type; a negative dim d is written as it stands.
std::string value(std::string_view name, Type type, const Dims& dims);
// The same with named dims.
std::string value(std::string_view name, Type type, const Names& symbols);

struct Node {
  std::string op;
  Names inputs, outputs;
  std::vector<std::string> attributes = {};
  std::string name = {};
  std::string domain = {};
};

struct ModelBytes {
  std::vector<Node> nodes = {};
  std::vector<std::string> inputs = {}, outputs = {}, initializers = {};  // made by value() and tensor()
  int64_t opset = 17;
  std::string opset_domain = {};

  std::string graph() const;  // a GraphProto: the body of an attribute
  std::string bytes() const;
};

// y = x + w, w an initialiser of two floats.
ModelBytes add_model();
// y = data[indices] along axis 0; data is an input f32[4, 3], indices an initialiser or an input of the given length.
ModelBytes gather_model(const std::vector<int64_t>& constant_indices);
ModelBytes gather_model_with_input(int64_t count);

}  // namespace tests::onnx
