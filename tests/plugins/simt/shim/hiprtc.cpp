// hipRTC on top of NVRTC: the options say what is compiled for, and differ.
#include "shim/cuda.hpp"

#include <string>
#include <vector>

namespace same {
#define SIMT_CALL(name, cuda, hip, params, args)                      \
  static int name params {                                            \
    const rlx::simt::Compiler* c = shim::compiler();                  \
    return c ? c->name.raw args : static_cast<int>(shim::kNoLibrary); \
  }
#include "compiler_calls.inc"
#undef SIMT_CALL
}  // namespace same

namespace as_hip {

using namespace same;

// Of the first device; a machine with several kinds is not what this is for.
static int compute_capability() {
  int major = 0, minor = 0;
  if (const rlx::simt::Driver* d = shim::driver()) {
    d->device_attribute.raw(&major, rlx::simt::cuda::kComputeMajor, 0);
    d->device_attribute.raw(&minor, rlx::simt::cuda::kComputeMinor, 0);
  }
  return major * 10 + minor;
}

static std::string option_for_cuda(const std::string& option) {
  if (option.rfind("--offload-arch=", 0) == 0) return "--gpu-architecture=sm_" + std::to_string(compute_capability());
  return option == "-DSIMT_HIP" ? "-DSIMT_CUDA" : option;
}

static int compile(void* program, int count, const char* const* options) {
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) texts.push_back(option_for_cuda(options[i]));
  std::vector<const char*> raw;
  for (const std::string& text : texts) raw.push_back(text.c_str());
  return same::compile(program, count, raw.data());
}

}  // namespace as_hip

extern "C" {
#define SIMT_CALL(name, cuda, hip, params, args) \
  SHIM_EXPORT int hip params {                   \
    return as_hip::name args;                    \
  }
#include "compiler_calls.inc"
#undef SIMT_CALL
}
