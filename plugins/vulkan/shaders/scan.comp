// Running sums and products, a thread per row.
#version 460
#include "types.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(ScanParams);

void main() {
  bool product = P.product != 0u, floats = is_float(P.dtype);
  for (uint row = gl_GlobalInvocationID.x; row < P.rows; row += gl_NumWorkGroups.x * RLX_LANES) {
    uint64_t base = uint64_t(row / P.inner) * uint64_t(P.size) * uint64_t(P.inner) + uint64_t(row % P.inner);
    float total = product ? 1.0 : 0.0;
    int64_t count = product ? 1l : 0l;
    for (uint n = 0u; n < P.size; ++n) {
      uint64_t at = base + uint64_t(P.reverse != 0u ? P.size - 1u - n : n) * uint64_t(P.inner);
      float before = total;
      int64_t count_before = count;
      if (floats) {
        float x = load_float(P.src, at, P.dtype);
        total = product ? total * x : total + x;
        store_float(P.dst, at, P.dtype, P.exclusive != 0u ? before : total);
      } else {
        int64_t x = load_int(P.src, at, P.dtype);
        count = product ? count * x : count + x;
        store_bits(P.dst, at, width_of(P.dtype), uint64_t(P.exclusive != 0u ? count_before : count));
      }
    }
  }
}
