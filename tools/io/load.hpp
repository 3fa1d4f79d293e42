// From a model file and the user's words to a compiled session: what rlx-run and rlx-bench share.
#pragma once

#include <rlx/onnx.hpp>
#include <rlx/session.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rlx::tools {

struct LoadOptions {
  std::string path;  // .onnx, or a graph in RLX's text form (.rlx, .txt)
  std::string device;
  std::optional<std::string> fallback;  // SessionOptions::fallback
  CompileOptions compile;
  Bindings dims;  // --dim N=8; symbols left open take the given inputs' sizes, else 1
  std::map<std::string, Tensor, std::less<>> inputs;  // given values, by name
  std::vector<std::string> random_inputs;             // named, to have a random value as all others
  bool show_progress = false;                         // also in files, and from the start; see ProgressDisplay
};

struct Loaded {
  Session session;
  Executable executable;
  Graph graph;                                        // as loaded, before the compiler; may still have symbols
  std::map<std::string, Tensor, std::less<>> inputs;  // one for each input of the executable: given, or random
  std::vector<std::string> assumed_dims;              // symbols that nothing gave a size: they are 1
  double load_ms = 0, compile_ms = 0;
};

// Inputs that shape the graph are fixed to their given (or random) values and need not be fed any more. Errors: those
// of reading and compiling; NOT_FOUND for a named input or dim that the model does not have, listing those it has.
Result<Loaded> load(const std::shared_ptr<Registry>& registry, LoadOptions options);

// Whether a path names a graph in RLX's text form; any other is taken for ONNX.
bool is_text_graph(const std::string& path);

// Parses "name=value" pairs of --dim. Errors name the pair.
Result<Bindings> parse_dims(const std::vector<std::string>& pairs);

}  // namespace rlx::tools
