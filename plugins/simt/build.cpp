#include "build.hpp"

#include "driver.hpp"
#include "vendor.hpp"

#include <rlx/sdk/error.hpp>

namespace rlx::simt {

namespace {

class Program {
 public:
  explicit Program(const std::string& source) {
    std::vector<const char*> names, texts;
    for (const DeviceHeader& header : device_headers()) {
      names.push_back(header.name);
      texts.push_back(header.text);
    }
    compiler().create(&handle_, source.c_str(), "rlx_kernels.cpp", static_cast<int>(names.size()), texts.data(),
                      names.data());
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() { compiler().destroy.raw(&handle_); }

  void* handle() const { return handle_; }
  std::string log() const {
    size_t bytes = 0;
    if (compiler().log_size.raw(handle_, &bytes) || bytes == 0) return "it gave no reason";
    std::string text(bytes, '\0');
    if (compiler().log.raw(handle_, text.data())) return "it gave no reason";
    text.resize(text.find_last_not_of(std::string_view("\0\n ", 3)) + 1);
    return text;
  }

 private:
  void* handle_ = nullptr;
};

}  // namespace

std::string compiler_version() {
  int major = 0, minor = 0;
  compiler().version(&major, &minor);
  return std::to_string(major) + "." + std::to_string(minor);
}

std::string build_kernel(const BuildRequest& request) {
  const Program program(request.source);
  std::vector<const char*> options;
  for (const std::string& option : request.options) options.push_back(option.c_str());
  if (const int result = compiler().compile.raw(program.handle(), static_cast<int>(options.size()), options.data()))
    throw sdk::Error(
        RLX_INTERNAL,
        std::string(compiler().compile.symbol) + ": error " + std::to_string(result) + ": " + program.log(),
        std::string(vendor().compiler_remedy), result, std::string(vendor().id));
  size_t bytes = 0;
  compiler().code_size(program.handle(), &bytes);
  std::string code(bytes, '\0');
  compiler().code(program.handle(), code.data());
  return code;
}

}  // namespace rlx::simt
