// How a product of matrices is cut into tiles (device/matmul.hpp).
#pragma once

#include "emitter.hpp"

namespace rlx::simt {

struct Tiling {
  uint32_t tile, across, threads, shared_bytes;  // across: tiles along the columns
  uint64_t tiles;                                // of all batches

  Tiling(uint64_t rows, uint64_t columns, uint64_t batches, rlx_dtype dtype) {
    constexpr uint64_t kStep = 16, kPerThread = 4;  // of device/matmul.hpp
    // From this many outputs on the large tile has more reuse than it wastes.
    constexpr uint64_t kLargeOutput = 128 * 128;
    const bool wide = dtype != RLX_DTYPE_F32 && dtype != RLX_DTYPE_F16 && dtype != RLX_DTYPE_BF16;
    const uint64_t accumulator_bytes = wide ? 8 : 4;
    const uint64_t size = rows * columns >= kLargeOutput ? 64 : 32;
    tile = static_cast<uint32_t>(size);
    across = static_cast<uint32_t>((columns + size - 1) / size);
    threads = static_cast<uint32_t>(size / kPerThread * (size / kPerThread));
    shared_bytes = static_cast<uint32_t>(2 * kStep * (size + 1) * accumulator_bytes);
    tiles = (rows + size - 1) / size * across * batches;
  }
  std::string body(const char* kernel, rlx_dtype dtype) const {
    return std::string(kernel) + "<" + type_name(dtype) + ", " + std::to_string(tile) + ">";
  }
};

}  // namespace rlx::simt
