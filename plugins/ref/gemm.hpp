// The one matrix product behind matmul, dot_general and linear.
#pragma once

#include "number.hpp"

#include <cstdint>

namespace rlx::ref {

// A matrix anywhere in memory: element (r, c) is data[r·row + c·column].
template <typename T>
struct Matrix {
  const T* data;
  int64_t row, column;
};

// y[i·n + j] = Σ_k a(i, k)·b(k, j), summed in the order of k. y holds zeros on entry. The loops are ordered so that the
// innermost one runs along b's dense axis; the sums are the same either way.
template <typename T>
void gemm(int64_t m, int64_t n, int64_t k, Matrix<T> a, Matrix<T> b, T* y) {
  for (int64_t i = 0; i < m; ++i) {
    T* row = y + i * n;
    if (b.row == 1) {
      for (int64_t j = 0; j < n; ++j)
        for (int64_t p = 0; p < k; ++p)
          row[j] = add(row[j], mul(a.data[i * a.row + p * a.column], b.data[p + j * b.column]));
    } else {
      for (int64_t p = 0; p < k; ++p) {
        const T x = a.data[i * a.row + p * a.column];
        for (int64_t j = 0; j < n; ++j) row[j] = add(row[j], mul(x, b.data[p * b.row + j * b.column]));
      }
    }
  }
}

}  // namespace rlx::ref
