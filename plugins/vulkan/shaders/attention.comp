// Attention without a matrix of scores in memory: a workgroup per query goes through the keys in blocks of its size and
// rescales what it has when a larger score comes (Milakov and Gimelshein 2018; Dao et al. 2022). One query row, as in
// decoding, still has a workgroup for each head.
#version 460
#include "types.glsl"
#include "math.glsl"
#include "group.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(AttentionParams);

#define MAX_PARTS (RLX_MAX_VALUE_FEATURES / RLX_LANES)

shared float weights[RLX_LANES];

uint64_t start(uint strides[3], uint batch, uint head, uint position) {
  return uint64_t(batch) * uint64_t(strides[0]) + uint64_t(head) * uint64_t(strides[1]) +
         uint64_t(position) * uint64_t(strides[2]);
}

// -infinity for a key that the query does not see.
float masked(float score, uint batch, uint head, uint query, uint key) {
  if (P.mask_kind == RLX_MASK_NONE) return score;
  if (P.mask_kind >= RLX_MASK_CUSTOM) {
    uint64_t at = uint64_t(batch) * uint64_t(P.mask_strides[0]) + uint64_t(head) * uint64_t(P.mask_strides[1]) +
                  uint64_t(query) * uint64_t(P.mask_strides[2]) + uint64_t(key) * uint64_t(P.mask_strides[3]);
    if (P.mask_kind == RLX_MASK_BIAS) return score + load_float(P.mask, at, P.dtype);
    return load_int(P.mask, at, DTYPE_BOOL) != 0l ? score : -kInfinity;
  }
  // Queries are the last of the keys' positions.
  int q = int(query) + int(P.keys) - int(P.queries), k = int(key);
  if (k > q || (P.mask_kind == RLX_MASK_WINDOW && k <= q - P.window)) return -kInfinity;
  return score;
}

void main() {
  uint lane = gl_LocalInvocationID.x;
  for (uint row = gl_WorkGroupID.x; row < P.batch * P.heads * P.queries; row += gl_NumWorkGroups.x) {
    uint query = row % P.queries, head = row / P.queries % P.heads, batch = row / P.queries / P.heads;
    uint key_head = head / P.group;
    uint64_t q = start(P.q_strides, batch, head, query);
    float part[MAX_PARTS];
    for (uint n = 0u; n < MAX_PARTS; ++n) part[n] = 0.0;
    float top = -kInfinity, sum = 0.0;
    for (uint first = 0u; first < P.keys; first += RLX_LANES) {
      uint key = first + lane;
      float score = -kInfinity;
      if (key < P.keys) {
        uint64_t k = start(P.k_strides, batch, key_head, key);
        score = 0.0;
        for (uint d = 0u; d < P.features; ++d)
          score += load_float(P.q, q + uint64_t(d), P.dtype) * load_float(P.k, k + uint64_t(d), P.dtype);
        score *= P.scale;
        if (P.softcap > 0.0) score = P.softcap * tanh_f(score / P.softcap);
        score = masked(score, batch, head, query, key);
      }
      float next = max_f(top, group_max(score));
      // Nothing seen so far, and nothing to rescale.
      if (next == -kInfinity) continue;
      float weight = score == -kInfinity ? 0.0 : exp_f(score - next);
      float scale = top == -kInfinity ? 0.0 : exp_f(top - next);
      top = next;
      weights[lane] = weight;
      sum = sum * scale + group_sum(weight);
      uint block = min(RLX_LANES, P.keys - first);
      for (uint n = 0u; n < MAX_PARTS; ++n) {
        uint d = lane + n * RLX_LANES;
        if (d >= P.value_features) break;
        float y = part[n] * scale;
        for (uint j = 0u; j < block; ++j) {
          uint64_t v = start(P.v_strides, batch, key_head, first + j);
          y += weights[j] * load_float(P.v, v + uint64_t(d), P.dtype);
        }
        part[n] = y;
      }
      barrier();
    }
    uint64_t to = start(P.dst_strides, batch, head, query);
    for (uint n = 0u; n < MAX_PARTS; ++n) {
      uint d = lane + n * RLX_LANES;
      if (d < P.value_features) store_float(P.dst, to + uint64_t(d), P.dtype, sum > 0.0 ? part[n] / sum : is_nan(sum) ? sum : 0.0);
    }
  }
}
