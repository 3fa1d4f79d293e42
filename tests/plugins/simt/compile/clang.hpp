// A clang that is newer than the installed hipRTC, as a compiler for AMD's newest architectures. It gives assembly, for
// which it needs no linker.
#pragma once

#include "compile/compiler.hpp"

namespace compile {

class Clang : public Compiler {
 public:
  Clang();
  std::string version() const override { return "clang " + version_; }
  Result compile(const std::string& text, const std::string& arch, bool has_kernels,
                 const std::vector<std::string>& more) const override;

 private:
  std::string program_, version_;
};

}  // namespace compile
