// The run-time compilers: one table of calls for both.
#include "compile/compiler.hpp"

#include "build.hpp"
#include "compile/clang.hpp"

#include <dlfcn.h>

namespace compile {

namespace {

void* open_first(std::initializer_list<const char*> names, std::string& why) {
  for (const char* name : names) {
    if (void* library = dlopen(name, RTLD_NOW)) return library;
    if (why.empty()) why = dlerror();
  }
  return nullptr;
}

class RunTimeCompiler : public Compiler {
 public:
  explicit RunTimeCompiler(bool is_cuda) : is_cuda_(is_cuda) {
    void* library = is_cuda_ ? open_first({"libnvrtc.so.13", "libnvrtc.so.12"}, missing_)
                             : open_first({"libhiprtc.so.7", "libhiprtc.so.6", "libamdhip64.so.5"}, missing_);
    if (!library) return;
    missing_.clear();
#define SIMT_CALL(name, cuda, hip, params, args)                                              \
  api_.name = reinterpret_cast<decltype(api_.name)>(dlsym(library, is_cuda_ ? #cuda : #hip)); \
  if (!api_.name) lacks_ = is_cuda_ ? #cuda : #hip;
#include "compiler_calls.inc"
#undef SIMT_CALL
  }

  std::string version() const override {
    int major = 0, minor = 0;
    api_.version(&major, &minor);
    return (is_cuda_ ? "NVRTC " : "hipRTC ") + std::to_string(major) + "." + std::to_string(minor);
  }

  Result compile(const std::string& text, const std::string& arch, bool has_kernels,
                 const std::vector<std::string>& more) const override {
    std::vector<const char*> names, texts;
    for (const auto& header : rlx::simt::device_headers()) {
      names.push_back(header.name);
      texts.push_back(header.text);
    }
    Result result;
    void* program = nullptr;
    if (api_.create(&program, text.c_str(), "every_kernel.cpp", static_cast<int>(names.size()), texts.data(),
                    names.data())) {
      result.log = "create failed";
      return result;
    }
    std::vector<std::string> options = hip_options(arch);
    if (is_cuda_) options = {"--gpu-architecture=" + arch, "-std=c++17", "-DSIMT_CUDA"};
    options.insert(options.end(), more.begin(), more.end());
    std::vector<const char*> raw;
    for (const std::string& option : options) raw.push_back(option.c_str());
    result.compiled = api_.compile(program, static_cast<int>(raw.size()), raw.data()) == 0;
    size_t bytes = 0;
    api_.log_size(program, &bytes);
    std::string log(bytes + 1, '\0');
    api_.log(program, log.data());
    result.log = log.c_str();
    if (result.compiled && has_kernels) {
      size_t code_bytes = 0;
      if (!api_.code_size(program, &code_bytes)) result.code.resize(code_bytes);
      if (result.code.empty() || api_.code(program, result.code.data())) result = {false, "no machine code", {}};
    }
    api_.destroy(&program);
    return result;
  }

 private:
  struct Api {
#define SIMT_CALL(name, cuda, hip, params, args) int(*name) params = nullptr;
#include "compiler_calls.inc"
#undef SIMT_CALL
  };
  Api api_;
  bool is_cuda_;
};

}  // namespace

std::unique_ptr<Compiler> Compiler::open(const std::string& name) {
  if (name == "clang") return std::make_unique<Clang>();
  return std::make_unique<RunTimeCompiler>(name == "cuda");
}

}  // namespace compile
