#include "library.hpp"

#include <dlfcn.h>

namespace rlx::simt {

void* open_library(std::span<const char* const> names, std::string& why) {
  for (const char* name : names) {
    if (void* handle = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return handle;
    if (why.empty()) why = dlerror();
  }
  return nullptr;
}

void* find_symbol(void* library, const char* name) {
  return dlsym(library, name);
}

}  // namespace rlx::simt
