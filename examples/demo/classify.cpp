// ONNX file -> session -> pictures in, labels out.

#include "classify.hpp"

#include <rlx/onnx.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "picture.hpp"

namespace demo {
namespace {

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts(1);
  for (char c : list) {
    if (c == ',')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

std::vector<std::string> pictures(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator(directory + "/images", ec))
    if (entry.path().extension() == ".pgm") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

rlx::Status classify(const std::shared_ptr<rlx::Registry>& registry, const std::string& directory) {
  const std::string path = directory + "/classifier.onnx";
  RLX_ASSIGN(rlx::onnx::Model model, rlx::onnx::Model::load(path));
  const auto metadata = model.metadata().find("labels");
  if (metadata == model.metadata().end()) return rlx::error(rlx::Code::kDataLoss, path + ": no labels in its metadata");
  const std::vector<std::string> labels = split(metadata->second);
  RLX_ASSIGN(rlx::Session session, rlx::Session::create(registry, model.source(registry)));
  std::printf("\nA convolutional network (examples/classifier/classifier.onnx) on %s\n", session.device().id().c_str());
  bool first = true;
  for (const std::string& file : pictures(directory)) {
    RLX_ASSIGN(rlx::Tensor picture, read_pgm(file));
    if (std::exchange(first, false)) std::printf("\n%s\n", as_text(picture).c_str());
    const auto start = std::chrono::steady_clock::now();
    RLX_ASSIGN(std::vector<rlx::NamedTensor> outputs, session.run({{"image", std::as_const(picture).view()}}));
    const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    const auto scores = outputs[0].tensor.as<float>();
    const auto best = static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
    if (best >= labels.size()) return rlx::error(rlx::Code::kDataLoss, path + ": fewer labels than classes");
    std::printf("  %-14s -> %-9s %5.1f %%   %.3f ms\n", std::filesystem::path(file).filename().c_str(),
                labels[best].c_str(), 100 * static_cast<double>(scores[best]), ms);
  }
  return {};
}

}  // namespace demo
