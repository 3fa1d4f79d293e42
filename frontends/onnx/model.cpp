// The public face of a parsed model.

#include "model.hpp"

#include <rlx/guard.hpp>

#include <filesystem>

namespace rlx::onnx {

Result<Model> Model::load(const std::string& path) {
  return guarded([&]() -> Result<Model> {
    RLX_ASSIGN(const FileBytes file, FileBytes::read(path));
    std::string directory = std::filesystem::path(path).parent_path().string();
    auto model = parse(file.view(), directory.empty() ? "." : directory);
    if (!model) return with_context(std::move(model).error(), path);
    return model;
  });
}

Result<Model> Model::parse(std::string_view bytes, const std::string& base_directory) {
  return guarded([&]() -> Result<Model> {
    RLX_ASSIGN(std::shared_ptr<ModelImpl> impl, read_model(bytes, base_directory));
    Model model;
    model.impl_ = std::move(impl);
    return model;
  });
}

const std::vector<Port>& Model::inputs() const {
  return impl_->inputs;
}
const std::vector<std::string>& Model::output_names() const {
  return impl_->graph.outputs;
}
const std::vector<std::string>& Model::symbols() const {
  return impl_->symbols;
}
int64_t Model::opset() const {
  return impl_->opset.value_or(0);
}
const std::map<std::string, std::string>& Model::metadata() const {
  return impl_->metadata;
}

GraphSource Model::source(std::shared_ptr<Registry> registry) const {
  GraphSource source;
  source.symbols = impl_->symbols;
  source.inputs = impl_->inputs;
  source.build = [model = *this,
                  evaluate = make_evaluator(std::move(registry))](const Bindings& bindings) -> Result<Graph> {
    RLX_ASSIGN(Import imported, model.import({.symbols = bindings, .values = {}, .evaluate = evaluate}));
    return std::move(imported.graph);
  };
  return source;
}

}  // namespace rlx::onnx
