#include "shim/cuda.hpp"

#include "library.hpp"

namespace shim {

namespace {

using rlx::simt::Compiler;
using rlx::simt::Driver;
using rlx::simt::load_call;

#define SIMT_SYMBOL(cuda, hip) #cuda
#include "load_tables.inc"

template <typename Table>
const Table* open(std::span<const char* const> names, const char* (*load)(void*, Table&)) {
  std::string why;
  void* library = rlx::simt::open_library(names, why);
  static Table table;
  return library && !load(library, table) ? &table : nullptr;
}

}  // namespace

const Driver* driver() {
  static const Driver* const opened = open(rlx::simt::cuda::kDrivers, load_driver);
  return opened;
}

const Compiler* compiler() {
  static const Compiler* const opened = open(rlx::simt::cuda::kCompilers, load_compiler);
  return opened;
}

}  // namespace shim
