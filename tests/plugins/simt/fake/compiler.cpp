// A run-time compiler whose machine code is the source itself, after it was read once: what the emulator cannot run
// fails here, with a log, as it does with a real one.
#include "emulation/kernel.hpp"
#include "fake/properties.hpp"

#include <cstdint>
#include <cstring>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fake {

int count_call();

namespace {
enum { kSuccess = 0, kInvalidProgram = 4, kInvalidOption = 5, kCompilation = 6 };

struct Program {
  std::string source, log, code;
  std::set<std::string> headers;
};
Program& of(void* program) {
  return *static_cast<Program*>(program);
}

void check_includes(const Program& p) {
  std::istringstream lines(p.source);
  for (std::string line; std::getline(lines, line);) {
    const std::string begin = "#include \"";
    if (line.rfind(begin, 0) != 0) continue;
    const std::string name = line.substr(begin.size(), line.size() - begin.size() - 1);
    if (!p.headers.count(name)) throw std::runtime_error("cannot open source file \"" + name + "\"");
  }
}
}  // namespace

namespace compiler {

int version(int* major, int* minor) {
  *major = 99;
  *minor = 0;
  return kSuccess;
}
int create(void** program, const char* source, const char*, int headers, const char* const* texts,
           const char* const* names) {
  auto* p = new Program;
  p->source = source;
  for (int i = 0; i < headers; ++i)
    if (std::strlen(texts[i]) > 0) p->headers.insert(names[i]);
  *program = p;
  return kSuccess;
}
int compile(void* program, int count, const char* const* options) {
  Program& p = of(program);
  bool has_arch = false;
  for (int i = 0; i < count; ++i) has_arch |= std::string(options[i]).find(kArch) != std::string::npos;
  if (!has_arch) {
    p.log = std::string("no option names ") + kArch;
    return kInvalidOption;
  }
  try {
    check_includes(p);
    emulation::read_source(p.source);
  } catch (const std::exception& e) {
    p.log = e.what();
    return kCompilation;
  }
  p.code = kImageBegin + p.source;
  return kSuccess;
}
int log_size(void* program, size_t* bytes) {
  *bytes = of(program).log.size() + 1;
  return kSuccess;
}
int log(void* program, char* text) {
  std::strcpy(text, of(program).log.c_str());
  return kSuccess;
}
int code_size(void* program, size_t* bytes) {
  *bytes = of(program).code.size() + 1;
  return of(program).code.empty() ? static_cast<int>(kInvalidProgram) : static_cast<int>(kSuccess);
}
int code(void* program, char* out) {
  std::memcpy(out, of(program).code.c_str(), of(program).code.size() + 1);
  return kSuccess;
}
int destroy(void** program) {
  delete static_cast<Program*>(*program);
  *program = nullptr;
  return kSuccess;
}

}  // namespace compiler
}  // namespace fake

extern "C" {
// A program is freed even by a call that reports a failure, as the driver's objects are (driver_exports.cpp).
#define SIMT_CALL(name, cuda, hip, params, args)                            \
  FAKE_EXPORT int FAKE_SYMBOL(cuda, hip) params {                           \
    const int asked = fake::count_call();                                   \
    const bool frees = std::string_view(#name) == "destroy";                \
    const int result = asked && !frees ? asked : fake::compiler::name args; \
    return asked ? asked : result;                                          \
  }
#include "compiler_calls.inc"
#undef SIMT_CALL
}
