// Compiles every kernel with a vendor's run-time compiler, which needs no GPU: compile_check cuda|rocm ARCH...
// Exit code: 0 all compiled, 77 the compiler is not installed, 1 it refused a kernel (its log is printed).
#include "build.hpp"
#include "emulation/list.hpp"

#include <dlfcn.h>

#include <chrono>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr int kFailed = 1, kSkipped = 77;

struct Api {
#define SIMT_CALL(name, cuda, hip, params, args) int(*name) params = nullptr;
#include "compiler_calls.inc"
#undef SIMT_CALL

  // The symbol that is missing, or NULL.
  const char* load(void* library, bool is_cuda) {
#define SIMT_CALL(name, cuda, hip, params, args)                                   \
  name = reinterpret_cast<decltype(name)>(dlsym(library, is_cuda ? #cuda : #hip)); \
  if (!name) return is_cuda ? #cuda : #hip;
#include "compiler_calls.inc"
#undef SIMT_CALL
    return nullptr;
  }
};

void* open_first(std::initializer_list<const char*> names, std::string& why) {
  for (const char* name : names) {
    if (void* library = dlopen(name, RTLD_NOW)) return library;
    if (why.empty()) why = dlerror();
  }
  return nullptr;
}

// One element type of each kind stands for its relatives; all would take minutes.
bool stands_for_others(const std::string& entry) {
  for (const char* type : {"<f16", "<i32", "<u16", "<boolean"})
    if (entry.find(type) != std::string::npos) return true;
  return false;
}

// Every fixed kernel is an entry, every scalar function a statement of one region.
std::string source() {
  std::ostringstream text;
  for (const auto& header : rlx::simt::device_headers()) text << "#include \"" << header.name << "\"\n";
  text << "using namespace simt;\n";
  int number = 0;
  for (const std::string& entry : emulation::all_instances())
    if (stands_for_others(entry)) text << "SIMT_ENTRY(kernel_" << number++ << ", " << entry << ")\n";
  // A struct that nothing but its template's arguments makes, so that every function is instantiated.
  text << "SIMT_DEVICE void scalars(const CopyParams& p) {\n";
  for (const std::string& signature : emulation::all_scalars()) {
    std::istringstream words(signature);
    std::string function, type, arguments;
    words >> function;
    while (words >> type) arguments += (arguments.empty() ? "" : ", ") + ("*reinterpret_cast<" + type + "*>(p.x)");
    // Loads and stores are in every kernel.
    if (!arguments.empty())
      text << "  { const auto y = " << function << "(" << arguments
           << "); volatile auto* to = reinterpret_cast<volatile u8*>(p.y); to[0] = *reinterpret_cast<const u8*>(&y); "
              "}\n";
  }
  text << "}\nSIMT_ENTRY(every_scalar, CopyParams, scalars)\n";
  return text.str();
}

// The compiler's log when it refuses, nothing when it compiles.
std::string compile(const Api& api, const std::string& text, const std::string& option, bool is_cuda,
                    bool has_kernels = true) {
  std::vector<const char*> names, texts;
  for (const auto& header : rlx::simt::device_headers()) {
    names.push_back(header.name);
    texts.push_back(header.text);
  }
  void* program = nullptr;
  if (api.create(&program, text.c_str(), "every_kernel.cpp", static_cast<int>(names.size()), texts.data(),
                 names.data()))
    return "create failed";
  const char* options[] = {option.c_str(), "-std=c++17", is_cuda ? "-DSIMT_CUDA" : "-DSIMT_HIP", "-DSIMT_WARP=64"};
  std::string log;
  if (api.compile(program, 4, options)) {
    size_t bytes = 0;
    api.log_size(program, &bytes);
    log.resize(bytes + 1);
    api.log(program, log.data());
  }
  size_t code_bytes = 0;
  if (has_kernels && log.empty() && (api.code_size(program, &code_bytes) || code_bytes == 0)) log = "no machine code";
  api.destroy(&program);
  return log;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return kFailed;
  const bool is_cuda = std::string(argv[1]) == "cuda";
  std::string why;
  void* library = is_cuda ? open_first({"libnvrtc.so.13", "libnvrtc.so.12"}, why)
                          : open_first({"libhiprtc.so.7", "libhiprtc.so.6", "libamdhip64.so.5"}, why);
  if (!library) {
    std::cout << "skipped " << argc - 2 << ": " << why << "\n0 passed, 0 failed, " << argc - 2 << " skipped\n";
    return kSkipped;
  }
  Api api;
  if (const char* missing = api.load(library, is_cuda)) {
    std::cout << "the library has no " << missing << "\n0 passed, 1 failed, 0 skipped\n";
    return kFailed;
  }
  const std::string text = source();
  int failed = 0;
  for (int i = 2; i < argc; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string option = (is_cuda ? "--gpu-architecture=" : "--offload-arch=") + std::string(argv[i]);
    std::string log = compile(api, text, option, is_cuda);
    // A module includes what its kernels need and nothing before it.
    for (const auto& header : rlx::simt::device_headers())
      if (log.empty()) log = compile(api, "#include \"" + std::string(header.name) + "\"\n", option, is_cuda, false);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    std::cout << argv[i] << ": " << (log.empty() ? "compiled in " + std::to_string(seconds.count()) + " s" : log)
              << std::endl;
    failed += !log.empty();
  }
  std::cout << argc - 2 - failed << " passed, " << failed << " failed, 0 skipped\n";
  return failed ? kFailed : 0;
}
