// rlx-demo [DIRECTORY]: what is on this host, then a real network and a transformer layer on it.

#include <cstdio>
#include <string>

#include "classify.hpp"
#include "transformer.hpp"

namespace {

void print_host(const rlx::Registry& registry) {
  std::printf("Devices of this host\n\n");
  for (const rlx::Device& device : registry.devices()) {
    const rlx::DeviceInfo& info = device.info();
    std::printf("  %-8s %s, %.1f GiB%s%s\n", info.id.c_str(), info.name.c_str(),
                static_cast<double>(info.memory_total) / 0x1p30, info.driver.empty() ? "" : ", ", info.driver.c_str());
  }
  for (const rlx::Verdict& verdict : registry.verdicts()) {
    if (verdict.code != rlx::VerdictCode::kLoaded)
      std::printf("  %-8s not used: %s\n", verdict.id.c_str(), verdict.reason.c_str());
  }
}

rlx::Status run(const std::string& directory) {
  rlx::RegistryOptions options;
  // A folder without a plugin, which this build left out, is no error.
  for (const char* plugin : {"cpu", "cuda", "ref", "rocm", "vulkan"})
    options.plugin_paths.push_back(std::string(RLX_DEMO_PLUGINS "/") + plugin);
  RLX_ASSIGN(std::shared_ptr<rlx::Registry> registry, rlx::Registry::create(options));
  print_host(*registry);
  RLX_TRY(demo::classify(registry, directory));
  return demo::transformer(registry);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
    std::fprintf(stderr, "usage: rlx-demo [DIRECTORY]   with classifier.onnx and images/*.pgm\n");
    return 2;
  }
  const rlx::Status status = run(argc == 2 ? argv[1] : RLX_DEMO_DATA);
  if (status) return 0;
  std::fprintf(stderr, "rlx-demo: %s\n", status.error().text().c_str());
  return 1;
}
