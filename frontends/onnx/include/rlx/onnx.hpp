// Reading ONNX models: librlx-onnx.
//
// A Model is the parsed file; import() translates it for given values of its symbolic dims, so that every shape of the
// result is static and shape arithmetic has been folded away. Opsets 7 to 21 of the default domain; older nodes import
// where their meaning is the same.
//   auto model   = rlx::onnx::Model::load("resnet50.onnx");
//   auto session = rlx::Session::create(registry, model->source(registry));
#pragma once

#include <rlx/graph.hpp>
#include <rlx/session.hpp>
#include <rlx/tensor.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rlx::onnx {

struct ImportOptions {
  Bindings symbols;
  // Values of inputs, used only where a shape depends on them (a Reshape whose target is an input). An input used this
  // way becomes a constant of the graph and is listed in Import::fixed_inputs.
  std::map<std::string, Literal, std::less<>> values;
  // Computes constant subgraphs that shapes depend on; without one such a model is an error.
  Evaluator evaluate;
  // Largest value, in bytes, that is computed or stored because a shape depends on it.
  int64_t fold_limit_bytes = int64_t{64} << 20;
};

struct Import {
  Graph graph;
  std::vector<std::string> fixed_inputs;
};

struct ModelImpl;

// Immutable; copies share the parsed file. Threads: any.
class Model {
 public:
  // The file is read, external data are mapped: such a file may be replaced (renamed over) at any time, but not be
  // shortened between load() and the end of Executable::finalize(). Errors: NOT_FOUND, DATA_LOSS (not an ONNX file,
  // truncated), PERMISSION_DENIED (external data outside the model's directory).
  RLX_API static Result<Model> load(const std::string& path);
  // External data is looked up in base_directory; empty refuses it.
  RLX_API static Result<Model> parse(std::string_view bytes, const std::string& base_directory = {});

  // Inputs without an initialiser; dims may be symbol_dim(k), k indexing symbols(). Anonymous unknown dims get symbols
  // "input_d0".
  RLX_API const std::vector<Port>& inputs() const;
  RLX_API const std::vector<std::string>& output_names() const;
  RLX_API const std::vector<std::string>& symbols() const;
  // Of the default domain; 0 when the model imports none.
  RLX_API int64_t opset() const;
  RLX_API const std::map<std::string, std::string>& metadata() const;

  // UNIMPLEMENTED lists every unsupported node with name and domain at once; DATA_LOSS: a file with external data has
  // been shortened; other errors name the node, the value and the limit.
  RLX_API Result<Import> import(const ImportOptions& options) const;
  // For Session::create. The registry serves to fold constants.
  RLX_API GraphSource source(std::shared_ptr<Registry> registry) const;

 private:
  std::shared_ptr<const ModelImpl> impl_;
};

// One TensorProto file, as in the backend tests' input_0.pb. Errors: strings, sequences and broken files.
RLX_API Result<NamedTensor> read_tensor(const std::string& path);

}  // namespace rlx::onnx
