// A product of matrices by tiles in shared memory, 4 by 4 results in the registers of each thread. Who includes this
// defines where the operands come from and where results go: elements outside of the matrices are 0 and are not stored.
layout(constant_id = 1) const uint kSide = 8;  // threads along either side of a tile
layout(local_size_x_id = 1, local_size_y_id = 1) in;

#define BLOCK RLX_BLOCK
#define DEPTH 16
const uint kTile = kSide * BLOCK, kTileRows = kTile, kTileCols = kTile;

Operand load_a(uint row, uint k);
Operand load_b(uint k, uint col);
void store_result(uint row, uint col, float value);

// An odd pitch: neighbours in a column lie in different banks.
shared float a_tile[DEPTH * (kTile + 1)];
shared float b_tile[DEPTH * (kTile + 1)];

void load_tiles(uint first_row, uint first_col, uint first_k) {
  const uint pitch = kTile + 1u;
  for (uint e = gl_LocalInvocationIndex; e < kTile * DEPTH; e += kSide * kSide) {
    a_tile[(e % DEPTH) * pitch + e / DEPTH] = load_a(first_row + e / DEPTH, first_k + e % DEPTH);
    b_tile[(e / kTile) * pitch + e % kTile] = load_b(first_k + e / kTile, first_col + e % kTile);
  }
}

void multiply_tile(uint first_row, uint first_col, uint depth) {
  const uint pitch = kTile + 1u;
  uint x = gl_LocalInvocationID.x, y = gl_LocalInvocationID.y;
  float sum[BLOCK][BLOCK];
  for (uint i = 0u; i < BLOCK; ++i)
    for (uint j = 0u; j < BLOCK; ++j) sum[i][j] = 0.0;
  for (uint first_k = 0u; first_k < depth; first_k += DEPTH) {
    load_tiles(first_row, first_col, first_k);
    barrier();
    for (uint k = 0u; k < DEPTH; ++k) {
      float a[BLOCK], b[BLOCK];
      for (uint i = 0u; i < BLOCK; ++i) {
        a[i] = a_tile[k * pitch + y + i * kSide];
        b[i] = b_tile[k * pitch + x + i * kSide];
      }
      for (uint i = 0u; i < BLOCK; ++i)
        for (uint j = 0u; j < BLOCK; ++j) sum[i][j] += a[i] * b[j];
    }
    barrier();
  }
  for (uint i = 0u; i < BLOCK; ++i)
    for (uint j = 0u; j < BLOCK; ++j) store_result(first_row + y + i * kSide, first_col + x + j * kSide, sum[i][j]);
}
