// What the arena table does with tensors that lie in host memory, for contexts that the host itself executes. A memory
// has range(tensor, offset, bytes): where these bytes are, or an error.
#pragma once

#include <rlx/tensor.hpp>

#include <cstring>

namespace rlx {

// arena.write to a tensor of dtype own.
template <typename Memory>
Status write_elements(const Memory& memory, uint32_t tensor, DType own, DType given, const void* src, uint64_t bytes,
                      uint64_t first) {
  const uint64_t count = bytes / size_of(given);
  RLX_ASSIGN(std::byte* const dst, memory.range(tensor, first * size_of(own), count * size_of(own)));
  convert(given, src, own, dst, count);
  return {};
}

// arena.read of a tensor of dtype own.
template <typename Memory>
Status read_elements(const Memory& memory, uint32_t tensor, DType own, DType wanted, void* dst, uint64_t bytes,
                     uint64_t first) {
  const uint64_t count = bytes / size_of(wanted);
  RLX_ASSIGN(const std::byte* const src, memory.range(tensor, first * size_of(own), count * size_of(own)));
  convert(own, src, wanted, dst, count);
  return {};
}

// arena.copy_range: the two may overlap.
template <typename Memory>
Status copy_bytes(const Memory& memory, uint32_t dst, uint64_t dst_offset, uint32_t src, uint64_t src_offset,
                  uint64_t bytes) {
  RLX_ASSIGN(const std::byte* const from, memory.range(src, src_offset, bytes));
  RLX_ASSIGN(std::byte* const to, memory.range(dst, dst_offset, bytes));
  if (bytes) std::memmove(to, from, bytes);
  return {};
}

}  // namespace rlx
