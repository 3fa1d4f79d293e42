// Shapes of rank 0 to 8. A dim is static (>= 0), unknown (kUnknownDim) or a symbol of a graph (symbol_dim(k), k indexes
// Graph::symbols). Trivially copyable; no allocation.
#pragma once

#include <rlx/base.h>
#include <rlx/status.hpp>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace rlx {

inline constexpr size_t kMaxRank = RLX_MAX_RANK;
// So few that the bytes of any tensor, and sums of a few of them, fit int64_t.
inline constexpr int64_t kMaxElements = int64_t{1} << 58;
inline constexpr int64_t kUnknownDim = -1;
constexpr int64_t symbol_dim(uint32_t symbol) {
  return -2 - static_cast<int64_t>(symbol);
}
constexpr bool is_symbol(int64_t dim) {
  return dim <= -2;
}
constexpr uint32_t symbol_index(int64_t dim) {
  return static_cast<uint32_t>(-2 - dim);
}
constexpr bool is_static(int64_t dim) {
  return dim >= 0;
}

class Shape {
 public:
  Shape() = default;
  // Of more than kMaxRank dims the first kMaxRank. Use make() for untrusted input: it refuses them.
  Shape(std::initializer_list<int64_t> dims);
  explicit Shape(std::span<const int64_t> dims);

  // Errors: rank above kMaxRank, dims or product of the non-zero dims above kMaxElements.
  RLX_API static Result<Shape> make(std::span<const int64_t> dims);

  size_t rank() const { return rank_; }
  int64_t operator[](size_t i) const { return dims_[i]; }
  int64_t& operator[](size_t i) { return dims_[i]; }
  std::span<const int64_t> dims() const { return {dims_.data(), rank_}; }
  const int64_t* begin() const { return dims_.data(); }
  const int64_t* end() const { return dims_.data() + rank_; }
  void push_back(int64_t dim);
  void insert(size_t at, int64_t dim);
  void erase(size_t at);

  bool is_static() const;
  // Product of the dims, 1 for rank 0. Only for static shapes.
  int64_t elements() const;
  // Row-major element strides.
  std::array<int64_t, kMaxRank> strides() const;

  friend bool operator==(const Shape& a, const Shape& b) {
    if (a.rank_ != b.rank_) return false;
    for (size_t i = 0; i < a.rank_; ++i)
      if (a.dims_[i] != b.dims_[i]) return false;
    return true;
  }
  friend bool operator!=(const Shape& a, const Shape& b) { return !(a == b); }

 private:
  std::array<int64_t, kMaxRank> dims_{};
  uint8_t rank_ = 0;
};

// numpy broadcasting. A static 1 yields the other dim; equal dims stay; an unknown or symbolic dim meets a static n > 1
// as n; two different symbols are unknown. Errors: two static dims that do not fit, naming both shapes.
RLX_API Result<Shape> broadcast(const Shape& a, const Shape& b);

// "[2, 4]"; symbols print as the given names, or s0, s1, ...; unknown as ?.
RLX_API std::string to_string(const Shape& shape, std::span<const std::string> symbols = {});

// ---- inline
// ----------------------------------------------------------------------------------------------------------

inline Shape::Shape(std::initializer_list<int64_t> dims) : Shape(std::span<const int64_t>(dims.begin(), dims.size())) {}
inline Shape::Shape(std::span<const int64_t> dims) {
  for (int64_t d : dims) push_back(d);
}
inline void Shape::push_back(int64_t dim) {
  if (rank_ < kMaxRank) dims_[rank_++] = dim;
}
inline void Shape::insert(size_t at, int64_t dim) {
  if (rank_ >= kMaxRank) return;
  for (size_t i = rank_; i > at; --i) dims_[i] = dims_[i - 1];
  dims_[at] = dim;
  ++rank_;
}
inline void Shape::erase(size_t at) {
  for (size_t i = at; i + 1 < rank_; ++i) dims_[i] = dims_[i + 1];
  --rank_;
}
inline bool Shape::is_static() const {
  for (size_t i = 0; i < rank_; ++i)
    if (dims_[i] < 0) return false;
  return true;
}
inline int64_t Shape::elements() const {
  int64_t n = 1;
  for (size_t i = 0; i < rank_; ++i) n *= dims_[i];
  return n;
}
inline std::array<int64_t, kMaxRank> Shape::strides() const {
  std::array<int64_t, kMaxRank> s{};
  int64_t n = 1;
  for (size_t i = rank_; i-- > 0;) {
    s[i] = n;
    n *= dims_[i];
  }
  return s;
}

}  // namespace rlx
