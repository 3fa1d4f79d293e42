// Bytes, literals and attribute maps.
#include <rlx/attribute.hpp>

#include "status/format.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace rlx {
namespace {

constexpr size_t kAlignment = 64;

bool same_bits(double a, double b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

// Floats are compared by their bits: a NaN equals itself and 0 differs from -0, as a cache key needs it.
struct SameValue {
  bool operator()(const std::vector<double>& a, const std::vector<double>& b) const {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_bits);
  }
  bool operator()(double a, double b) const { return same_bits(a, b); }
  template <typename T>
  bool operator()(const T& a, const T& b) const {
    return a == b;
  }
  template <typename T, typename U>
  bool operator()(const T&, const U&) const {
    return false;
  }
};

bool same_value(const AttrValue& a, const AttrValue& b) {
  return std::visit(SameValue(), a, b);
}

template <typename T>
const T& value_or_empty(const Attrs& attrs, std::string_view name) {
  static const T empty;
  const AttrValue* value = attrs.find(name);
  const T* typed = value ? std::get_if<T>(value) : nullptr;
  return typed ? *typed : empty;
}

template <typename T>
std::vector<int64_t> widened(const Bytes& bytes) {
  // The bytes may lie in a mapped file at any alignment.
  std::vector<int64_t> out(bytes.size() / sizeof(T));
  for (size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    out[i] = static_cast<int64_t>(value);
  }
  return out;
}

auto lower_bound(auto& entries, std::string_view name) {
  return std::lower_bound(entries.begin(), entries.end(), name,
                          [](const Attrs::Entry& entry, std::string_view n) { return entry.first.compare(n) < 0; });
}

}  // namespace

std::string to_string(const TensorType& type, std::span<const std::string> symbols) {
  return std::string(name_of(type.dtype)) + to_string(type.shape, symbols);
}

Bytes Bytes::copy(const void* data, size_t size) {
  std::byte* to = nullptr;
  Bytes bytes = allocate(size, &to);
  if (size > 0) std::memcpy(to, data, size);
  return bytes;
}

Bytes Bytes::allocate(size_t size, std::byte** out_data) {
  const auto alignment = std::align_val_t(kAlignment);
  // At least one byte, so that data() is never null.
  std::shared_ptr<void> owner(::operator new(std::max<size_t>(size, 1), alignment),
                              [](void* p) { ::operator delete(p, std::align_val_t(kAlignment)); });
  std::memset(owner.get(), 0, size);
  *out_data = static_cast<std::byte*>(owner.get());
  return Bytes(owner, owner.get(), size);
}

bool operator==(const Literal& a, const Literal& b) {
  if (a.type != b.type || a.bytes.size() != b.bytes.size()) return false;
  return a.bytes.data() == b.bytes.data() || a.bytes.size() == 0 ||
         std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0;
}

Result<std::vector<int64_t>> to_i64s(const Literal& literal) {
  switch (literal.type.dtype) {
    case DType::kI8:
      return widened<int8_t>(literal.bytes);
    case DType::kI16:
      return widened<int16_t>(literal.bytes);
    case DType::kI32:
      return widened<int32_t>(literal.bytes);
    case DType::kI64:
      return widened<int64_t>(literal.bytes);
    case DType::kU8:
    case DType::kBool:
      return widened<uint8_t>(literal.bytes);
    case DType::kU16:
      return widened<uint16_t>(literal.bytes);
    case DType::kU32:
      return widened<uint32_t>(literal.bytes);
    case DType::kU64:
      return widened<uint64_t>(literal.bytes);
    default:
      return fail(Code::kInvalidArgument, "literal has dtype {}, needs an integer", name_of(literal.type.dtype));
  }
}

void Attrs::set(std::string_view name, AttrValue value) {
  const auto at = lower_bound(entries_, name);
  if (at != entries_.end() && at->first == name) {
    at->second = std::move(value);
  } else {
    entries_.emplace(at, std::string(name), std::move(value));
  }
}

void Attrs::erase(std::string_view name) {
  const auto at = lower_bound(entries_, name);
  if (at != entries_.end() && at->first == name) entries_.erase(at);
}

const AttrValue* Attrs::find(std::string_view name) const {
  const auto at = lower_bound(entries_, name);
  return at != entries_.end() && at->first == name ? &at->second : nullptr;
}

const std::string& Attrs::str(std::string_view name) const {
  return value_or_empty<std::string>(*this, name);
}
const std::vector<int64_t>& Attrs::ints(std::string_view name) const {
  return value_or_empty<std::vector<int64_t>>(*this, name);
}
const std::vector<double>& Attrs::floats(std::string_view name) const {
  return value_or_empty<std::vector<double>>(*this, name);
}

bool operator==(const Attrs& a, const Attrs& b) {
  return std::equal(a.entries().begin(), a.entries().end(), b.entries().begin(), b.entries().end(),
                    [](const Attrs::Entry& x, const Attrs::Entry& y) {
                      return x.first == y.first && same_value(x.second, y.second);
                    });
}

}  // namespace rlx
