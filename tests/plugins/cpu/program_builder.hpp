// Programs as the tests of the CPU plugin write them down: f32 unless said, operands before attributes.
#pragma once

#include "plugins/host/program.hpp"

#include <string>
#include <vector>

namespace tests {

using Dtype = DTypeValue;
using AttrValue = Attr;

class ProgramBuilder {
 public:
  uint32_t input(Dims dims, std::string name = "x", rlx_dtype dtype = kF32) {
    return program_.input({dtype, std::move(dims)}, std::move(name));
  }
  uint32_t param(Dims dims, std::string name, rlx_dtype dtype = kF32) {
    return program_.param({dtype, std::move(dims)}, std::move(name));
  }
  uint32_t state(Dims dims, std::string name, Value first = {}) {
    return program_.state({kF32, std::move(dims)}, std::move(name), std::move(first));
  }
  uint32_t temporary(Dims dims, rlx_dtype dtype = kF32) { return program_.temporary({dtype, std::move(dims)}); }
  uint32_t view(uint32_t of, Dims dims, uint64_t offset_bytes = 0) {
    return program_.view(of, {program_.at(of).dtype, std::move(dims)}, offset_bytes);
  }
  void output(uint32_t tensor, std::string name = "y") { program_.mark_output(tensor, std::move(name)); }
  void node(std::string op, std::vector<uint32_t> inputs, std::vector<uint32_t> outputs, Attrs attrs = {},
            std::string name = "") {
    program_.node(std::move(op), std::move(attrs), std::move(inputs), std::move(outputs), {}, 0, std::move(name));
  }
  // Valid while the builder lives and does not change.
  const rlx_program& build() { return program_.build(); }

 private:
  Program program_;
};

}  // namespace tests
