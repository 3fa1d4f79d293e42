#include "compile/clang.hpp"

#include "build.hpp"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace compile {

namespace {

namespace fs = std::filesystem;

// What a command prints, and whether it succeeded.
std::string output_of(const std::string& command, bool& succeeded) {
  std::string text;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return succeeded = false, text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  succeeded = pclose(pipe) == 0;
  return text;
}

// With the kernels' headers in it.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("rlx-kernels-" + std::to_string(getpid()))) {
    fs::create_directories(path_);
    for (const auto& header : rlx::simt::device_headers()) write(header.name, header.text);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const fs::path& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  fs::path path_;
};

}  // namespace

// gfx942 is known since 17, gfx1201 since 19.
Clang::Clang() {
  for (const char* version : {"22", "21", "20", "19"}) {
    bool found = false;
    const std::string program = "clang-" + std::string(version), said = output_of(program + " --version", found);
    if (!found) continue;
    program_ = program;
    version_ = version;
    return;
  }
  missing_ = "no clang-19 or newer on the search path (Debian: clang-19)";
}

Compiler::Result Clang::compile(const std::string& text, const std::string& arch, bool,
                                const std::vector<std::string>& more) const {
  const Folder folder;
  folder.write("every_kernel.cpp", text);
  std::string command = "cd '" + folder.path().string() + "' && " + program_ +
                        " -x hip --cuda-device-only --no-gpu-bundle-output -nogpulib -nogpuinc -O3 -I . -S -o code.s" +
                        " -include '" SIMT_HIP_NAMES "'";
  for (const std::string& option : hip_options(arch)) command += " " + option;
  for (const std::string& option : more) command += " " + option;
  Result result;
  result.log = output_of(command + " every_kernel.cpp", result.compiled);
  if (result.compiled) result.code = folder.read("code.s");
  return result;
}

}  // namespace compile
