// A shared library opened by one of several names, and symbols from it.
#pragma once

#include <span>
#include <string>

namespace rlx::simt {

// The handle, never closed: drivers do not survive being unloaded. NULL when no name opens; why says what the loader
// said of the first one.
void* open_library(std::span<const char* const> names, std::string& why);
// NULL when the library has none.
void* find_symbol(void* library, const char* name);

template <typename Call>
bool load_call(void* library, const char* symbol, Call& out) {
  out.function = reinterpret_cast<decltype(out.function)>(find_symbol(library, symbol));
  out.symbol = symbol;
  return out.function != nullptr;
}

}  // namespace rlx::simt
