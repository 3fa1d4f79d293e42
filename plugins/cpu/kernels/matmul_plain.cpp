// matmul of f64 and integers. Rows of b are added to rows of c, so that the innermost loop vectorises; four rows of b
// at a time save three of four passes over c. Compiled for the architecture's baseline: 11.5 GFLOP/s for f64 of 512
// rows and columns on one core of an EPYC (Zen 4), where AVX-512 could do five times that.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/integer_math.hpp"
#include "kernels/plain_loop.hpp"

#include <algorithm>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 65536;  // multiply-adds worth a second thread
constexpr uint64_t kColumns = 256;  // of b and c at a time, for the first-level cache

struct Shape {
  uint64_t rows, depth, columns;
  uint64_t a_row, a_col, b_row, b_col;  // strides
};

template <typename T>
T multiply_add(T sum, T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return sum + a * b;
  else
    return static_cast<T>(wide(sum) + wide(a) * wide(b));
}

// Columns [first, first + n) of one row of c.
template <typename T>
void row_by_rows(const Shape& s, const T* a, const T* b, T* c, uint64_t first, uint64_t n) {
  std::fill(c + first, c + first + n, T{0});
  uint64_t k = 0;
  for (; k + 4 <= s.depth; k += 4) {
    const T *b0 = b + k * s.b_row + first, *b1 = b0 + s.b_row, *b2 = b1 + s.b_row, *b3 = b2 + s.b_row;
    const T a0 = a[k * s.a_col], a1 = a[(k + 1) * s.a_col], a2 = a[(k + 2) * s.a_col], a3 = a[(k + 3) * s.a_col];
    for (uint64_t j = 0; j < n; ++j) {
      T sum = multiply_add(c[first + j], a0, b0[j]);
      sum = multiply_add(sum, a1, b1[j]);
      sum = multiply_add(sum, a2, b2[j]);
      c[first + j] = multiply_add(sum, a3, b3[j]);
    }
  }
  for (; k < s.depth; ++k)
    for (uint64_t j = 0; j < n; ++j)
      c[first + j] = multiply_add(c[first + j], a[k * s.a_col], b[k * s.b_row + first + j]);
}

template <typename T>
void row_by_dots(const Shape& s, const T* a, const T* b, T* c, uint64_t first, uint64_t n) {
  for (uint64_t j = first; j < first + n; ++j) {
    T sum{0};
    for (uint64_t k = 0; k < s.depth; ++k) sum = multiply_add(sum, a[k * s.a_col], b[k * s.b_row + j * s.b_col]);
    c[j] = sum;
  }
}

template <typename T>
void product_row(const Shape& s, const std::byte* a_bytes, const std::byte* b_bytes, std::byte* c_bytes, uint64_t row) {
  const T* a = reinterpret_cast<const T*>(a_bytes) + row * s.a_row;
  const T* b = reinterpret_cast<const T*>(b_bytes);
  T* c = reinterpret_cast<T*>(c_bytes) + row * s.columns;
  for (uint64_t first = 0; first < s.columns; first += kColumns) {
    const uint64_t n = std::min(kColumns, s.columns - first);
    s.b_col == 1 ? row_by_rows(s, a, b, c, first, n) : row_by_dots(s, a, b, c, first, n);
  }
}

struct Side {
  uint64_t rows, columns, row_step, column_step;
};
// A vector is a row on the left and a column on the right.
Side side_of(const rlx_tensor& t, bool left, bool transposed) {
  if (t.rank == 1) return left ? Side{1, t.dims[0], t.dims[0], 1} : Side{t.dims[0], 1, 1, 1};
  const uint64_t rows = t.dims[t.rank - 2], columns = t.dims[t.rank - 1];
  return transposed ? Side{columns, rows, 1, columns} : Side{rows, columns, columns, 1};
}

class PlainMatmul final : public Kernel {
 public:
  explicit PlainMatmul(const NodeView& n) : Kernel("plain:matmul"), bytes_(sdk::dtype_size(n.out().dtype)) {
    const rlx_tensor &a = n.in(0), &b = n.in(1);
    const Side left = side_of(a, true, n.flag("trans_a")), right = side_of(b, false, n.flag("trans_b"));
    shape_ = {left.rows,        left.columns,   right.columns,    left.row_step,
              left.column_step, right.row_step, right.column_step};
    a_size_ = left.rows * left.columns;
    b_size_ = right.rows * right.columns;
    const uint32_t a_batch = a.rank > 2 ? a.rank - 2 : 0, b_batch = b.rank > 2 ? b.rank - 2 : 0;
    batch_rank_ = std::max(a_batch, b_batch);
    uint64_t a_step = 1, b_step = 1;
    for (uint32_t i = 0; i < batch_rank_; ++i) {
      const uint64_t a_dim = i < a_batch ? a.dims[a_batch - 1 - i] : 1,
                     b_dim = i < b_batch ? b.dims[b_batch - 1 - i] : 1;
      dims_[i] = a_dim == 1 ? b_dim : a_dim;
      a_steps_[i] = a_dim == 1 ? 0 : a_step;
      b_steps_[i] = b_dim == 1 ? 0 : b_step;
      a_step *= a_dim;
      b_step *= b_dim;
      batches_ *= dims_[i];
    }
    visit_number(n.out().dtype, [&](auto v) { product_row_ = product_row<decltype(v)>; });
  }

  void run(const Run& r) const override {
    if (shape_.columns == 0) return;
    const uint64_t cost = std::max<uint64_t>(1, shape_.depth * shape_.columns);
    r.team.split(batches_ * shape_.rows, std::max<uint64_t>(1, kGrain / cost),
                 [&](uint64_t begin, uint64_t end, unsigned) {
                   for (uint64_t i = begin; i < end; ++i) {
                     uint64_t batch = i / shape_.rows, a = 0, b = 0;
                     std::byte* c = r.outputs[0] + batch * shape_.rows * shape_.columns * bytes_;
                     for (uint32_t k = 0; k < batch_rank_; batch /= dims_[k], ++k) {
                       a += batch % dims_[k] * a_steps_[k];
                       b += batch % dims_[k] * b_steps_[k];
                     }
                     product_row_(shape_, r.inputs[0] + a * a_size_ * bytes_, r.inputs[1] + b * b_size_ * bytes_, c,
                                  i % shape_.rows);
                   }
                 });
  }

 private:
  Shape shape_;
  uint64_t bytes_, a_size_, b_size_, batches_ = 1;
  uint32_t batch_rank_ = 0;
  uint64_t dims_[RLX_MAX_RANK] = {}, a_steps_[RLX_MAX_RANK] = {}, b_steps_[RLX_MAX_RANK] = {};
  void (*product_row_)(const Shape&, const std::byte*, const std::byte*, std::byte*, uint64_t) = nullptr;
};

}  // namespace

Claim claim_matmul_plain(const NodeView& n, const CpuInfo&) {
  const bool known = visit_number(n.out().dtype, [](auto) {});
  return known ? Claim::native() : Claim::no(dtype_reason(n.out().dtype));
}

std::unique_ptr<Kernel> make_matmul_plain(MakeContext& m) {
  return std::make_unique<PlainMatmul>(m.node);
}

}  // namespace rlx::cpu::kernels
