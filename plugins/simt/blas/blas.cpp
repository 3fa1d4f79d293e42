#include "blas/blas.hpp"

#include "opened.hpp"

namespace rlx::simt {

const Blas* blas() {
  static const Opened<Blas> opened("library of matrix products", vendor().blas.files, {}, vendor().blas.load);
  return opened.table_or_log();
}

void check_blas(const char* symbol, int status) {
  if (status == 0) return;
  throw library_error(vendor().blas.name, symbol, status, status == vendor().blas.numbers.out_of_memory);
}

}  // namespace rlx::simt
