// Tensors of an ONNX message. Only this and reader.cpp see ONNX's generated classes.
#pragma once

#include <onnx/onnx_pb.h>

#include <map>
#include <memory>
#include <string>

#include "file.hpp"

namespace rlx::onnx {

namespace pb = ::onnx;

struct TensorReader {
  std::shared_ptr<const pb::ModelProto> model;      // owns the bytes that literals point into
  std::string base_directory;                       // where external data may lie; empty = refuse them
  std::map<std::string, MappedFile> external = {};  // what was opened, by path

  // Sizes are checked before bytes are read. Errors: UNIMPLEMENTED (element type), DATA_LOSS (other sizes than the
  // type's), PERMISSION_DENIED (external data outside of base_directory).
  Result<Literal> read(const pb::TensorProto& t);

 private:
  Result<Bytes> external_bytes(const pb::TensorProto& t, const TensorType& type);
};

}  // namespace rlx::onnx
