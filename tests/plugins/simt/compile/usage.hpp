// What a kernel takes, as each compiler says it.
#pragma once

#include <map>
#include <string>

namespace compile {

// Of a thread; spilled: bytes of ptxas (stores and loads), registers of AMD's compilers.
struct Usage {
  unsigned registers = 0, spilled = 0;
  unsigned scalar_registers = 0;  // of a wave; 0 where there are none
};
using Usages = std::map<std::string, Usage>;  // by the kernel's name

// The assembler's log with --ptxas-options=-v.
Usages read_ptxas(const std::string& log);
// The note of a code object. Throws std::runtime_error.
Usages read_code_object(const std::string& code);
// The same note in assembly.
Usages read_assembly(const std::string& text);

}  // namespace compile
