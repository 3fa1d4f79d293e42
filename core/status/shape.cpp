// Checked construction, broadcasting and printing of shapes.

#include <rlx/shape.hpp>

#include <optional>

#include "status/format.hpp"

namespace rlx {
namespace {

constexpr int64_t kMaxElements = int64_t{1} << 62;

// The common size of two dims, or nullopt when two static dims differ.
std::optional<int64_t> common_dim(int64_t a, int64_t b) {
  if (a == b) return a;
  if (a == 1) return b;
  if (b == 1) return a;
  if (is_static(a) && is_static(b)) return std::nullopt;
  if (is_static(a)) return a;
  if (is_static(b)) return b;
  return kUnknownDim;
}

}  // namespace

Result<Shape> Shape::make(std::span<const int64_t> dims) {
  if (dims.size() > kMaxRank)
    return fail(Code::kInvalidArgument, "rank {} is above the limit of {}", dims.size(), kMaxRank);
  const Shape shape(dims);
  int64_t elements = 1;
  for (int64_t d : dims) {
    if (!rlx::is_static(d)) continue;
    if (d == 0) return shape;
  }
  for (int64_t d : dims) {
    if (!rlx::is_static(d)) continue;
    if (d > kMaxElements / elements)
      return fail(Code::kInvalidArgument, "shape {} has more than 2^62 elements", to_string(shape));
    elements *= d;
  }
  return shape;
}

Result<Shape> broadcast(const Shape& a, const Shape& b) {
  const Shape& wide = a.rank() >= b.rank() ? a : b;
  const Shape& narrow = a.rank() >= b.rank() ? b : a;
  const size_t offset = wide.rank() - narrow.rank();
  Shape out = wide;
  for (size_t i = 0; i < narrow.rank(); ++i) {
    const auto dim = common_dim(wide[offset + i], narrow[i]);
    if (!dim) return fail(Code::kInvalidArgument, "shapes {} and {} do not broadcast", to_string(a), to_string(b));
    out[offset + i] = *dim;
  }
  return Shape::make(out.dims());
}

std::string to_string(const Shape& shape, std::span<const std::string> symbols) {
  std::string s = "[";
  for (size_t i = 0; i < shape.rank(); ++i) {
    if (i) s += ", ";
    const int64_t d = shape[i];
    if (is_static(d)) {
      s += std::to_string(d);
    } else if (d == kUnknownDim) {
      s += "?";
    } else if (symbol_index(d) < symbols.size()) {
      s += symbols[symbol_index(d)];
    } else {
      s += "s" + std::to_string(symbol_index(d));
    }
  }
  return s + "]";
}

}  // namespace rlx
