// A program of one node, fed and read as doubles whatever its dtypes are.
#pragma once

#include "context.hpp"
#include "cpu_host.hpp"
#include "program_builder.hpp"

#include <rlx/sdk/convert.hpp>

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace tests {

using Values = std::vector<double>;

inline uint64_t count_of(const Dims& dims) {
  uint64_t n = 1;
  for (uint64_t d : dims) n *= d;
  return n;
}

// Multiples of 1/256 in (low, high): every float dtype but bf16 holds them exactly, and f32 sums of them are exact.
inline Values random_values(uint64_t count, uint32_t seed, double low = -1, double high = 1) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(low, high);
  Values v(count);
  for (double& x : v) x = std::floor(uniform(generator) * 256) / 256;
  return v;
}

class OneNode {
 public:
  OneNode(std::string op, std::vector<AttrValue> attrs) : op_(std::move(op)), attrs_(std::move(attrs)) {}

  OneNode& in(Dims dims, Values values, rlx_dtype dtype = RLX_DTYPE_F32) {
    inputs_.push_back(builder_.input(dims, "x" + std::to_string(inputs_.size()), dtype));
    values_.push_back(std::move(values));
    dtypes_.push_back(dtype);
    return *this;
  }
  OneNode& absent() {
    inputs_.push_back(RLX_NO_INDEX);
    values_.emplace_back();
    dtypes_.push_back(RLX_DTYPE_F32);
    return *this;
  }
  OneNode& out(Dims dims, rlx_dtype dtype = RLX_DTYPE_F32) {
    outputs_.push_back(builder_.temporary(std::move(dims), dtype));
    builder_.output(outputs_.back(), "y" + std::to_string(outputs_.size()));
    return *this;
  }
  // Output 0 of a run; see output() for others. Throws rlx::sdk::Error as the plugin does.
  Values run(unsigned threads = 1) {
    cpu_test_host();
    if (!executable_) {
      builder_.node(op_, inputs_, outputs_, attrs_, "under test");
      executable_.reset(new rlx::cpu::Executable(builder_.build(), threads));
      executable_->finalize();
      context_ = std::make_unique<rlx::cpu::Context>(*executable_, threads);
    }
    for (size_t i = 0; i < inputs_.size(); ++i)
      if (inputs_[i] != RLX_NO_INDEX && !values_[i].empty())
        rlx::sdk::convert(RLX_DTYPE_F64, values_[i].data(), dtypes_[i], context_->address(inputs_[i]),
                          values_[i].size());
    context_->run();
    return output(0);
  }
  Values output(size_t i) {
    const rlx_tensor& t = context_->tensor(outputs_[i]);
    Values v(rlx::sdk::elements(t));
    if (!v.empty()) rlx::sdk::convert(t.dtype, context_->address(outputs_[i]), RLX_DTYPE_F64, v.data(), v.size());
    return v;
  }

 private:
  struct Release {
    void operator()(rlx::cpu::Executable* e) const { e->release(); }
  };
  std::string op_;
  std::vector<AttrValue> attrs_;
  ProgramBuilder builder_;
  std::vector<uint32_t> inputs_, outputs_;
  std::vector<Values> values_;
  std::vector<rlx_dtype> dtypes_;
  std::unique_ptr<rlx::cpu::Executable, Release> executable_;
  std::unique_ptr<rlx::cpu::Context> context_;
};

}  // namespace tests
