#include "blas/description.hpp"

#include "library_types.hpp"
#include "vendor.hpp"

#include <algorithm>

namespace rlx::simt {

namespace {

constexpr LibraryTypes kTypes{kBlasF16, kBlasBf16, kBlasF32, kBlasF64};

// rows × columns with the rows' elements next to each other is, column-major, columns × rows.
LibraryObject layout(const ProductShape& shape, uint64_t rows, uint64_t columns, const ProductOperand& o) {
  if (o.column != 1) std::swap(rows, columns);
  // A matrix of one row may have any stride; the library wants one that is possible.
  const int64_t stride = std::max(o.column == 1 ? o.row : o.column, static_cast<int64_t>(columns));
  LibraryObject made(blas()->layout_destroy, [&](void** out) {
    call_blas(blas()->layout_create, out, kTypes.of(shape.dtype), columns, rows, stride);
  });
  if (shape.batches > 1) {
    const auto batches = static_cast<int32_t>(shape.batches);
    const BlasNumbers& numbers = vendor().blas.numbers;
    call_blas(blas()->layout_set, made.get(), numbers.layout_batches, &batches, sizeof batches);
    call_blas(blas()->layout_set, made.get(), numbers.layout_batch_stride, &o.batch, sizeof o.batch);
  }
  return made;
}

}  // namespace

LibraryObject describe_operation(const ProductShape& shape, Address bias) {
  const BlasNumbers& numbers = vendor().blas.numbers;
  const bool wide = shape.dtype == RLX_DTYPE_F64;
  const int compute = wide ? numbers.compute_f64 : shape.tf32 ? numbers.compute_tf32 : numbers.compute_f32;
  LibraryObject made(blas()->product_destroy, [&](void** out) {
    call_blas(blas()->product_create, out, compute, static_cast<int>(wide ? kBlasF64 : kBlasF32));
  });
  const auto set = [&](int attribute, const auto& value) {
    call_blas(blas()->product_set, made.get(), attribute, &value, sizeof value);
  };
  const auto op_of = [&](const ProductOperand& o) {
    return static_cast<int32_t>(o.column == 1 ? numbers.op_none : numbers.op_transposed);
  };
  set(numbers.product_trans_a, op_of(shape.b));
  set(numbers.product_trans_b, op_of(shape.a));
  set(numbers.product_epilogue, static_cast<uint32_t>(shape.epilogue));
  if (bias) set(numbers.product_bias, bias);
  return made;
}

MatrixLayouts::MatrixLayouts(const ProductShape& s)
    : first(layout(s, s.k, s.n, s.b)),
      second(layout(s, s.m, s.k, s.a)),
      result(layout(s, s.m, s.n, {static_cast<int64_t>(s.n), 1, static_cast<int64_t>(s.m * s.n)})) {}

}  // namespace rlx::simt
