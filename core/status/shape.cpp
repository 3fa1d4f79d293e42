// Shapes from untrusted dims, broadcasting and text.
#include "status/format.hpp"

#include <rlx/shape.hpp>

namespace rlx {
namespace {

std::string join(std::span<const int64_t> dims) {
  std::string text;
  for (const int64_t d : dims) text += (text.empty() ? "" : ", ") + std::to_string(d);
  return text;
}

// One dim of a broadcast; false when two static dims do not fit.
bool broadcast_dim(int64_t a, int64_t b, int64_t* out) {
  if (a == b || b == 1) {
    *out = a;
  } else if (a == 1) {
    *out = b;
  } else if (is_static(a) && is_static(b)) {
    return false;
  } else if (is_static(a) || is_static(b)) {
    *out = is_static(a) ? a : b;
  } else {
    *out = kUnknownDim;
  }
  return true;
}

}  // namespace

Result<Shape> Shape::make(std::span<const int64_t> dims) {
  if (dims.size() > kMaxRank) return fail(Code::kInvalidArgument, "rank {} is above {}", dims.size(), kMaxRank);
  // Zeros are left out of the product, so that strides and products in any order stay in range too.
  int64_t product = 1;
  for (const int64_t d : dims) {
    if (d > kMaxElements)
      return fail(Code::kInvalidArgument, "dim {} in [{}] is above the limit of {}", d, join(dims), kMaxElements);
    if (d <= 0) continue;
    if (product > kMaxElements / d)
      return fail(Code::kInvalidArgument, "shape [{}] has more than {} elements", join(dims), kMaxElements);
    product *= d;
  }
  return Shape(dims);
}

Result<Shape> broadcast(const Shape& a, const Shape& b) {
  const Shape& longer = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  const size_t offset = longer.rank() - shorter.rank();
  Shape out = longer;
  for (size_t i = 0; i < shorter.rank(); ++i) {
    if (!broadcast_dim(longer[offset + i], shorter[i], &out[offset + i]))
      return fail(Code::kInvalidArgument, "shapes {} and {} do not broadcast", to_string(a), to_string(b));
  }
  return Shape::make(out.dims());
}

std::string to_string(const Shape& shape, std::span<const std::string> symbols) {
  std::string text = "[";
  for (size_t i = 0; i < shape.rank(); ++i) {
    const int64_t d = shape[i];
    if (i > 0) text += ", ";
    if (is_static(d)) {
      text += std::to_string(d);
    } else if (!is_symbol(d)) {
      text += '?';
    } else if (symbol_index(d) < symbols.size()) {
      text += symbols[symbol_index(d)];
    } else {
      text += 's' + std::to_string(symbol_index(d));
    }
  }
  return text + "]";
}

}  // namespace rlx
