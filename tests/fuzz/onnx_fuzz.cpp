// Any bytes as a model, on the whole way that a model goes: read, import with constant folding, compile and run on the
// reference device. What would cost much memory or time is left before it begins, so that a slow input is a finding.
#include <rlx/onnx.hpp>

#include <cstdint>
#include <cstdlib>

namespace {

constexpr int64_t kMostBytes = 1 << 13;
constexpr int64_t kMostTaps = 1 << 10;
constexpr size_t kMostNodes = 256;
constexpr uint64_t kMostArena = 1 << 20;

const std::shared_ptr<rlx::Registry>& registry() {
  static const auto shared =
      rlx::Registry::create({.plugin_paths = {RLX_REF_PLUGIN}, .search_defaults = false, .select = "ref"}).value();
  return shared;
}

bool is_affordable(const rlx::Graph& graph) {
  if (graph.node_count() > kMostNodes) return false;
  for (rlx::NodeId id = 0; id < graph.node_count(); ++id) {
    const rlx::Node& node = graph.node(id);
    for (const rlx::ValueId v : node.outputs)
      if (graph.type(v).bytes() > kMostBytes) return false;
    int64_t taps = 1;
    for (const int64_t k : node.attrs.ints("kernel")) {
      if (k > kMostTaps || taps > kMostTaps) return false;
      taps *= k;
    }
  }
  return true;
}

rlx::Result<std::vector<rlx::Literal>> evaluate(const rlx::Graph& graph) {
  static const rlx::Evaluator device = rlx::make_evaluator(registry());
  if (!is_affordable(graph)) return rlx::error(rlx::Code::kResourceExhausted, "too much to compute");
  return device(graph);
}

rlx::Status compile_and_run(rlx::Graph graph) {
  rlx::SessionOptions options;
  options.device = "ref";
  options.compile.fold_limit_bytes = kMostBytes;
  RLX_ASSIGN(rlx::Session session, rlx::Session::create(registry(), std::move(graph), options));
  RLX_ASSIGN(const rlx::Executable executable, session.executable());
  if (executable.report().arena_bytes > kMostArena) return {};
  RLX_ASSIGN(rlx::Context context, executable.create_context());
  for (size_t i = 0; i < executable.inputs().size(); ++i) {
    const rlx::TensorType& type = executable.inputs()[i].type;
    RLX_ASSIGN(const rlx::Tensor zeros, rlx::Tensor::zeros(type.dtype, type.shape));
    RLX_TRY(context.set_input(i, zeros.view()));
  }
  return context.run();
}

// Every failure says something, in one line.
void check(const rlx::Status& status) {
  if (status) return;
  if (status.error().message.empty() || status.error().text().find('\n') != std::string::npos) std::abort();
}

rlx::Status whole_way(std::string_view bytes) {
  RLX_ASSIGN(const rlx::onnx::Model model, rlx::onnx::Model::parse(bytes));
  rlx::onnx::ImportOptions options;
  for (const std::string& symbol : model.symbols()) options.symbols[symbol] = 2;
  options.evaluate = evaluate;
  options.fold_limit_bytes = kMostBytes;
  RLX_ASSIGN(rlx::onnx::Import import, model.import(options));
  RLX_TRY(rlx::verify(import.graph));
  if (!is_affordable(import.graph)) return {};
  return compile_and_run(std::move(import.graph));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  check(whole_way({reinterpret_cast<const char*>(data), size}));
  return 0;
}
