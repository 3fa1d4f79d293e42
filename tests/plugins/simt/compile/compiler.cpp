#include "compile/compiler.hpp"

#include "build.hpp"
#include "emulation/list.hpp"

#include <dlfcn.h>

#include <sstream>

namespace compile {

namespace {

void* open_first(std::initializer_list<const char*> names, std::string& why) {
  for (const char* name : names) {
    if (void* library = dlopen(name, RTLD_NOW)) return library;
    if (why.empty()) why = dlerror();
  }
  return nullptr;
}

bool stands_for_others(const std::string& entry) {
  for (const char* type : {"<f16", "<tf32x3", "<i32", "<u16", "<boolean"})
    if (entry.find(type) != std::string::npos) return true;
  return false;
}

}  // namespace

std::vector<std::string> entries() {
  std::vector<std::string> some;
  for (const std::string& entry : emulation::all_instances())
    if (stands_for_others(entry)) some.push_back(entry);
  return some;
}

std::string every_kernel() {
  std::ostringstream text;
  for (const auto& header : rlx::simt::device_headers()) text << "#include \"" << header.name << "\"\n";
  text << "using namespace simt;\n";
  int number = 0;
  for (const std::string& entry : entries()) text << "SIMT_ENTRY(kernel_" << number++ << ", " << entry << ")\n";
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

Compiler::Compiler(const std::string& name) : is_cuda_(name == "cuda") {
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

std::string Compiler::version() const {
  int major = 0, minor = 0;
  api_.version(&major, &minor);
  return (is_cuda_ ? "NVRTC " : "hipRTC ") + std::to_string(major) + "." + std::to_string(minor);
}

Compiler::Result Compiler::compile(const std::string& text, const std::string& arch, bool has_kernels,
                                   const std::vector<std::string>& more) const {
  std::vector<const char*> names, texts;
  for (const auto& header : rlx::simt::device_headers()) {
    names.push_back(header.name);
    texts.push_back(header.text);
  }
  void* program = nullptr;
  if (api_.create(&program, text.c_str(), "every_kernel.cpp", static_cast<int>(names.size()), texts.data(),
                  names.data()))
    return {false, "create failed"};
  std::vector<std::string> options = {(is_cuda_ ? "--gpu-architecture=" : "--offload-arch=") + arch, "-std=c++17",
                                      is_cuda_ ? "-DSIMT_CUDA" : "-DSIMT_HIP", "-DSIMT_WARP=64"};
  options.insert(options.end(), more.begin(), more.end());
  std::vector<const char*> raw;
  for (const std::string& option : options) raw.push_back(option.c_str());
  Result result{api_.compile(program, static_cast<int>(raw.size()), raw.data()) == 0, {}};
  size_t bytes = 0;
  api_.log_size(program, &bytes);
  std::string log(bytes + 1, '\0');
  api_.log(program, log.data());
  result.log = log.c_str();
  size_t code_bytes = 0;
  if (result.compiled && has_kernels && (api_.code_size(program, &code_bytes) || code_bytes == 0))
    result = {false, "no machine code"};
  api_.destroy(&program);
  return result;
}

}  // namespace compile
