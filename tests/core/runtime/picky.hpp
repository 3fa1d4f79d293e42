// The plugin of tests/plugins/picky: devices that refuse what a test says.
#pragma once

#include "core/runtime/devices.hpp"

#include <cstdlib>
#include <filesystem>

namespace tests {

inline std::string picky_plugin() {
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return (here / "../plugins/picky/rlx_picky.so").lexically_normal().string();
}

// The plugins of this build and picky.
inline std::shared_ptr<rlx::Registry> picky_registry() {
  static const std::shared_ptr<rlx::Registry> shared = need(rlx::Registry::create({.plugin_paths = {picky_plugin()}}));
  return shared;
}

// While it lives, both picky devices refuse these nodes (the rules are in plugin.cpp).
struct Refusing {
  explicit Refusing(const std::string& rules) { setenv("RLX_TEST_REFUSE", rules.c_str(), 1); }
  Refusing(const Refusing&) = delete;
  Refusing& operator=(const Refusing&) = delete;
  ~Refusing() { unsetenv("RLX_TEST_REFUSE"); }
};

inline rlx::Session picky_session(rlx::Graph graph, const std::string& device = "picky:0",
                                  const std::string& fallback = "ref") {
  rlx::SessionOptions options;
  options.device = device;
  options.fallback = fallback;
  return need(rlx::Session::create(picky_registry(), std::move(graph), std::move(options)));
}

}  // namespace tests
