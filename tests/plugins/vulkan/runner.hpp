// Compiles a program made by hand on the first Vulkan device and feeds it f32 tensors through the plugin's tables.
#pragma once

#include "catch.hpp"
#include "device/platform.hpp"
#include "execute/context.hpp"
#include "plugins/host/program.hpp"
#include "tables.hpp"
#include "vulkan_host.hpp"

#include <memory>
#include <vector>

namespace tests {

// Skips the test where there is no Vulkan device.
inline rlx_device& vulkan_device() {
  vulkan_test_host();
  try {
    return *rlx::vulkan::devices().front();
  } catch (const rlx::sdk::Error& e) {
    RLX_SKIP("no Vulkan device: " + e.message);
  }
}

// A status of the tables as an error; NULL is none.
inline void must(rlx_status* status) {
  rlx::sdk::check(test_host(), status);
}

class VulkanRunner {
 public:
  explicit VulkanRunner(Program& program) : VulkanRunner(program, vulkan_device().open()) {}
  VulkanRunner(Program& program, std::shared_ptr<rlx::vulkan::Device> device)
      : executable_(new rlx::vulkan::Executable(std::move(device), program.build(), {})) {}
  VulkanRunner(const VulkanRunner&) = delete;
  VulkanRunner& operator=(const VulkanRunner&) = delete;
  ~VulkanRunner() {
    context_.reset();
    executable_->release();
  }

  rlx::vulkan::Executable& executable() { return *executable_; }
  // Finalizes on the first call.
  rlx::vulkan::Context& context() {
    if (!executable_->finalized()) executable_->finalize();
    if (!context_) context_ = std::make_unique<rlx::vulkan::Context>(*executable_);
    return *context_;
  }
  void write(uint32_t tensor, const std::vector<float>& v) { write(context(), tensor, v); }
  std::vector<float> read(uint32_t tensor) { return read(context(), tensor); }
  void run() { context().wait(context().submit(), RLX_FOREVER); }

  static rlx_arena* arena_of(rlx::vulkan::Context& c) { return reinterpret_cast<rlx_arena*>(&c); }
  static void write(rlx::vulkan::Context& c, uint32_t tensor, const std::vector<float>& v) {
    must(rlx::vulkan::arena_table().write(arena_of(c), tensor, RLX_DTYPE_F32, v.data(), v.size() * sizeof(float), 0));
  }
  static std::vector<float> read(rlx::vulkan::Context& c, uint32_t tensor) {
    std::vector<float> v(rlx::sdk::elements(c.executable().tensor(tensor).desc));
    must(rlx::vulkan::arena_table().read(arena_of(c), tensor, RLX_DTYPE_F32, v.data(), v.size() * sizeof(float), 0));
    return v;
  }

 private:
  rlx::vulkan::Executable* executable_;
  std::unique_ptr<rlx::vulkan::Context> context_;
};

// y = x + x, `links` times.
struct Doubling {
  Program program;
  uint32_t x, y;
  explicit Doubling(uint64_t elements, int links = 1) {
    x = program.input({kF32, {elements}}, "x");
    uint32_t from = x;
    for (int i = 0; i < links; ++i) {
      const bool last = i + 1 == links;
      const uint32_t to = last ? program.output({kF32, {elements}}, "y") : program.temporary({kF32, {elements}});
      program.node("binary", {{"kind", "add"}}, {from, from}, {to}, {}, 0, "double");
      from = to;
    }
    y = from;
  }
};

inline std::vector<float> ramp(size_t count, float start = 0) {
  std::vector<float> v(count);
  for (size_t i = 0; i < count; ++i) v[i] = start + static_cast<float>(i % 1000);
  return v;
}

// Sets an environment variable for a scope.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Environment() { unsetenv(name_); }

 private:
  const char* name_;
};

}  // namespace tests
