// Pools over windows, a thread per output.
#version 460
#include "types.glsl"
#include "math.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(PoolParams);

void main() {
  int plane = P.w.narrow[0] * P.w.narrow[1] * P.w.narrow[2];
  uint64_t wide = uint64_t(uint(P.w.wide[0])) * uint64_t(uint(P.w.wide[1])) * uint64_t(uint(P.w.wide[2]));
  bool floats = is_float(P.dtype);
  for (uint i = gl_GlobalInvocationID.x; i < P.count; i += gl_NumWorkGroups.x * RLX_LANES) {
    uint channel = i / uint(plane);
    int within = int(i - channel * uint(plane));
    int at[3] = int[3](within / (P.w.narrow[1] * P.w.narrow[2]), within / P.w.narrow[2] % P.w.narrow[1],
                       within % P.w.narrow[2]);
    uint64_t base = uint64_t(channel) * wide;
    float y = P.kind == RLX_POOL_MAX ? -kInfinity : 0.0;
    int64_t top = 0l;
    int inside = 0, padded = 0, best[3] = int[3](-1, 0, 0);
    for (int a = 0; a < P.w.taps[0]; ++a)
      for (int b = 0; b < P.w.taps[1]; ++b)
        for (int c = 0; c < P.w.taps[2]; ++c) {
          int q[3] = int[3](at[0] * P.w.stride[0] - P.w.pad[0] + a * P.w.dilation[0],
                            at[1] * P.w.stride[1] - P.w.pad[1] + b * P.w.dilation[1],
                            at[2] * P.w.stride[2] - P.w.pad[2] + c * P.w.dilation[2]);
          if (q[0] < P.w.wide[0] + P.pad_end[0] && q[1] < P.w.wide[1] + P.pad_end[1] &&
              q[2] < P.w.wide[2] + P.pad_end[2])
            ++padded;
          if (q[0] < 0 || q[1] < 0 || q[2] < 0 || q[0] >= P.w.wide[0] || q[1] >= P.w.wide[1] || q[2] >= P.w.wide[2])
            continue;
          uint64_t from = base + (uint64_t(uint(q[0])) * uint64_t(uint(P.w.wide[1])) + uint64_t(uint(q[1]))) *
                                     uint64_t(uint(P.w.wide[2])) + uint64_t(uint(q[2]));
          if (!floats) {
            int64_t x = load_int(P.src, from, P.dtype);
            if (inside == 0 || (P.dtype == DTYPE_U64 ? uint64_t(x) > uint64_t(top) : x > top)) {
              top = x;
              best = q;
            }
          } else {
            float x = load_float(P.src, from, P.dtype);
            if (P.kind == RLX_POOL_MAX) {
              if (inside == 0 || x > y || (is_nan(x) && !is_nan(y))) {
                y = x;
                best = q;
              }
            } else if (P.kind == RLX_POOL_MEAN) {
              y += x;
            } else {
              y += P.p == 1u ? abs(x) : P.p == 2u ? x * x : pow_f(abs(x), float(P.p));
            }
          }
          ++inside;
        }
    if (P.kind == RLX_POOL_MEAN) y /= float(P.include_pad != 0u ? padded : inside);
    if (P.kind == RLX_POOL_LP && P.p > 1u) y = P.p == 2u ? sqrt(y) : pow_f(y, 1.0 / float(P.p));
    if (floats)
      store_float(P.dst, uint64_t(i), P.dtype, y);
    else
      store_bits(P.dst, uint64_t(i), width_of(P.dtype), uint64_t(top));
    if (P.has_indices != 0u) {
      uint64_t position =
          P.column_major != 0u
              ? uint64_t(uint(best[0])) + uint64_t(uint(P.w.wide[0])) * (uint64_t(uint(best[1])) +
                                              uint64_t(uint(P.w.wide[1])) * uint64_t(uint(best[2])))
              : (uint64_t(uint(best[0])) * uint64_t(uint(P.w.wide[1])) + uint64_t(uint(best[1]))) *
                        uint64_t(uint(P.w.wide[2])) + uint64_t(uint(best[2]));
      At64(P.indices + uint64_t(i) * 8ul).v = base + position;
    }
  }
}
