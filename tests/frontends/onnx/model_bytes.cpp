#include "frontends/onnx/model_bytes.hpp"

namespace tests::onnx {
namespace {

constexpr uint32_t kVarint = 0, kLength = 2, kFixed32 = 5;

template <typename Body>
std::string attribute_of(std::string_view name, int64_t type, Body body) {
  Message a;
  a.bytes(1, name);
  body(a);
  a.number(20, type);
  return a.str();
}

std::string value_of(std::string_view name, Type type, const std::vector<std::string>& dims) {
  Message shape;
  for (const std::string& d : dims) shape.bytes(1, d);
  Message tensor_type, any_type, info;
  tensor_type.number(1, type).bytes(2, shape.str());
  any_type.bytes(1, tensor_type.str());
  info.bytes(1, name).bytes(2, any_type.str());
  return info.str();
}

}  // namespace

void Message::varint(uint64_t v) {
  for (; v >= 0x80; v >>= 7) out_ += static_cast<char>(v | 0x80);
  out_ += static_cast<char>(v);
}
Message& Message::number(uint32_t field, int64_t value) {
  varint(field << 3 | kVarint);
  varint(static_cast<uint64_t>(value));
  return *this;
}
Message& Message::real(uint32_t field, float value) {
  varint(field << 3 | kFixed32);
  out_ += raw(std::vector<float>{value});
  return *this;
}
Message& Message::bytes(uint32_t field, std::string_view value) {
  varint(field << 3 | kLength);
  varint(value.size());
  out_ += value;
  return *this;
}

std::string tensor(std::string_view name, Type type, const Dims& dims, std::string_view raw_bytes) {
  Message t;
  for (const int64_t d : dims) t.number(1, d);
  t.number(2, type).bytes(8, name).bytes(9, raw_bytes);
  return t.str();
}

std::string external(std::string_view name, Type type, const Dims& dims,
                     const std::vector<std::pair<std::string, std::string>>& entries) {
  Message t;
  for (const int64_t d : dims) t.number(1, d);
  t.number(2, type).bytes(8, name).number(14, 1);
  for (const auto& [key, text] : entries) {
    Message entry;
    entry.bytes(1, key).bytes(2, text);
    t.bytes(13, entry.str());
  }
  return t.str();
}

std::string attribute(std::string_view name, int64_t value) {
  return attribute_of(name, 2, [&](Message& a) { a.number(3, value); });
}
std::string attribute(std::string_view name, const Dims& values) {
  return attribute_of(name, 7, [&](Message& a) {
    for (const int64_t v : values) a.number(8, v);
  });
}
std::string attribute_text(std::string_view name, std::string_view value) {
  return attribute_of(name, 3, [&](Message& a) { a.bytes(4, value); });
}
std::string attribute_tensor(std::string_view name, const std::string& tensor) {
  return attribute_of(name, 4, [&](Message& a) { a.bytes(5, tensor); });
}
std::string attribute_graph(std::string_view name, const std::string& graph) {
  return attribute_of(name, 5, [&](Message& a) { a.bytes(6, graph); });
}

std::string value(std::string_view name, Type type, const Dims& dims) {
  std::vector<std::string> encoded;
  for (const int64_t d : dims) encoded.push_back(Message().number(1, d).str());
  return value_of(name, type, encoded);
}
std::string value(std::string_view name, Type type, const Names& symbols) {
  std::vector<std::string> encoded;
  for (const std::string& s : symbols) encoded.push_back(Message().bytes(2, s).str());
  return value_of(name, type, encoded);
}

std::string ModelBytes::graph() const {
  Message g;
  for (const Node& node : nodes) {
    Message n;
    for (const std::string& i : node.inputs) n.bytes(1, i);
    for (const std::string& o : node.outputs) n.bytes(2, o);
    n.bytes(3, node.name).bytes(4, node.op);
    for (const std::string& a : node.attributes) n.bytes(5, a);
    n.bytes(7, node.domain);
    g.bytes(1, n.str());
  }
  g.bytes(2, "graph");
  for (const std::string& t : initializers) g.bytes(5, t);
  for (const std::string& v : inputs) g.bytes(11, v);
  for (const std::string& v : outputs) g.bytes(12, v);
  return g.str();
}

std::string ModelBytes::bytes() const {
  Message opset_import, model;
  opset_import.bytes(1, opset_domain).number(2, opset);
  model.number(1, 8).bytes(7, graph()).bytes(8, opset_import.str());
  return model.str();
}

ModelBytes add_model() {
  ModelBytes m;
  m.inputs = {value("x", kFloat, Dims{2})};
  m.initializers = {tensor("w", kFloat, {2}, raw<float>({10, 20}))};
  m.nodes = {{.op = "Add", .inputs = {"x", "w"}, .outputs = {"y"}, .name = "sum"}};
  m.outputs = {value("y", kFloat, Dims{2})};
  return m;
}

ModelBytes gather_model(const std::vector<int64_t>& constant_indices) {
  ModelBytes m = gather_model_with_input(0);
  m.inputs.pop_back();
  m.initializers = {tensor("indices", kInt64, {static_cast<int64_t>(constant_indices.size())}, raw(constant_indices))};
  return m;
}

ModelBytes gather_model_with_input(int64_t count) {
  ModelBytes m;
  m.inputs = {value("data", kFloat, Dims{4, 3}), value("indices", kInt64, Dims{count})};
  m.nodes = {{.op = "Gather", .inputs = {"data", "indices"}, .outputs = {"y"}, .name = "lookup"}};
  m.outputs = {value("y", kFloat, Dims{count, 3})};
  return m;
}

}  // namespace tests::onnx
