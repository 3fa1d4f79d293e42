// Bytes, literals and attribute maps.

#include <rlx/attribute.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "status/format.hpp"

namespace rlx {
namespace {

constexpr size_t kAlignment = 64;

std::shared_ptr<void> aligned_bytes(size_t size) {
  const size_t rounded = (std::max<size_t>(size, 1) + kAlignment - 1) / kAlignment * kAlignment;
  void* p = std::aligned_alloc(kAlignment, rounded);
  if (p == nullptr) throw std::bad_alloc();
  return {p, std::free};
}

}  // namespace

std::string to_string(const TensorType& type, std::span<const std::string> symbols) {
  return std::string(name_of(type.dtype)) + to_string(type.shape, symbols);
}

Bytes Bytes::copy(const void* data, size_t size) {
  std::shared_ptr<void> memory = aligned_bytes(size);
  if (size > 0) std::memcpy(memory.get(), data, size);
  const void* p = memory.get();
  return Bytes(std::move(memory), p, size);
}

Bytes Bytes::allocate(size_t size, std::byte** out_data) {
  std::shared_ptr<void> memory = aligned_bytes(size);
  if (size > 0) std::memset(memory.get(), 0, size);
  *out_data = static_cast<std::byte*>(memory.get());
  const void* p = memory.get();
  return Bytes(std::move(memory), p, size);
}

bool operator==(const Literal& a, const Literal& b) {
  if (a.type != b.type || a.bytes.size() != b.bytes.size()) return false;
  return a.bytes.data() == b.bytes.data() || a.bytes.size() == 0 ||
         std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0;
}

Result<std::vector<int64_t>> to_i64s(const Literal& literal) {
  const auto n = static_cast<size_t>(literal.type.shape.elements());
  std::vector<int64_t> out(n);
  auto copy_from = [&](auto zero) {
    using T = decltype(zero);
    for (size_t i = 0; i < n; ++i) {
      T v;
      std::memcpy(&v, literal.bytes.data() + i * sizeof(T), sizeof v);
      out[i] = static_cast<int64_t>(v);
    }
  };
  switch (literal.type.dtype) {
    case DType::kI64:
      copy_from(int64_t{});
      break;
    case DType::kI32:
      copy_from(int32_t{});
      break;
    case DType::kI16:
      copy_from(int16_t{});
      break;
    case DType::kI8:
      copy_from(int8_t{});
      break;
    case DType::kU64:
      copy_from(uint64_t{});
      break;
    case DType::kU32:
      copy_from(uint32_t{});
      break;
    case DType::kU16:
      copy_from(uint16_t{});
      break;
    case DType::kU8:
    case DType::kBool:
      copy_from(uint8_t{});
      break;
    default:
      return fail(Code::kInvalidArgument, "expected integers, got {}", to_string(literal.type));
  }
  return out;
}

void Attrs::set(std::string_view name, AttrValue value) {
  auto it = std::lower_bound(entries_.begin(), entries_.end(), name,
                             [](const Entry& e, std::string_view n) { return e.first < n; });
  if (it != entries_.end() && it->first == name) {
    it->second = std::move(value);
  } else {
    entries_.emplace(it, std::string(name), std::move(value));
  }
}

void Attrs::erase(std::string_view name) {
  std::erase_if(entries_, [&](const Entry& e) { return e.first == name; });
}

const AttrValue* Attrs::find(std::string_view name) const {
  auto it = std::lower_bound(entries_.begin(), entries_.end(), name,
                             [](const Entry& e, std::string_view n) { return e.first < n; });
  return it != entries_.end() && it->first == name ? &it->second : nullptr;
}

namespace {
template <typename T>
const T& get_or_empty(const AttrValue* value) {
  static const T empty{};
  const T* t = value ? std::get_if<T>(value) : nullptr;
  return t ? *t : empty;
}
}  // namespace

const std::string& Attrs::str(std::string_view name) const {
  return get_or_empty<std::string>(find(name));
}
const std::vector<int64_t>& Attrs::ints(std::string_view name) const {
  return get_or_empty<std::vector<int64_t>>(find(name));
}
const std::vector<double>& Attrs::floats(std::string_view name) const {
  return get_or_empty<std::vector<double>>(find(name));
}

bool operator==(const Attrs& a, const Attrs& b) {
  return a.entries() == b.entries();
}

}  // namespace rlx
