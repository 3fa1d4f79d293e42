#include "runtime/padding.hpp"

#include <algorithm>
#include <cstring>

namespace rlx {
namespace {

// Copies the common leading corner row by row.
void copy_corner(const Shape& from, const void* src, const Shape& to, void* dst, size_t element) {
  const size_t rank = from.rank();
  if (rank == 0) {
    std::memcpy(dst, src, element);
    return;
  }
  Shape corner = from;
  for (size_t i = 0; i < rank; ++i) corner[i] = std::min(from[i], to[i]);
  if (corner.elements() == 0) return;
  const size_t row = static_cast<size_t>(corner[rank - 1]) * element;
  const auto from_strides = from.strides(), to_strides = to.strides();
  const int64_t rows = corner.elements() / corner[rank - 1];
  std::array<int64_t, kMaxRank> at{};
  for (int64_t r = 0; r < rows; ++r) {
    int64_t src_at = 0, dst_at = 0;
    for (size_t i = 0; i + 1 < rank; ++i) {
      src_at += at[i] * from_strides[i];
      dst_at += at[i] * to_strides[i];
    }
    std::memcpy(static_cast<char*>(dst) + static_cast<size_t>(dst_at) * element,
                static_cast<const char*>(src) + static_cast<size_t>(src_at) * element, row);
    for (size_t i = rank - 1; i-- > 0;) {
      if (++at[i] < corner[i]) break;
      at[i] = 0;
    }
  }
}

Result<Tensor> corner(const TensorView& value, const Shape& shape, bool larger) {
  const auto fail = [&] {
    return error(Code::kInvalidArgument, std::string(larger ? "pad " : "cut ") + to_string(value.type) + " to shape " +
                                             to_string(shape) + ": not possible");
  };
  const Shape& from = value.type.shape;
  if (from.rank() != shape.rank()) return fail();
  for (size_t i = 0; i < shape.rank(); ++i)
    if (larger ? shape[i] < from[i] : shape[i] > from[i]) return fail();
  RLX_ASSIGN(Tensor out, Tensor::zeros(value.type.dtype, shape));
  copy_corner(from, value.data, shape, out.data(), size_of(value.type.dtype));
  return out;
}

}  // namespace

Result<Tensor> pad_to(const TensorView& value, const Shape& shape) {
  return corner(value, shape, true);
}

Result<Tensor> cut_to(const TensorView& value, const Shape& shape) {
  return corner(value, shape, false);
}

}  // namespace rlx
