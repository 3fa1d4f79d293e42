#include "cudnn/cudnn.hpp"

#include "log.hpp"
#include "opened.hpp"

namespace rlx::simt::cudnn {

namespace {

constexpr const char* kFiles[] = {"libcudnn.so.9"};

const char* load(void* library, Cudnn& table) {
#define CUDNN_CALL(name, symbol, params, args) \
  if (!load_call(library, #symbol, table.name)) return #symbol;
#include "cudnn/calls.inc"
#undef CUDNN_CALL
  return nullptr;
}

}  // namespace

const Cudnn* cudnn() {
  static const Opened<Cudnn> opened("library of convolutions", kFiles, {}, load);
  return opened.table_or_log();
}

void check(const char* symbol, int status) {
  if (status == 0) return;
  const bool memory = status == kHostMemory || status == kDeviceMemory;
  throw library_error("cudnn", symbol, status, memory);
}

}  // namespace rlx::simt::cudnn
