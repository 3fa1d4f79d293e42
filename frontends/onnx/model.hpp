// The parsed model in our own words, so that only reader.cpp and tensor_reader.cpp see protobuf.
#pragma once

#include <rlx/onnx.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "file.hpp"

namespace rlx::onnx {

struct GraphDef;

struct NodeDef {
  std::string op, domain, name;
  std::vector<std::string> inputs, outputs;  // "" = absent
  Attrs attrs;                               // tensors are literals; booleans and enums as in the file
  std::map<std::string, std::shared_ptr<GraphDef>, std::less<>> graphs;
  std::string unsupported_attr;  // name of an attribute of a type we do not read (strings list, sparse tensor)

  // "Conv 'layer1/conv2'", or the first output when the node has no name.
  std::string label() const;
};

struct InputDef {
  std::string name;
  std::optional<TensorType> type;  // absent: not a tensor (sequence, optional, string), named in type_text
  std::string type_text;
};

struct GraphDef {
  std::string name;
  std::vector<NodeDef> nodes;
  std::vector<InputDef> inputs;  // in file order, initialised ones too
  std::vector<std::string> outputs;
  std::map<std::string, Literal, std::less<>> initializers;
};

struct ModelImpl {
  GraphDef graph;
  std::vector<std::string> symbols;
  std::vector<Port> inputs;
  std::optional<int64_t> opset;                         // of the default domain
  std::map<std::string, int64_t, std::less<>> domains;  // other domains and their versions
  std::map<std::string, std::string> metadata;
  std::vector<MappedFile> external;  // literals point into them
};

// Copies what it needs of bytes. base_directory: where external data may lie; empty = refuse it.
Result<std::shared_ptr<ModelImpl>> read_model(std::string_view bytes, const std::string& base_directory);

}  // namespace rlx::onnx
