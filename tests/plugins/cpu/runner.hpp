// Compiles a program with the plugin's own objects and feeds it f32 tensors by index.
#pragma once

#include "context.hpp"
#include "cpu_host.hpp"
#include "program_builder.hpp"

#include <memory>
#include <random>
#include <vector>

namespace tests {

inline std::vector<float> random_floats(size_t count, uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  std::vector<float> v(count);
  for (float& x : v) x = uniform(generator);
  return v;
}

class Runner {
 public:
  explicit Runner(ProgramBuilder& builder, unsigned threads = 1)
      : executable_((cpu_test_host(), new rlx::cpu::Executable(builder.build(), threads))) {}
  ~Runner() {
    context_.reset();
    executable_->release();
  }
  void set_param(const std::string& name, const std::vector<float>& v) {
    executable_->set_param(name, RLX_DTYPE_F32, v.data(), v.size() * sizeof(float));
  }
  rlx::cpu::Executable& executable() { return *executable_; }
  // Finalizes on the first call.
  rlx::cpu::Context& context(unsigned threads = 0) {
    if (!executable_->finalized()) executable_->finalize();
    if (!context_) context_ = std::make_unique<rlx::cpu::Context>(*executable_, threads);
    return *context_;
  }
  void write(uint32_t tensor, const std::vector<float>& v) {
    std::copy(v.begin(), v.end(), reinterpret_cast<float*>(context().address(tensor)));
  }
  std::vector<float> read(uint32_t tensor) {
    const float* from = reinterpret_cast<const float*>(context().address(tensor));
    return {from, from + context().tensor(tensor).size_bytes / sizeof(float)};
  }
  // How many steps run an op.
  size_t count(const std::string& op) const {
    size_t n = 0;
    for (const rlx::cpu::Step& s : executable_->schedule().steps) n += s.op == op;
    return n;
  }

 private:
  rlx::cpu::Executable* executable_;
  std::unique_ptr<rlx::cpu::Context> context_;
};

}  // namespace tests
