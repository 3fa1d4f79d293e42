// See text.hpp.
#include "graph/text.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace rlx::text {
namespace {

constexpr int64_t kMostReadable = 16;
constexpr std::string_view kBits = "bits.";
constexpr char kDigits[] = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

template <typename T>
std::string shortest(T v) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v);
  return std::string(buffer, end.ptr);
}

template <typename T>
bool parse_whole(std::string_view word, T* out) {
  const auto end = std::from_chars(word.data(), word.data() + word.size(), *out);
  return end.ec == std::errc() && end.ptr == word.data() + word.size();
}

// Reads back to the same bits: every number, and the two NaNs that "nan" and "-nan" name.
template <typename T>
bool is_plain(T v) {
  T back;
  return parse_whole(std::string_view(shortest(v)), &back) && std::memcmp(&v, &back, sizeof v) == 0;
}

template <typename T>
bool append(std::string_view word, std::string* out) {
  T v;
  if (!parse_whole(word, &v)) return false;
  out->append(reinterpret_cast<const char*>(&v), sizeof v);
  return true;
}

template <typename T>
bool list(const Bytes& bytes, std::string* out) {
  for (size_t at = 0; at < bytes.size(); at += sizeof(T)) {
    T v;
    std::memcpy(&v, bytes.data() + at, sizeof v);
    if constexpr (std::is_floating_point_v<T>) {
      if (!is_plain(v)) return false;
    }
    *out += (at > 0 ? ", " : "") + shortest(v);
  }
  return true;
}

bool list_bools(const Bytes& bytes, std::string* out) {
  for (size_t at = 0; at < bytes.size(); ++at) {
    const auto v = std::to_integer<int>(bytes.data()[at]);
    if (v > 1) return false;
    *out += at > 0 ? ", " : "";
    *out += v ? "1" : "0";
  }
  return true;
}

// False where hex is the only exact or the shorter form.
bool readable(const Literal& literal, std::string* out) {
  if (literal.type.shape.elements() > kMostReadable) return false;
  switch (literal.type.dtype) {
    case DType::kF32:
      return list<float>(literal.bytes, out);
    case DType::kF64:
      return list<double>(literal.bytes, out);
    case DType::kI8:
      return list<int8_t>(literal.bytes, out);
    case DType::kI16:
      return list<int16_t>(literal.bytes, out);
    case DType::kI32:
      return list<int32_t>(literal.bytes, out);
    case DType::kI64:
      return list<int64_t>(literal.bytes, out);
    case DType::kU8:
      return list<uint8_t>(literal.bytes, out);
    case DType::kU16:
      return list<uint16_t>(literal.bytes, out);
    case DType::kU32:
      return list<uint32_t>(literal.bytes, out);
    case DType::kU64:
      return list<uint64_t>(literal.bytes, out);
    case DType::kBool:
      return list_bools(literal.bytes, out);
    case DType::kF16:
    case DType::kBF16:
    case DType::kC64:
      return false;
  }
  return false;
}

}  // namespace

std::string quoted(std::string_view s) {
  std::string out = "\"";
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool unquote(std::string_view inside, std::string* out) {
  out->clear();
  for (size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] != '\\') {
      *out += inside[i];
      continue;
    }
    if (++i == inside.size()) return false;
    if (inside[i] == 'x') {
      const int high = i + 2 < inside.size() ? hex_value(inside[i + 1]) : -1;
      const int low = i + 2 < inside.size() ? hex_value(inside[i + 2]) : -1;
      if (high < 0 || low < 0) return false;
      *out += static_cast<char>(high << 4 | low);
      i += 2;
    } else if (inside[i] == 'n' || inside[i] == 't') {
      *out += inside[i] == 'n' ? '\n' : '\t';
    } else if (inside[i] == '"' || inside[i] == '\\') {
      *out += inside[i];
    } else {
      return false;
    }
  }
  return true;
}

bool is_plain_name(std::string_view s) {
  if (s.empty() || (s[0] >= '0' && s[0] <= '9')) return false;
  for (const char c : s) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

std::string number(double v) {
  if (is_plain(v)) return shortest(v);
  uint64_t bits;
  std::memcpy(&bits, &v, sizeof bits);
  char buffer[16];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, bits, 16);
  return std::string(kBits) + std::string(buffer, end.ptr);
}

bool parse_number(std::string_view word, double* out) {
  if (word.substr(0, kBits.size()) != kBits) return parse_whole(word, out);
  word.remove_prefix(kBits.size());
  uint64_t bits;
  const auto end = std::from_chars(word.data(), word.data() + word.size(), bits, 16);
  if (end.ec != std::errc() || end.ptr != word.data() + word.size()) return false;
  std::memcpy(out, &bits, sizeof bits);
  return true;
}

bool parse_number(std::string_view word, int64_t* out) {
  return parse_whole(word, out);
}

std::string elements(const Literal& literal) {
  std::string out = "{";
  if (readable(literal, &out)) return out + "}";
  out = "hex \"";
  out.reserve(out.size() + 2 * literal.bytes.size() + 1);
  for (size_t i = 0; i < literal.bytes.size(); ++i) {
    const auto byte = std::to_integer<unsigned>(literal.bytes.data()[i]);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out + '"';
}

bool parse_element(std::string_view word, DType dtype, std::string* out) {
  switch (dtype) {
    case DType::kF32:
      return append<float>(word, out);
    case DType::kF64:
      return append<double>(word, out);
    case DType::kI8:
      return append<int8_t>(word, out);
    case DType::kI16:
      return append<int16_t>(word, out);
    case DType::kI32:
      return append<int32_t>(word, out);
    case DType::kI64:
      return append<int64_t>(word, out);
    case DType::kU8:
      return append<uint8_t>(word, out);
    case DType::kU16:
      return append<uint16_t>(word, out);
    case DType::kU32:
      return append<uint32_t>(word, out);
    case DType::kU64:
      return append<uint64_t>(word, out);
    case DType::kBool:
      if (word != "0" && word != "1") return false;
      *out += word == "1" ? '\1' : '\0';
      return true;
    case DType::kF16:
    case DType::kBF16:
    case DType::kC64:
      return false;
  }
  return false;
}

bool parse_hex(std::string_view digits, std::byte* out) {
  if (digits.size() % 2 != 0) return false;
  for (size_t i = 0; i < digits.size(); i += 2) {
    const int high = hex_value(digits[i]), low = hex_value(digits[i + 1]);
    if (high < 0 || low < 0) return false;
    *out++ = static_cast<std::byte>(high << 4 | low);
  }
  return true;
}

}  // namespace rlx::text
