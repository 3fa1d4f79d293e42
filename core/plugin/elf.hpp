// A bounded view of an ELF64 shared object of this machine. Nothing in the file is believed: every offset and size is
// checked against the bytes at hand before it is used, so any input is safe. Pure; borrows the bytes.
#pragma once

#include "plugin/verdict.hpp"

#include <elf.h>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace rlx::plugin {

using Bytes = std::span<const std::byte>;

// The part [offset, offset + size) of bytes, or nullopt when it does not lie inside.
inline std::optional<Bytes> part(Bytes bytes, uint64_t offset, uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
  return bytes.subspan(static_cast<size_t>(offset), static_cast<size_t>(size));
}

// Copies, because nothing in a file is aligned for sure.
template <typename T>
std::optional<T> read_at(Bytes bytes, uint64_t offset) {
  const std::optional<Bytes> source = part(bytes, offset, sizeof(T));
  if (!source) return std::nullopt;
  T value;
  std::memcpy(&value, source->data(), sizeof value);
  return value;
}

class ElfView {
 public:
  // kNotAPlugin: no ELF file, or no shared object. kWrongArch: another class, byte order or machine. kTruncated: a
  // header or segment lies outside of the file.
  static Checked<ElfView> parse(Bytes file);

  // Segments of one type (PT_NOTE, ...), in file order; all lie inside the file.
  struct Segment {
    Elf64_Phdr header;
    Bytes bytes;
  };
  const std::vector<Segment>& segments() const { return segments_; }
  // File bytes that the loader maps at a virtual address, up to the end of that segment; nullopt if there are none.
  std::optional<Bytes> at_address(uint64_t address) const;

 private:
  std::vector<Segment> segments_;
};

// The DT_NEEDED names of a shared object, and its DT_RUNPATH or DT_RPATH. Empty when the dynamic section is damaged.
// The texts point into the file's bytes.
struct DynamicInfo {
  std::vector<std::string_view> needed;
  std::string_view run_path;
};
DynamicInfo read_dynamic(const ElfView& elf);

}  // namespace rlx::plugin
