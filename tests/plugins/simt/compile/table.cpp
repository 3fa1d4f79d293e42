// Prints docs/kernels.md, what every kernel takes of each architecture: kernel_table ARCH... with NVRTC installed.
#include "compile/compiler.hpp"

#include <cstdio>
#include <iostream>
#include <map>
#include <sstream>

namespace {

struct Usage {
  unsigned registers = 0, stack = 0, spilled = 0;
};

// The assembler's report, by the names of the kernels.
std::map<std::string, Usage> read_report(const std::string& log) {
  std::map<std::string, Usage> all;
  Usage* usage = nullptr;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const size_t entry = line.find("entry function '"), used = line.find("Used "),
                 stack = line.find("bytes stack frame");
    if (entry != std::string::npos) {
      const size_t name = entry + 16;
      usage = &all[line.substr(name, line.find('\'', name) - name)];
    } else if (usage && stack != std::string::npos) {
      const size_t number = line.find_first_of("0123456789");
      unsigned stores = 0, loads = 0;
      if (std::sscanf(line.c_str() + number, "%u bytes stack frame, %u bytes spill stores, %u bytes spill loads",
                      &usage->stack, &stores, &loads) == 3)
        usage->spilled = stores + loads;
    } else if (usage && used != std::string::npos) {
      usage->registers = static_cast<unsigned>(std::stoul(line.substr(used + 5)));
    }
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  const compile::Compiler compiler("cuda");
  if (!compiler.missing().empty() || !compiler.lacks().empty()) {
    std::cerr << "no NVRTC: " << compiler.missing() << compiler.lacks() << "\n";
    return 1;
  }
  std::map<std::string, std::map<std::string, Usage>> reports;  // by architecture
  for (int i = 1; i < argc; ++i) {
    const auto result = compiler.compile(compile::every_kernel(), argv[i], true, {"--ptxas-options=-v"});
    if (!result.compiled) {
      std::cerr << argv[i] << ": " << result.log << "\n";
      return 1;
    }
    reports[argv[i]] = read_report(result.log);
  }
  std::cout << "# What kernels take of a GPU\n\nRegisters of a thread, by `kernel_table` with " << compiler.version()
            << ". `n+m`: m bytes of registers are spilled to memory (stores and loads of a thread).\n"
               "Shared memory is dynamic: a launch asks for what its tiles need, never for more than 48 KiB.\n"
               "One element type of each kind stands for its relatives.\n\n| kernel |";
  for (int i = 1; i < argc; ++i) std::cout << " " << argv[i] << " |";
  std::cout << "\n|---|";
  for (int i = 1; i < argc; ++i) std::cout << "---|";
  const std::vector<std::string> entries = compile::entries();
  for (size_t k = 0; k < entries.size(); ++k) {
    std::cout << "\n| `" << entries[k].substr(entries[k].find(", ") + 2) << "` |";
    for (int i = 1; i < argc; ++i) {
      const Usage usage = reports[argv[i]]["kernel_" + std::to_string(k)];
      std::cout << " " << usage.registers;
      if (usage.spilled > 0) std::cout << "+" << usage.spilled;
      std::cout << " |";
    }
  }
  std::cout << "\n";
  return 0;
}
