// Compiles every kernel with a vendor's run-time compiler: compile_check cuda|rocm|clang ARCH...
// Exit code: 0 all compiled, 77 the compiler is not installed, 1 it refused a kernel (its log is printed).
#include "build.hpp"
#include "compile/compiler.hpp"

#include <chrono>
#include <iostream>

namespace {
constexpr int kFailed = 1, kSkipped = 77;
}

int main(int argc, char** argv) {
  if (argc < 3) return kFailed;
  const auto opened = compile::Compiler::open(argv[1]);
  const compile::Compiler& compiler = *opened;
  if (!compiler.missing().empty()) {
    std::cout << "skipped " << argc - 2 << ": " << compiler.missing() << "\n0 passed, 0 failed, " << argc - 2
              << " skipped\n";
    return kSkipped;
  }
  if (!compiler.lacks().empty()) {
    std::cout << "the library has no " << compiler.lacks() << "\n0 passed, 1 failed, 0 skipped\n";
    return kFailed;
  }
  const std::string text = compile::every_kernel(), generated = compile::generated_kernels();
  int failed = 0;
  for (int i = 2; i < argc; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    auto result = compiler.compile(text, argv[i]);
    if (result.compiled) result = compiler.compile(generated, argv[i]);
    // A module includes what its kernels need and nothing before it.
    for (const auto& header : rlx::simt::device_headers())
      if (result.compiled) result = compiler.compile("#include \"" + std::string(header.name) + "\"\n", argv[i], false);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    std::cout << argv[i] << ": "
              << (result.compiled ? "compiled in " + std::to_string(seconds.count()) + " s" : result.log) << std::endl;
    failed += !result.compiled;
  }
  std::cout << argc - 2 - failed << " passed, " << failed << " failed, 0 skipped\n";
  return failed ? kFailed : 0;
}
