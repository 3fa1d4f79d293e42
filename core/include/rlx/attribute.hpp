// Attribute values of nodes, and literals: tensors whose bytes are part of the graph.
#pragma once

#include <rlx/dtype.hpp>
#include <rlx/shape.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rlx {

struct TensorType {
  DType dtype = DType::kF32;
  Shape shape;
  friend bool operator==(const TensorType& a, const TensorType& b) { return a.dtype == b.dtype && a.shape == b.shape; }
  friend bool operator!=(const TensorType& a, const TensorType& b) { return !(a == b); }
  // Only for static shapes.
  int64_t bytes() const { return shape.elements() * static_cast<int64_t>(size_of(dtype)); }
};

// "f32[2, 4]"
RLX_API std::string to_string(const TensorType& type, std::span<const std::string> symbols = {});

// Immutable bytes with shared ownership; may point into something larger (a mapped file, a protobuf message). Copies
// are cheap.
class Bytes {
 public:
  Bytes() = default;
  Bytes(std::shared_ptr<const void> owner, const void* data, size_t size)
      : owner_(std::move(owner)), data_(static_cast<const std::byte*>(data)), size_(size) {}
  // Copies; the data are aligned to 64 bytes.
  RLX_API static Bytes copy(const void* data, size_t size);
  // Zeroed and writable through out_data until the caller lets go of that pointer.
  RLX_API static Bytes allocate(size_t size, std::byte** out_data);

  const std::byte* data() const { return data_; }
  size_t size() const { return size_; }
  template <typename T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(data_), size_ / sizeof(T)};
  }

 private:
  std::shared_ptr<const void> owner_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

// A constant tensor; bytes.size() == type.bytes(), shape static.
struct Literal {
  TensorType type;
  Bytes bytes;

  template <typename T>
  static Literal of(DType dtype, Shape shape, std::span<const T> values) {
    return {{dtype, shape}, Bytes::copy(values.data(), values.size_bytes())};
  }
  static Literal scalar_f32(float v) { return of<float>(DType::kF32, {}, std::span<const float>(&v, 1)); }
  static Literal i64s(std::span<const int64_t> v) {
    return of<int64_t>(DType::kI64, {static_cast<int64_t>(v.size())}, v);
  }
};

// Equal type and bytes.
RLX_API bool operator==(const Literal& a, const Literal& b);
// The elements of an integer or bool literal as int64; INVALID_ARGUMENT for other dtypes.
RLX_API Result<std::vector<int64_t>> to_i64s(const Literal& literal);

enum class AttrType : uint8_t { kInt, kInts, kFloat, kFloats, kString, kDType, kLiteral };

// Alternatives in the order of AttrType. Booleans are ints 0 and 1.
using AttrValue = std::variant<int64_t, std::vector<int64_t>, double, std::vector<double>, std::string, DType, Literal>;

inline AttrType type_of(const AttrValue& v) {
  return static_cast<AttrType>(v.index());
}

// A small map sorted by name.
class Attrs {
 public:
  using Entry = std::pair<std::string, AttrValue>;

  Attrs() = default;
  Attrs(std::initializer_list<Entry> entries) {
    for (const Entry& e : entries) set(e.first, e.second);
  }

  RLX_API void set(std::string_view name, AttrValue value);
  RLX_API void erase(std::string_view name);
  RLX_API const AttrValue* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }

  // The value, or the default when it is absent or of another type.
  int64_t i(std::string_view name, int64_t absent = 0) const { return get<int64_t>(name, absent); }
  bool flag(std::string_view name) const { return i(name) != 0; }
  double f(std::string_view name, double absent = 0) const { return get<double>(name, absent); }
  DType dtype(std::string_view name, DType absent = DType::kF32) const { return get<DType>(name, absent); }
  RLX_API const std::string& str(std::string_view name) const;
  RLX_API const std::vector<int64_t>& ints(std::string_view name) const;
  RLX_API const std::vector<double>& floats(std::string_view name) const;
  const Literal* literal(std::string_view name) const {
    const AttrValue* v = find(name);
    return v ? std::get_if<Literal>(v) : nullptr;
  }

  const std::vector<Entry>& entries() const { return entries_; }
  bool empty() const { return entries_.empty(); }

 private:
  template <typename T>
  T get(std::string_view name, T absent) const {
    const AttrValue* v = find(name);
    const T* t = v ? std::get_if<T>(v) : nullptr;
    return t ? *t : absent;
  }
  std::vector<Entry> entries_;
};

// Floats are compared by their bits: a NaN equals itself, 0 differs from -0.
RLX_API bool operator==(const Attrs& a, const Attrs& b);

}  // namespace rlx
