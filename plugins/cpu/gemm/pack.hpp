// Packed operands of a product: see gemm.hpp for the panels of b. A block of a is cut into tiles of at most
// gemm_shape().rows rows, each of them column by column, so that a register tile reads both operands forwards.
#pragma once

#include <cstdint>

namespace rlx::cpu {

struct GemmArgs;

// Evenly sized pieces: piece i of count in total starts here.
constexpr uint64_t piece(uint64_t total, uint64_t count, uint64_t i) {
  return total * i / count;
}

// Tiles [tile0, tile1) of rows [first, last), which are tile_count tiles, columns [k0, k1) of K. `to` is where the
// first tile of the rows lies.
void gemm_pack_tiles(const GemmArgs& g, uint64_t first, uint64_t last, uint64_t tile_count, uint64_t tile0,
                     uint64_t tile1, uint64_t k0, uint64_t k1, float* to);

// One panel of a strided b, columns [k0, k1) of K; columns beyond n are zeros.
void gemm_pack_panel(uint64_t k0, uint64_t k1, uint64_t n, uint64_t column, uint64_t panel, const float* b,
                     uint64_t b_row, uint64_t b_col, float* to);

}  // namespace rlx::cpu
