// Scans, arg_reduce, sorting and sampling in every dtype that the plugins launch them with.
#include "emulation/instances.hpp"

#include "device/arg_reduce.hpp"
#include "device/sample.hpp"
#include "device/scan.hpp"
#include "device/select.hpp"
#include "device/sort.hpp"

namespace emulation {

using namespace simt;

#define SCAN(T, kind)                                        \
  INSTANCE(ScanParams, scan_rows<T, reduce_##kind<T>>)       \
  INSTANCE(ScanParams, scan_columns<T, reduce_##kind<T>>)    \
  INSTANCE(ScanParams, scan_row_totals<T, reduce_##kind<T>>) \
  INSTANCE(ScanParams, scan_column_totals<T, reduce_##kind<T>>)
#define NUMBER(T)                                  \
  SCAN(T, sum)                                     \
  SCAN(T, prod)                                    \
  INSTANCE(ArgReduceParams, arg_reduce_rows<T>)    \
  INSTANCE(ArgReduceParams, arg_reduce_columns<T>) \
  INSTANCE(ArgReduceParams, arg_reduce_join<T>)    \
  INSTANCE(SortParams, sort_tiles<T>)              \
  INSTANCE(SortParams, merge_runs<T>)              \
  INSTANCE(SortParams, select_elements<T>)         \
  INSTANCE(SortParams, select_join<T>)

#define FLOAT(T) \
  NUMBER(T)      \
  INSTANCE(SampleParams, sample<T>)

Instances along_axes() {
  return {
      // clang-format off
      FLOAT(f32) FLOAT(f64) FLOAT(f16) FLOAT(bf16)
      NUMBER(i8) NUMBER(i16) NUMBER(i32) NUMBER(i64)
      NUMBER(u8) NUMBER(u16) NUMBER(u32) NUMBER(u64)
      // clang-format on
  };
}

}  // namespace emulation
