// A product in the library's terms, which are column-major: a row-major y is yᵀ there, so that yᵀ = bᵀ·aᵀ is computed,
// and the library's first operand is b.
#pragma once

#include "blas/blas.hpp"
#include "blas/shape.hpp"

namespace rlx::simt {

// The operation: types, transpositions, and what is applied to results. bias 0: none. Throws what the library answers.
LibraryObject describe_operation(const ProductShape& shape, Address bias);

// The matrices. Throws what the library answers.
struct MatrixLayouts {
  explicit MatrixLayouts(const ProductShape& shape);
  LibraryObject first, second, result;
};

}  // namespace rlx::simt
