// Writes by index, each target by one thread only: scatter_elements, scatter_nd.
#version 460
#include "types.glsl"
#include "math.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(ScatterParams);

float reduce_float(uint reduction, float a, float b) {
  switch (reduction) {
    case RLX_SCATTER_ADD: return a + b;
    case RLX_SCATTER_MUL: return a * b;
    case RLX_SCATTER_MAX: return max_f(a, b);
    default: return min_f(a, b);
  }
}

int64_t reduce_int(uint reduction, bool u, int64_t a, int64_t b) {
  bool less = u ? uint64_t(a) < uint64_t(b) : a < b;
  switch (reduction) {
    case RLX_SCATTER_ADD: return a + b;
    case RLX_SCATTER_MUL: return a * b;
    case RLX_SCATTER_MAX: return less ? b : a;
    default: return less ? a : b;
  }
}

void apply(uint64_t to, uint64_t from) {
  uint width = width_of(P.dtype);
  if (P.reduction == RLX_SCATTER_NONE) {
    store_bits(P.dst, to, width, load_bits(P.updates, from, width));
  } else if (is_float(P.dtype)) {
    float x = reduce_float(P.reduction, load_float(P.dst, to, P.dtype), load_float(P.updates, from, P.dtype));
    store_float(P.dst, to, P.dtype, x);
  } else {
    int64_t x = reduce_int(P.reduction, is_unsigned(P.dtype), load_int(P.dst, to, P.dtype),
                           load_int(P.updates, from, P.dtype));
    store_bits(P.dst, to, width, uint64_t(x));
  }
}

void main() {
  for (uint i = gl_GlobalInvocationID.x; i < P.owners; i += gl_NumWorkGroups.x * RLX_LANES) {
    uint64_t to = 0ul, key = 0ul, from = 0ul;
    uint rest = i;
    for (uint d = P.owned; d-- > 0u;) {
      uint next = rest / P.dims[d], at = rest - next * P.dims[d];
      to += uint64_t(at) * uint64_t(P.dst_strides[d]);
      key += uint64_t(at) * uint64_t(P.index_strides[d]);
      from += uint64_t(at) * uint64_t(P.update_strides[d]);
      rest = next;
    }
    for (uint s = 0u; s < P.serial; ++s) {
      uint64_t target = to, source = from, tuple = key;
      rest = s;
      for (uint d = P.rank; d-- > P.owned;) {
        uint next = rest / P.dims[d], at = rest - next * P.dims[d];
        tuple += uint64_t(at) * uint64_t(P.index_strides[d]);
        source += uint64_t(at) * uint64_t(P.update_strides[d]);
        rest = next;
      }
      for (uint k = 0u; k < P.keys; ++k) {
        int64_t index = load_int(P.indices, tuple + uint64_t(k), P.index_dtype);
        target += uint64_t(checked_index(index, P.limits[k])) * uint64_t(P.key_strides[k]);
      }
      apply(target, source);
    }
  }
}
