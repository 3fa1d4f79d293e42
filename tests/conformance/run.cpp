// Runs a graph once on a device.
#include "run.hpp"

namespace conformance {

rlx::Result<std::vector<rlx::Tensor>> run(const std::shared_ptr<rlx::Registry>& registry, const rlx::Device& device,
                                          rlx::Graph graph, const std::vector<rlx::Tensor>& inputs) {
  rlx::SessionOptions options;
  options.device = device.id();
  options.fallback = "";  // it is this device that is tested
  options.compile.fold_constants = false;
  options.compile.fuse = false;
  RLX_ASSIGN(rlx::Session session, rlx::Session::create(registry, std::move(graph), options));
  RLX_ASSIGN(const rlx::Executable executable, session.executable());
  RLX_ASSIGN(rlx::Context context, executable.create_context());
  for (size_t i = 0; i < inputs.size(); ++i) RLX_TRY(context.set_input(i, inputs[i].view()));
  RLX_TRY(context.run());
  std::vector<rlx::Tensor> outputs;
  for (size_t i = 0; i < executable.outputs().size(); ++i) {
    RLX_ASSIGN(rlx::Tensor output, context.output(i));
    outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace conformance
