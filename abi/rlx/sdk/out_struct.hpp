// Structs of the ABI grow at their end: the caller's may be of an earlier or a later minor than the plugin's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace rlx::sdk {

// Gives value to a caller who set out->struct_size: no more is written than the caller has.
template <typename Struct>
void write_out(Struct* out, Struct value) {
  value.struct_size = out->struct_size;
  std::memcpy(out, &value, std::min<size_t>(sizeof value, out->struct_size));
}

}  // namespace rlx::sdk
