// Reading, compiling, inputs; with a line about progress.

#include "load.hpp"

#include "progress.hpp"
#include "random.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace rlx::tools {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Result<Graph> read_text_graph(const std::string& path) {
  std::ifstream file(path);
  if (!file) return error(Code::kNotFound, path + ": " + std::strerror(errno));
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  auto graph = parse_graph(text);
  if (!graph) return with_context(graph.error(), path);
  return graph;
}

// NOT_FOUND unless the name is among those known. kind: "input".
Status known(const std::string& name, const std::string& kind, const std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), name) != names.end()) return {};
  std::string list;
  for (const std::string& n : names) list += (list.empty() ? "'" : ", '") + n + "'";
  return error(Code::kNotFound,
               "the model has no " + kind + " '" + name + "'; it has " + (list.empty() ? "none" : list));
}

Status check_names(const std::vector<Port>& ports, const std::vector<std::string>& symbols,
                   const LoadOptions& options) {
  std::vector<std::string> names;
  for (const Port& port : ports) names.push_back(port.name);
  for (const auto& [name, value] : options.inputs) RLX_TRY(known(name, "input", names));
  for (const std::string& name : options.random_inputs) RLX_TRY(known(name, "input", names));
  for (const auto& [name, value] : options.dims) RLX_TRY(known(name, "symbolic dim", symbols));
  return {};
}

// Values for open symbols: from the given inputs, else 1, and then noted.
Bindings complete(const std::vector<Port>& ports, const std::vector<std::string>& symbols, const LoadOptions& options,
                  std::vector<std::string>& assumed) {
  Bindings dims = options.dims;
  for (const Port& port : ports) {
    const auto given = options.inputs.find(port.name);
    if (given == options.inputs.end() || given->second.shape().rank() != port.type.shape.rank()) continue;
    for (size_t i = 0; i < port.type.shape.rank(); ++i)
      if (is_symbol(port.type.shape[i]))
        dims.emplace(symbols[symbol_index(port.type.shape[i])], given->second.shape()[i]);
  }
  for (const std::string& s : symbols)
    if (dims.emplace(s, 1).second) assumed.push_back(s);
  return dims;
}

Result<Graph> read_onnx(const std::shared_ptr<Registry>& registry, const LoadOptions& options,
                        std::vector<std::string>& assumed) {
  RLX_ASSIGN(onnx::Model model, onnx::Model::load(options.path));
  RLX_TRY(check_names(model.inputs(), model.symbols(), options));
  onnx::ImportOptions import;
  import.symbols = complete(model.inputs(), model.symbols(), options, assumed);
  import.evaluate = make_evaluator(registry);
  for (const auto& [name, tensor] : options.inputs)
    import.values[name] = Literal{tensor.type(), Bytes::copy(tensor.data(), tensor.bytes())};
  RLX_ASSIGN(onnx::Import imported, model.import(import));
  return std::move(imported.graph);
}

}  // namespace

bool is_text_graph(const std::string& path) {
  return path.ends_with(".rlx") || path.ends_with(".txt");
}

Result<Bindings> parse_dims(const std::vector<std::string>& pairs) {
  Bindings dims;
  for (const std::string& pair : pairs) {
    const size_t equals = pair.find('=');
    char* end = nullptr;
    const long long value = equals == std::string::npos ? -1 : std::strtoll(pair.c_str() + equals + 1, &end, 10);
    if (equals == 0 || value < 0 || end == nullptr || *end != '\0' || end == pair.c_str() + equals + 1)
      return error(Code::kInvalidArgument, "--dim '" + pair + "' is not of the form NAME=NUMBER");
    dims[pair.substr(0, equals)] = value;
  }
  return dims;
}

Result<Loaded> load(const std::shared_ptr<Registry>& registry, LoadOptions options) {
  Loaded loaded;
  ProgressDisplay progress(std::filesystem::path(options.path).filename().string(), options.show_progress);
  progress.phase("load");
  const auto start = Clock::now();
  Graph graph;
  Bindings bindings;
  if (is_text_graph(options.path)) {
    RLX_ASSIGN(graph, read_text_graph(options.path));
    std::vector<Port> ports;
    for (ValueId id : graph.inputs()) ports.push_back({graph.producer(id).attrs.str("name"), graph.type(id)});
    RLX_TRY(check_names(ports, graph.symbols(), options));
    bindings = complete(ports, graph.symbols(), options, loaded.assumed_dims);
  } else {
    RLX_ASSIGN(graph, read_onnx(registry, options, loaded.assumed_dims));
  }
  loaded.load_ms = ms_since(start);
  loaded.graph = graph;
  const auto compile_start = Clock::now();
  SessionOptions session_options;
  session_options.device = options.device;
  session_options.fallback = options.fallback;
  session_options.compile = options.compile;
  session_options.progress = progress.callback();
  RLX_ASSIGN(loaded.session, Session::create(registry, std::move(graph), std::move(session_options)));
  RLX_ASSIGN(loaded.executable, loaded.session.executable(bindings));
  RLX_TRY(loaded.executable.finalize());
  loaded.compile_ms = ms_since(compile_start);
  uint64_t seed = 1;
  for (const Port& port : loaded.executable.inputs()) {
    const auto given = options.inputs.find(port.name);
    if (given != options.inputs.end()) {
      loaded.inputs.insert_or_assign(port.name, std::move(given->second));
    } else {
      RLX_ASSIGN(Tensor t, random_tensor(port.type, seed++));
      loaded.inputs.insert_or_assign(port.name, std::move(t));
    }
  }
  return loaded;
}

}  // namespace rlx::tools
