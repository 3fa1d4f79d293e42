// Prints docs/kernels.md, what every kernel takes of each architecture: kernel_table ARCH... with NVRTC, hipRTC and a
// newer clang installed, as far as the architectures need them.
#include "compile/compiler.hpp"
#include "compile/usage.hpp"

#include <iostream>
#include <set>
#include <stdexcept>

namespace {

// Which compiler; hipRTC 5.2, of Debian 12, knows these two of AMD's.
std::string compiler_for(const std::string& arch) {
  if (arch.rfind("sm_", 0) == 0) return "cuda";
  return arch == "gfx90a" || arch == "gfx1030" ? "rocm" : "clang";
}

class Reports {
 public:
  void add(const std::string& arch) {
    const std::string name = compiler_for(arch);
    std::unique_ptr<compile::Compiler>& compiler = compilers_[name];
    if (!compiler) compiler = compile::Compiler::open(name);
    if (!compiler->missing().empty() || !compiler->lacks().empty())
      throw std::runtime_error(name + ": " + compiler->missing() + compiler->lacks());
    const std::vector<std::string> more =
        name == "cuda" ? std::vector<std::string>{"--ptxas-options=-v"} : std::vector<std::string>{};
    const auto result = compiler->compile(compile::every_kernel(), arch, true, more);
    if (!result.compiled) throw std::runtime_error(arch + ": " + result.log);
    usages_[arch] = name == "cuda"   ? compile::read_ptxas(result.log)
                    : name == "rocm" ? compile::read_code_object(result.code)
                                     : compile::read_assembly(result.code);
    versions_[name] = compiler->version();
  }
  const compile::Usage& of(const std::string& arch, size_t kernel) const {
    return usages_.at(arch).at("kernel_" + std::to_string(kernel));
  }
  // "NVRTC 13.0": of the compilers of these architectures.
  std::string versions(const std::vector<std::string>& archs) const {
    std::set<std::string> names;
    for (const std::string& arch : archs) names.insert(versions_.at(compiler_for(arch)));
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

 private:
  std::map<std::string, std::unique_ptr<compile::Compiler>> compilers_;
  std::map<std::string, std::string> versions_;
  std::map<std::string, compile::Usages> usages_;  // by architecture
};

void print_table(const Reports& reports, const std::vector<std::string>& archs) {
  std::cout << "| kernel |";
  for (const std::string& arch : archs) std::cout << " " << arch << " |";
  std::cout << "\n|---|";
  for (size_t i = 0; i < archs.size(); ++i) std::cout << "---|";
  const std::vector<std::string> entries = compile::entries();
  for (size_t k = 0; k < entries.size(); ++k) {
    std::cout << "\n| `" << entries[k].substr(entries[k].find(", ") + 2) << "` |";
    for (const std::string& arch : archs) {
      const compile::Usage& usage = reports.of(arch, k);
      std::cout << " " << usage.registers;
      if (usage.scalar_registers > 0) std::cout << "/" << usage.scalar_registers;
      if (usage.spilled > 0) std::cout << "+" << usage.spilled;
      std::cout << " |";
    }
  }
  std::cout << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  Reports reports;
  std::vector<std::string> nvidia, amd;
  try {
    for (int i = 1; i < argc; ++i) {
      reports.add(argv[i]);
      (compiler_for(argv[i]) == "cuda" ? nvidia : amd).push_back(argv[i]);
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  std::cout << "# What kernels take of a GPU\n\n"
               "Shared memory is dynamic: a launch asks for what its tiles need, never for more than 48 KiB.\n"
               "One element type of each kind stands for its relatives.\n";
  if (!nvidia.empty()) {
    std::cout << "\n## NVIDIA\n\nRegisters of a thread, by `kernel_table` with " << reports.versions(nvidia)
              << ". `n+m`: m bytes of registers are spilled to memory (stores and loads of a thread).\n\n";
    print_table(reports, nvidia);
  }
  if (!amd.empty()) {
    std::cout << "\n## AMD\n\nVector registers of a thread and scalar registers of its wave, `n/s`, with "
              << reports.versions(amd)
              << ". `n/s+m`: m vector registers are spilled to memory. gfx9 runs waves of 64, the others of 32.\n"
                 "clang works without AMD's device library: functions of `<math.h>` that no instruction computes are "
                 "calls of something shorter there.\n\n";
    print_table(reports, amd);
  }
  return 0;
}
