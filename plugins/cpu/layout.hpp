// Where the elements of a tensor lie in memory. The program speaks of dense row-major tensors only; between
// convolutions and their neighbours the compiler keeps activations in the order the kernels like best.
#pragma once

#include <rlx/sdk/program_view.hpp>

#include <cstdint>

namespace rlx::cpu {

// Beyond kPlain the tensor has rank 3 to 5 and axis 1 is the channel.
enum class Layout : uint8_t {
  kPlain,         // row-major
  kChannelsLast,  // N, spatial, C
  kBlocked8,      // N, C/8, spatial, 8: channels padded to a multiple of 8; the padding holds zeros
  kBlocked16,     // the same with 16
};

// How many channels lie together; 0 when the layout has no blocks.
constexpr uint64_t block_of(Layout layout) {
  return layout == Layout::kBlocked8 ? 8 : layout == Layout::kBlocked16 ? 16 : 0;
}

// Bytes a tensor takes in a layout, padding included.
inline uint64_t layout_bytes(const rlx_tensor& t, Layout layout) {
  const uint64_t block = block_of(layout);
  if (block == 0 || t.dims[1] == 0) return t.size_bytes;
  return t.size_bytes / t.dims[1] * ((t.dims[1] + block - 1) / block * block);
}

// True when the layout holds nothing but the elements, so that a kernel may treat it as a flat array.
inline bool is_dense(const rlx_tensor& t, Layout layout) {
  return layout_bytes(t, layout) == t.size_bytes;
}

}  // namespace rlx::cpu
