#include "miopen/miopen.hpp"

#include "opened.hpp"

namespace rlx::simt::miopen {

namespace {

constexpr const char* kFiles[] = {"libMIOpen.so.1"};

const char* load(void* library, Miopen& table) {
#define MIOPEN_CALL(name, symbol, params, args) \
  if (!load_call(library, #symbol, table.name)) return #symbol;
#include "miopen/calls.inc"
#undef MIOPEN_CALL
  return nullptr;
}

}  // namespace

const Miopen* miopen() {
  static const Opened<Miopen> opened("library of convolutions", kFiles, {}, load);
  return opened.table_or_log();
}

void check(const char* symbol, int status) {
  if (status != 0) throw library_error("miopen", symbol, status, status == kOutOfMemory);
}

}  // namespace rlx::simt::miopen
