// What the stand-in computes.
#include "fake/blas.hpp"
#include "fake/floats.hpp"

#include <algorithm>
#include <cmath>

namespace fake::blas {

namespace {

using namespace rlx::simt;

rlx_dtype dtype_of(int type) {
  switch (type) {
    case kBlasF64:
      return RLX_DTYPE_F64;
    case kBlasF16:
      return RLX_DTYPE_F16;
    case kBlasBf16:
      return RLX_DTYPE_BF16;
    default:
      return RLX_DTYPE_F32;
  }
}

double load(const std::byte* data, int64_t element, int type) {
  return load_float(data, element, dtype_of(type));
}

double activate(double x, uint32_t epilogue) {
  if (epilogue & kEpilogueRelu) return std::max(x, 0.0);
  if (epilogue & kEpilogueGeluTanh)
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
  return x;
}

}  // namespace

int check_shapes(const Operation& o, const Layout& a, const Layout& b, const Layout& c, const Layout& d) {
  const bool plain_b = o.trans_b == kNumbers.op_none;
  const uint64_t k = plain_b ? b.rows : b.columns, n = plain_b ? b.columns : b.rows;
  if (o.depth(a) != k || o.rows(a) != d.rows || n != d.columns) return kInvalidValue;
  if (c.rows != d.rows || c.columns != d.columns) return kInvalidValue;
  if (a.batches != d.batches || b.batches != d.batches || c.batches != d.batches) return kInvalidValue;
  if (a.type != b.type || a.type != d.type || c.type != d.type) return kNotSupported;
  const bool wide = a.type == kBlasF64;
  if ((o.compute == kNumbers.compute_f64) != wide || (o.scale == kBlasF64) != wide) return kNotSupported;
  if (o.compute == kNumbers.compute_tf32 && a.type != kBlasF32) return kNotSupported;
  // As the real one: nothing is applied to results in double.
  if (wide && o.epilogue != kEpilogueNone) return kNotSupported;
  // Results of a batch must not lie in each other.
  if (d.batches > 1 && d.batch_stride < d.leading * static_cast<int64_t>(d.columns)) return kInvalidValue;
  return 0;
}

void Product::run() const {
  const uint64_t depth = operation.depth(a);
  const bool tf32 = operation.compute == kNumbers.compute_tf32;
  const auto at = [](const Layout& l, int batch, uint64_t row, uint64_t column) {
    return batch * l.batch_stride + static_cast<int64_t>(row) + static_cast<int64_t>(column) * l.leading;
  };
  const auto operand = [&](const std::byte* data, const Layout& l, bool plain, int batch, uint64_t row,
                           uint64_t column) {
    const double value = load(data, plain ? at(l, batch, row, column) : at(l, batch, column, row), l.type);
    return tf32 ? as_tf32(value) : value;
  };
  for (int batch = 0; batch < d.batches; ++batch)
    for (uint64_t column = 0; column < d.columns; ++column)
      for (uint64_t row = 0; row < d.rows; ++row) {
        double sum = 0;
        for (uint64_t k = 0; k < depth; ++k)
          sum += operand(a_data, a, operation.trans_a == kNumbers.op_none, batch, row, k) *
                 operand(b_data, b, operation.trans_b == kNumbers.op_none, batch, k, column);
        sum *= alpha;
        if (beta != 0) sum += beta * load(c_data, at(c, batch, row, column), c.type);
        if (operation.epilogue & kEpilogueBias)
          sum += load(reinterpret_cast<const std::byte*>(operation.bias), static_cast<int64_t>(row), d.type);
        store_float(d_data, at(d, batch, row, column), dtype_of(d.type), activate(sum, operation.epilogue));
      }
}

}  // namespace fake::blas
