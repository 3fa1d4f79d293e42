// A library of products that computes in host memory, behind the calls of plugins/simt/blas/blas_calls.inc. It checks
// what it is given as strictly as the documentation of cuBLASLt allows it to, and enqueues on the stand-in's streams.
#pragma once

#include "blas/numbers.hpp"
#include "fake/properties.hpp"

#include <cstddef>
#include <cstdint>

namespace fake::blas {

constexpr rlx::simt::BlasNumbers kNumbers = FAKE_SYMBOL(rlx::simt::kCublasLt, rlx::simt::kHipblasLt);
constexpr int kInvalidValue = FAKE_SYMBOL(7, 3), kNotSupported = kNumbers.not_supported;

// A column-major matrix, or a batch of them.
struct Layout {
  int type;
  uint64_t rows, columns;
  int64_t leading;
  int32_t batches = 1;
  int64_t batch_stride = 0;
};

struct Operation {
  int compute, scale;
  int32_t trans_a = kNumbers.op_none, trans_b = kNumbers.op_none;
  uint32_t epilogue = rlx::simt::kEpilogueNone;
  uint64_t bias = 0;

  uint64_t rows(const Layout& a) const { return trans_a == kNumbers.op_none ? a.rows : a.columns; }
  uint64_t depth(const Layout& a) const { return trans_a == kNumbers.op_none ? a.columns : a.rows; }
};

// 0, or why the matrices and the operation do not go together.
int check_shapes(const Operation& operation, const Layout& a, const Layout& b, const Layout& c, const Layout& d);

// d = act(alpha·a·b + beta·c + bias), with sums in double.
struct Product {
  Operation operation;
  Layout a, b, c, d;
  const std::byte *a_data, *b_data, *c_data;
  std::byte* d_data;
  double alpha, beta;
  void run() const;
};

#define SIMT_CALL(name, cuda, hip, params, args) int name params;
#include "blas/blas_calls.inc"
#undef SIMT_CALL

}  // namespace fake::blas
