// What the host gives to each kernel: plain structs with the same layout on both sides, read by the host compiler and
// by the device compiler. Sizes and strides are in elements unless their name says bytes.
#pragma once

#if !defined(SIMT_CUDA) && !defined(SIMT_HIP)
#include <stdint.h>
// Lets the host write the type's name into the source of a kernel.
#define SIMT_PARAMS(Type) static constexpr const char* kName = #Type
#else
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef long long int64_t;
#define SIMT_PARAMS(Type) static_assert(true, "")
#endif

namespace simt {

// What device code calls a pointer; on the host it is a number that the driver made.
typedef uint64_t Address;

constexpr uint32_t kMaxRank = 8;
// A tile repeats each axis: two for one.
constexpr uint32_t kMaxCopyRank = 16;
constexpr uint32_t kMaxInputs = 16, kMaxOutputs = 8;

// Where a kernel reports an index that is out of range; the first report wins. One per context, zero before a run.
struct ErrorRecord {
  uint32_t taken;
  uint32_t step;  // which launch
  int64_t value, limit;
};

struct ElementwiseParams {
  SIMT_PARAMS(ElementwiseParams);
  uint64_t count;
  uint64_t dims[kMaxRank];  // of the collapsed iteration space, innermost last
  Address inputs[kMaxInputs];
  Address outputs[kMaxOutputs];
  int64_t strides[kMaxInputs][kMaxRank];
};

// Outer × size × inner: element (o, i, n) is at (o·size + i)·inner + n.
struct SoftmaxParams {
  SIMT_PARAMS(SoftmaxParams);
  Address x, y;
  uint64_t outer, size, inner;
  uint32_t is_log;
};

// Rows are outer × inner; reduced elements of a row are dims (innermost last) with strides. y is dense over the rows.
struct ReduceParams {
  SIMT_PARAMS(ReduceParams);
  Address x, y;
  uint64_t rows, count;
  uint32_t row_rank, rank;
  uint64_t row_dims[kMaxRank], dims[kMaxRank];
  int64_t row_strides[kMaxRank], strides[kMaxRank];
};

// y[b] = act(a[b]·w[b] + bias): m × k by k × n, element strides for each axis, batches by up to kMaxRank dims.
struct MatmulParams {
  SIMT_PARAMS(MatmulParams);
  Address a, b, y, bias;  // bias 0: none
  uint64_t m, n, k, batches;
  int64_t a_row, a_column, b_row, b_column;
  uint32_t batch_rank, tiles_n;
  uint64_t batch_dims[kMaxRank];
  int64_t a_batch[kMaxRank], b_batch[kMaxRank];
};

struct CopyParams {
  SIMT_PARAMS(CopyParams);
  Address x, y;
  uint64_t count;
  uint32_t rank;
  uint64_t dims[kMaxCopyRank];
  int64_t x_strides[kMaxCopyRank], y_strides[kMaxCopyRank];
};

struct FillParams {
  SIMT_PARAMS(FillParams);
  Address y;
  uint64_t count;
  uint64_t bits;   // the element
  Address scalar;  // where the element is, instead; 0: bits
};

}  // namespace simt
