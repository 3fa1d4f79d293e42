// Computes small graphs on a device: what constant folding uses, so that a folded value is what a kernel would have
// computed.
#include "runtime/build.hpp"

#include <rlx/guard.hpp>

namespace rlx {
namespace {

Result<std::vector<Literal>> evaluate(const Device& device, const Graph& graph) {
  BuildRequest request;
  request.device = device;
  request.options.threads = 1;
  request.optimise = false;
  RLX_ASSIGN(const std::shared_ptr<ExecutableImpl> executable, build_executable(graph, request));
  RLX_ASSIGN(Context context, Executable(executable).create_context());
  RLX_TRY(context.run());
  std::vector<Literal> values;
  for (const Port& port : executable->outputs.ports) {
    std::byte* data = nullptr;
    Literal value{port.type, Bytes::allocate(static_cast<size_t>(port.type.bytes()), &data)};
    RLX_TRY(context.read_output(values.size(), {port.type, data, value.bytes.size()}));
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace

Evaluator make_evaluator(std::shared_ptr<Registry> registry) {
  return [registry = std::move(registry)](const Graph& graph) -> Result<std::vector<Literal>> {
    return guarded([&]() -> Result<std::vector<Literal>> {
      if (!graph.inputs().empty())
        return error(Code::kInvalidArgument, "evaluate: graph '" + graph.name() + "' has inputs");
      auto device = registry->find("ref");
      if (!device) device = registry->find("");
      if (!device) return tl::unexpected<Error>(device.error());
      return evaluate(*device, graph);
    });
  };
}

}  // namespace rlx
