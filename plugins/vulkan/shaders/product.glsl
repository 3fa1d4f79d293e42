// How a workgroup makes a tile of a matrix product (multiply_tile, kTileRows, kTileCols), and what an operand is in
// shared memory: a fragment's are halves.
#ifdef RLX_FRAGMENTS
#define Operand float16_t
Operand load_operand(uint64_t base, uint64_t index) { return AtHalf(base + index * 2ul).v; }
#include "tile_fragments.glsl"
#else
#define Operand float
Operand load_operand(uint64_t base, uint64_t index) { return load_float(base, index, kDtype); }
#include "tile.glsl"
#endif
