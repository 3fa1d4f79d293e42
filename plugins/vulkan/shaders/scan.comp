// Running sums and products: a thread for each row, or a workgroup where rows are few and long.
#version 460
#include "types.glsl"

// A constant, because Mesa 22.3 loses iterations of a loop where threads might meet at a barrier but do not.
layout(constant_id = 0) const uint kByGroup = 0;
layout(local_size_x = RLX_LANES) in;
PARAMS(ScanParams);

const uint kLanes = kByGroup != 0u ? RLX_LANES : 1u;  // threads of a row
const uint kItems = 8;

shared float float_totals[RLX_LANES];
shared int64_t int_totals[RLX_LANES];

uint64_t element(uint64_t base, uint n) {
  return base + uint64_t(P.reverse != 0u ? P.size - 1u - n : n) * uint64_t(P.inner);
}

float combine(float a, float b) { return P.product != 0u ? a * b : a + b; }
int64_t combine(int64_t a, int64_t b) { return P.product != 0u ? a * b : a + b; }

// The last argument only says which function is meant.
float load_value(uint64_t at, float unit) { return load_float(P.src, at, P.dtype); }
int64_t load_value(uint64_t at, int64_t unit) { return load_int(P.src, at, P.dtype); }
void store_value(uint64_t at, float x) { store_float(P.dst, at, P.dtype, x); }
void store_value(uint64_t at, int64_t x) { store_bits(P.dst, at, width_of(P.dtype), uint64_t(x)); }

#define VALUE float
#define TOTALS float_totals
#include "scan_rows.glsl"
#undef VALUE
#undef TOTALS
#define VALUE int64_t
#define TOTALS int_totals
#include "scan_rows.glsl"

void main() {
  bool by_group = kByGroup != 0u, product = P.product != 0u;
  uint first = by_group ? gl_WorkGroupID.x : gl_GlobalInvocationID.x;
  uint step = by_group ? gl_NumWorkGroups.x : gl_NumWorkGroups.x * RLX_LANES;
  uint lane = by_group ? gl_LocalInvocationID.x : 0u;
  for (uint row = first; row < P.rows; row += step) {
    uint64_t base = uint64_t(row / P.inner) * uint64_t(P.size) * uint64_t(P.inner) + uint64_t(row % P.inner);
    if (is_float(P.dtype))
      scan_row(base, lane, product ? 1.0 : 0.0);
    else
      scan_row(base, lane, product ? 1l : 0l);
  }
}
