// One backend test: load, compile, run every data set, compare.

#include "suite.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace rlx::tools {
namespace {

// Symbolic dims take the sizes of the given inputs.
Bindings bindings_of(const onnx::Model& model, const TestSet& set) {
  Bindings bindings;
  for (const Port& port : model.inputs()) {
    for (const NamedTensor& t : set.inputs) {
      if (t.name != port.name || t.tensor.shape().rank() != port.type.shape.rank()) continue;
      for (size_t i = 0; i < port.type.shape.rank(); ++i)
        if (is_symbol(port.type.shape[i]))
          bindings[model.symbols()[symbol_index(port.type.shape[i])]] = t.tensor.shape()[i];
    }
  }
  return bindings;
}

Status run_set(const onnx::Model& model, const TestSet& set, const std::shared_ptr<Registry>& registry,
               const std::string& device, uint32_t threads) {
  onnx::ImportOptions options;
  options.symbols = bindings_of(model, set);
  options.evaluate = make_evaluator(registry);
  for (const NamedTensor& t : set.inputs)
    options.values[t.name] = Literal{t.tensor.type(), Bytes::copy(t.tensor.data(), t.tensor.bytes())};
  RLX_ASSIGN(onnx::Import imported, model.import(options));
  SessionOptions session_options;
  session_options.device = device;
  session_options.fallback = "";  // what passes is what this device does
  session_options.compile.threads = threads;
  RLX_ASSIGN(Session session, Session::create(registry, std::move(imported.graph), std::move(session_options)));
  std::vector<NamedView> inputs;
  for (const NamedTensor& t : set.inputs) {
    const auto& fixed = imported.fixed_inputs;
    if (std::find(fixed.begin(), fixed.end(), t.name) == fixed.end()) inputs.push_back({t.name, t.tensor.view()});
  }
  RLX_ASSIGN(std::vector<NamedTensor> outputs, session.run(inputs));
  for (const NamedTensor& want : set.outputs) {
    const auto got =
        std::find_if(outputs.begin(), outputs.end(), [&](const NamedTensor& o) { return o.name == want.name; });
    if (got == outputs.end()) return error(Code::kInternal, "output '" + want.name + "' is missing");
    const Comparison c = compare(want.name, got->tensor.view(), want.tensor.view(), {});
    if (!c.equal) return error(Code::kInternal, c.text);
  }
  return {};
}

CaseResult judge(std::string name, const Status& status) {
  if (status) return {std::move(name), Outcome::kPassed, {}};
  const bool unsupported = status.error().code == Code::kUnimplemented;
  return {std::move(name), unsupported ? Outcome::kUnsupported : Outcome::kFailed, status.error().text()};
}

}  // namespace

std::vector<std::string> find_cases(const std::vector<std::string>& roots, const std::string& filter) {
  namespace fs = std::filesystem;
  std::vector<std::string> cases;
  for (const std::string& root : roots) {
    std::error_code ec;
    if (fs::exists(fs::path(root) / "model.onnx", ec)) cases.push_back(root);
    for (const auto& entry :
         fs::recursive_directory_iterator(root, fs::directory_options::skip_permission_denied, ec)) {
      if (entry.path().filename() == "model.onnx" && entry.path().parent_path() != fs::path(root))
        cases.push_back(entry.path().parent_path().string());
    }
  }
  std::erase_if(cases, [&](const std::string& c) { return c.find(filter) == std::string::npos; });
  std::sort(cases.begin(), cases.end());
  return cases;
}

Result<std::map<std::string, std::string>> read_known(const std::string& path) {
  std::ifstream file(path);
  if (!file) return error(Code::kNotFound, path + ": " + std::strerror(errno));
  std::map<std::string, std::string> known;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    const size_t space = line.find(' ');
    if (space == std::string::npos)
      return error(Code::kInvalidArgument, path + ":" + std::to_string(number) + ": a case without a reason");
    known[line.substr(0, space)] = line.substr(space + 1);
  }
  return known;
}

CaseResult judge_known(CaseResult result, const std::map<std::string, std::string>& known) {
  const auto it = known.find(result.name);
  if (it == known.end()) return result;
  if (result.outcome == Outcome::kPassed)
    return {result.name, Outcome::kFailed, "passes, but is listed as known to differ: " + it->second};
  return {result.name, Outcome::kUnsupported, "known to differ: " + it->second};
}

CaseResult run_case(const std::string& dir, const std::shared_ptr<Registry>& registry, const std::string& device,
                    uint32_t threads) {
  const std::filesystem::path path(dir);
  std::string name = (path.parent_path().filename() / path.filename()).string();
  auto model = onnx::Model::load(dir + "/model.onnx");
  if (!model) return judge(std::move(name), tl::unexpected<Error>(model.error()));
  const std::vector<std::string> sets = find_test_sets(dir);
  if (sets.empty()) return {std::move(name), Outcome::kUnsupported, "no test data"};
  for (const std::string& set_dir : sets) {
    auto set = read_test_set(set_dir, *model);
    // A model that we do not translate is named as such before its data, which may be of a kind we do not read.
    if (!set) {
      auto imported = model->import({});
      const bool model_first = !imported && imported.error().code == Code::kUnimplemented;
      return judge(std::move(name), tl::unexpected<Error>(model_first ? imported.error() : set.error()));
    }
    if (auto s = run_set(*model, *set, registry, device, threads); !s) return judge(std::move(name), s);
  }
  return {std::move(name), Outcome::kPassed, {}};
}

}  // namespace rlx::tools
