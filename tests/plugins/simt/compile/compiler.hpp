// The vendors' compilers, which need no GPU, and all kernels for them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace compile {

// One element type of each kind stands for its relatives; all would take minutes. "SoftmaxParams, softmax<f16>".
std::vector<std::string> entries();
// A source with every one of them as kernel_0, kernel_1, ..., and every scalar function in one kernel more.
std::string every_kernel();
// A source as the plugin generates it, with a sample of elementwise kernels.
std::string generated_kernels();

class Compiler {
 public:
  // "cuda" and "rocm" are the run-time compilers; "clang" is one on the search path, for architectures of AMD's that
  // hipRTC of the installed version ends the process for. Where there is none missing() says why.
  static std::unique_ptr<Compiler> open(const std::string& name);
  virtual ~Compiler() = default;

  const std::string& missing() const { return missing_; }
  // The library has all functions; otherwise the one that it lacks.
  const std::string& lacks() const { return lacks_; }
  virtual std::string version() const = 0;

  struct Result {
    bool compiled = false;
    std::string log;
    std::string code;  // a cubin or a code object; assembly of clang
  };
  // arch: "sm_90a". has_kernels: machine code is expected. more: further options. Threads: one at a time.
  virtual Result compile(const std::string& text, const std::string& arch, bool has_kernels = true,
                         const std::vector<std::string>& more = {}) const = 0;

 protected:
  std::string missing_, lacks_;
};

// What every compiler is told of an architecture of AMD's.
inline std::vector<std::string> hip_options(const std::string& arch) {
  return {"--offload-arch=" + arch, "-std=c++17", "-DSIMT_HIP",
          arch.rfind("gfx9", 0) == 0 ? "-DSIMT_WARP=64" : "-DSIMT_WARP=32"};
}

}  // namespace compile
