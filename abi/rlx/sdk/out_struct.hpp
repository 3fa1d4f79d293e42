// Structs of the ABI grow at their end: the caller's may be of an earlier or a later minor than the plugin's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace rlx::sdk {

// Gives value to a caller who set out->struct_size: no more is written than the caller has.
template <typename Struct>
void write_out(Struct* out, Struct value) {
  value.struct_size = out->struct_size;
  std::memcpy(out, &value, std::min<size_t>(sizeof value, out->struct_size));
}

// Gives as many values as the caller has room for, whose elements lie stride bytes apart, and their true count.
template <typename Struct>
void write_out(Struct* out, uint64_t capacity, uint64_t stride, uint64_t* out_count,
               const std::vector<Struct>& values) {
  for (size_t i = 0; i < std::min<uint64_t>(capacity, values.size()); ++i)
    std::memcpy(reinterpret_cast<std::byte*>(out) + i * stride, &values[i], std::min<uint64_t>(sizeof(Struct), stride));
  *out_count = values.size();
}

}  // namespace rlx::sdk
