// Reductions over any axes: a thread for each output, or a workgroup where outputs are few and long.
#version 460
#include "types.glsl"
#include "math.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(ReduceParams);

shared float partial_float[RLX_LANES];
shared int64_t partial_int[RLX_LANES];

uint64_t offset_of(uint index, uint first, uint last) {
  uint64_t at = 0ul;
  for (uint d = last; d-- > first;) {
    uint next = index / P.dims[d];
    at += uint64_t(index - next * P.dims[d]) * uint64_t(P.strides[d]);
    index = next;
  }
  return at;
}

float first_float(uint kind) {
  return kind == RLX_REDUCE_PROD                                   ? 1.0
         : kind == RLX_REDUCE_MAX || kind == RLX_REDUCE_LOGSUMEXP ? -kInfinity
         : kind == RLX_REDUCE_MIN                                  ? kInfinity
                                                                   : 0.0;
}

// For logsumexp this is the first pass, which finds the largest value.
float combine_float(uint kind, float a, float b) {
  switch (kind) {
    case RLX_REDUCE_MAX: case RLX_REDUCE_LOGSUMEXP: return max_f(a, b);
    case RLX_REDUCE_MIN: return min_f(a, b);
    case RLX_REDUCE_PROD: return a * b;
    default: return a + b;
  }
}

float element_float(uint kind, float x) {
  switch (kind) {
    case RLX_REDUCE_L1: return abs(x);
    case RLX_REDUCE_L2: case RLX_REDUCE_SUM_SQ: return x * x;
    default: return x;
  }
}

float all_lanes(uint kind, float x, bool by_group) {
  if (!by_group) return x;
  uint lane = gl_LocalInvocationID.x;
  partial_float[lane] = x;
  barrier();
  for (uint half_size = RLX_LANES / 2u; half_size > 0u; half_size /= 2u) {
    if (lane < half_size)
      partial_float[lane] = combine_float(kind, partial_float[lane], partial_float[lane + half_size]);
    barrier();
  }
  float total = partial_float[0];
  barrier();
  return total;
}

// Kahan's sum: a thread may add up a whole row.
float sum_float(uint64_t base, uint lane, uint lanes, float shift) {
  float sum = 0.0, lost = 0.0;
  for (uint n = lane; n < P.depth; n += lanes) {
    float x = load_float(P.src, base + offset_of(n, P.kept, P.rank), P.dtype);
    x = P.kind == RLX_REDUCE_LOGSUMEXP ? exp_f(x - shift) : element_float(P.kind, x);
    precise float y = x - lost;
    precise float next = sum + y;
    // An infinite sum has lost nothing that could be told.
    precise float gone = is_infinite(next) || is_nan(next) ? 0.0 : (next - sum) - y;
    lost = gone;
    sum = next;
  }
  return sum;
}

void reduce_floats(uint output_index, uint64_t base, uint lane, uint lanes) {
  bool by_group = P.by_group != 0u;
  bool is_sum = P.kind != RLX_REDUCE_MAX && P.kind != RLX_REDUCE_MIN && P.kind != RLX_REDUCE_PROD &&
                P.kind != RLX_REDUCE_LOGSUMEXP;
  float y;
  if (is_sum) {
    y = all_lanes(RLX_REDUCE_SUM, sum_float(base, lane, lanes, 0.0), by_group);
    if (P.kind == RLX_REDUCE_MEAN) y /= float(P.depth);
    if (P.kind == RLX_REDUCE_L2) y = sqrt(y);
  } else {
    float x = first_float(P.kind);
    for (uint n = lane; n < P.depth; n += lanes)
      x = combine_float(P.kind, x, load_float(P.src, base + offset_of(n, P.kept, P.rank), P.dtype));
    y = all_lanes(P.kind, x, by_group);
    // Infinite on both sides would subtract to NaN; then the largest value is the answer.
    if (P.kind == RLX_REDUCE_LOGSUMEXP) {
      float sum = all_lanes(RLX_REDUCE_SUM, sum_float(base, lane, lanes, y), by_group);
      if (!is_infinite(y) && !is_nan(y)) y += log_f(sum);
    }
  }
  if (lane == 0u) store_float(P.dst, uint64_t(output_index), P.out_dtype, y);
}

int64_t lowest_int(uint dtype) {
  switch (dtype) {
    case DTYPE_I8: return -128l;
    case DTYPE_I16: return -32768l;
    case DTYPE_I32: return -2147483648l;
    case DTYPE_I64: return int64_t(0x8000000000000000ul);
    default: return 0l;
  }
}

int64_t highest_int(uint dtype) {
  switch (dtype) {
    case DTYPE_I8: return 127l;
    case DTYPE_I16: return 32767l;
    case DTYPE_I32: return 2147483647l;
    case DTYPE_I64: return 0x7fffffffffffffffl;
    case DTYPE_U8: return 255l;
    case DTYPE_U16: return 65535l;
    case DTYPE_U32: return 4294967295l;
    case DTYPE_BOOL: return 1l;
    default: return int64_t(0xfffffffffffffffful);
  }
}

int64_t combine_int(uint kind, bool u, int64_t a, int64_t b) {
  bool less = u ? uint64_t(a) < uint64_t(b) : a < b;
  switch (kind) {
    case RLX_REDUCE_MAX: return less ? b : a;
    case RLX_REDUCE_MIN: return less ? a : b;
    case RLX_REDUCE_PROD: return a * b;
    default: return a + b;
  }
}

void reduce_ints(uint output_index, uint64_t base, uint lane, uint lanes) {
  bool u = is_unsigned(P.dtype);
  int64_t y = P.kind == RLX_REDUCE_PROD  ? 1l
              : P.kind == RLX_REDUCE_MAX ? lowest_int(P.dtype)
              : P.kind == RLX_REDUCE_MIN ? highest_int(P.dtype)
                                         : 0l;
  for (uint n = lane; n < P.depth; n += lanes) {
    int64_t x = load_int(P.src, base + offset_of(n, P.kept, P.rank), P.dtype);
    if (P.kind == RLX_REDUCE_L1 && !u && x < 0l) x = -x;
    if (P.kind == RLX_REDUCE_SUM_SQ) x *= x;
    y = combine_int(P.kind, u, y, x);
  }
  if (P.by_group != 0u) {
    partial_int[lane] = y;
    barrier();
    for (uint half_size = RLX_LANES / 2u; half_size > 0u; half_size /= 2u) {
      if (lane < half_size)
        partial_int[lane] = combine_int(P.kind, u, partial_int[lane], partial_int[lane + half_size]);
      barrier();
    }
    y = partial_int[0];
    barrier();
  }
  if (lane == 0u) store_bits(P.dst, uint64_t(output_index), width_of(P.out_dtype), uint64_t(y));
}

void main() {
  bool by_group = P.by_group != 0u;
  uint first = by_group ? gl_WorkGroupID.x : gl_GlobalInvocationID.x;
  uint step = by_group ? gl_NumWorkGroups.x : gl_NumWorkGroups.x * RLX_LANES;
  uint lane = by_group ? gl_LocalInvocationID.x : 0u, lanes = by_group ? RLX_LANES : 1u;
  for (uint i = first; i < P.outputs; i += step) {
    uint64_t base = offset_of(i, 0u, P.kept);
    if (is_float(P.dtype))
      reduce_floats(i, base, lane, lanes);
    else
      reduce_ints(i, base, lane, lanes);
  }
}
