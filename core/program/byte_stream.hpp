// Little-endian numbers and length-prefixed text in a byte buffer. The reader remembers its first failure and returns
// zeros from then on, so that callers check once at the end of a group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace rlx {

class ByteWriter {
 public:
  void u32(uint32_t v) { number(v, 4); }
  void u64(uint64_t v) { number(v, 8); }
  void raw(const void* data, size_t bytes) {
    const auto* from = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), from, from + bytes);
  }
  void text(std::string_view s) {
    u32(static_cast<uint32_t>(s.size()));
    raw(s.data(), s.size());
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  void number(uint64_t v, int bytes) {
    for (int i = 0; i < bytes; ++i) bytes_.push_back(static_cast<std::byte>(v >> (8 * i) & 0xff));
  }
  std::vector<std::byte> bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : left_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return left_.empty(); }
  size_t left() const { return left_.size(); }
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  uint64_t u64() { return number(8); }
  std::span<const std::byte> raw(uint64_t bytes) {
    if (bytes > left_.size()) {
      ok_ = false;
      left_ = {};
      return {};
    }
    const auto taken = left_.first(static_cast<size_t>(bytes));
    left_ = left_.subspan(static_cast<size_t>(bytes));
    return taken;
  }
  std::string_view text() {
    const auto taken = raw(u32());
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  // A number of things that take at least so many bytes each: one that cannot be true is a failure, not an allocation.
  uint64_t count(uint64_t value, size_t bytes_each) {
    if (value <= left_.size() / bytes_each) return value;
    ok_ = false;
    left_ = {};
    return 0;
  }

 private:
  uint64_t number(size_t bytes) {
    uint64_t v = 0;
    const auto taken = raw(bytes);
    for (size_t i = 0; i < taken.size(); ++i) v |= uint64_t{std::to_integer<uint8_t>(taken[i])} << (8 * i);
    return v;
  }
  std::span<const std::byte> left_;
  bool ok_ = true;
};

}  // namespace rlx
