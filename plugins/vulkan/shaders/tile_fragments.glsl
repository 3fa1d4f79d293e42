// A product of matrices of f16 by tiles in shared memory, where each of four subgroups has a square of fragments of the
// tile. The shape of a fragment is one that the device has; nothing else depends on it. Who includes this defines what
// tile.glsl wants.
layout(constant_id = 1) const uint kThreads = 128;
layout(constant_id = 3) const uint kM = 16;
layout(constant_id = 4) const uint kN = 16;
layout(constant_id = 5) const uint kK = 16;
layout(constant_id = 6) const uint kSide = 2;  // fragments of a subgroup along either side
layout(local_size_x_id = 1) in;

const uint kSquare = RLX_SUBGROUPS_SQUARE;  // subgroups along either side
const uint kLanes = kThreads / (kSquare * kSquare);
const uint kTileRows = kSquare * kSide * kM, kTileCols = kSquare * kSide * kN;
const uint kDepth = (RLX_FRAGMENT_DEPTH + kK - 1u) / kK * kK;
// Rows begin at multiples of 16 bytes, neighbours of a column lie in different banks.
const uint kPitchA = kDepth + RLX_FRAGMENT_PAD, kPitchB = kTileCols + RLX_FRAGMENT_PAD;

shared float16_t a_tile[kTileRows * kPitchA];
shared float16_t b_tile[kDepth * kPitchB];
shared float sums[kSquare * kSquare * kM * kN];

#include "fragment.glsl"

Operand load_a(uint row, uint k);
Operand load_b(uint k, uint col);
void store_result(uint row, uint col, float value);

void load_tiles(uint first_row, uint first_col, uint first_k) {
  for (uint e = gl_LocalInvocationID.x; e < kTileRows * kDepth; e += kThreads)
    a_tile[e / kDepth * kPitchA + e % kDepth] = load_a(first_row + e / kDepth, first_k + e % kDepth);
  for (uint e = gl_LocalInvocationID.x; e < kDepth * kTileCols; e += kThreads)
    b_tile[e / kTileCols * kPitchB + e % kTileCols] = load_b(first_k + e / kTileCols, first_col + e % kTileCols);
}

void multiply_tile(uint first_row, uint first_col, uint depth) {
  uint subgroup = own_subgroup();
  uint row = subgroup / kSquare * kSide * kM, col = subgroup % kSquare * kSide * kN;  // of the subgroup's square
  FragmentSum sum[kSide * kSide];
  for (uint i = 0u; i < kSide * kSide; ++i) sum[i] = zero_sum();
  for (uint first_k = 0u; first_k < depth; first_k += kDepth) {
    load_tiles(first_row, first_col, first_k);
    barrier();
    for (uint k = 0u; k < kDepth; k += kK) {
      FragmentA a[kSide];
      for (uint i = 0u; i < kSide; ++i) a[i] = load_fragment_a((row + i * kM) * kPitchA + k);
      for (uint j = 0u; j < kSide; ++j) {
        FragmentB b = load_fragment_b(k * kPitchB + col + j * kN);
        for (uint i = 0u; i < kSide; ++i) sum[i * kSide + j] = multiply_add(a[i], b, sum[i * kSide + j]);
      }
    }
    barrier();
  }
  // Only through memory does a thread know which element of a fragment it has.
  uint own = subgroup * kM * kN;
  for (uint i = 0u; i < kSide * kSide; ++i) {
    store_sum(sum[i], own);
    barrier();
    for (uint e = own_lane(); e < kM * kN; e += kLanes)
      store_result(first_row + row + i / kSide * kM + e / kN, first_col + col + i % kSide * kN + e % kN, sums[own + e]);
    barrier();
  }
}
