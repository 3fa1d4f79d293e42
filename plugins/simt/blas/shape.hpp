// A product of matrices as the caller sees it: row-major.
#pragma once

#include "device/params.hpp"

#include <rlx/base.h>

#include <compare>
#include <string>

namespace rlx::simt {

using ::simt::Address;

// Strides in elements; row or column is 1.
struct ProductOperand {
  int64_t row, column, batch;
  auto operator<=>(const ProductOperand&) const = default;
};

// y = act(a·b + bias): m × k by k × n, in so many batches. y is dense; the bias has n elements, the same for each row.
struct ProductShape {
  rlx_dtype dtype;  // of all operands: f16, bf16, f32 or f64
  uint64_t m, n, k, batches;
  ProductOperand a, b;
  int epilogue;        // flags of BlasEpilogue
  uint32_t alignment;  // bytes: what all addresses are multiples of
  bool tf32;           // f32 may be multiplied with 10 bits of mantissa
  auto operator<=>(const ProductShape&) const = default;

  // "f16 128x512x64", for logs.
  std::string text() const;
};

}  // namespace rlx::simt
