// A vendor's run-time compiler, which needs no GPU, and all kernels for it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace compile {

// One element type of each kind stands for its relatives; all would take minutes. "SoftmaxParams, softmax<f16>".
std::vector<std::string> entries();
// A source with every one of them as kernel_0, kernel_1, ..., and every scalar function in one kernel more.
std::string every_kernel();

class Compiler {
 public:
  // name: "cuda" or "rocm". Without a library missing() says why.
  explicit Compiler(const std::string& name);
  const std::string& missing() const { return missing_; }
  // The library has all functions; otherwise the one that it lacks.
  const std::string& lacks() const { return lacks_; }
  std::string version() const;

  struct Result {
    bool compiled;
    std::string log;
  };
  // arch: "sm_90a". has_kernels: machine code is expected. more: further options.
  Result compile(const std::string& text, const std::string& arch, bool has_kernels = true,
                 const std::vector<std::string>& more = {}) const;

 private:
  struct Api {
#define SIMT_CALL(name, cuda, hip, params, args) int(*name) params = nullptr;
#include "compiler_calls.inc"
#undef SIMT_CALL
  };
  Api api_;
  bool is_cuda_;
  std::string missing_, lacks_;
};

}  // namespace compile
