// Attention for few queries (a decode step): a block for each query walks the keys once, in chunks of a key per thread,
// and keeps maximum, sum and result of the softmax as it goes. Scores are never written down.
#pragma once

#include "rows.hpp"
#include "scalar_ops.hpp"

namespace simt {

// Whether key j is visible to query i, and what is added to its score.
template <typename T, typename A>
SIMT_DEVICE bool visible(const AttentionParams& p, u64 b, u64 h, i64 i, i64 j, A& bias) {
  bias = A(0);
  if (p.mask_kind == kMaskCustom || p.mask_kind == kMaskBias) {
    const i64 at = static_cast<i64>(b) * p.mask_strides[0] + static_cast<i64>(h) * p.mask_strides[1] +
                   i * p.mask_strides[2] + j * p.mask_strides[3];
    if (p.mask_kind == kMaskCustom) return reinterpret_cast<const u8*>(p.mask)[at] != 0;
    bias = load<T>(p.mask, at);
    return true;
  }
  // Queries are the last of the keys' positions.
  const i64 query = i + static_cast<i64>(p.keys) - static_cast<i64>(p.queries);
  if (p.mask_kind != kMaskNone && j > query) return false;
  return p.mask_kind != kMaskWindow || j > query - p.window;
}

template <typename T>
SIMT_DEVICE void attention_rows(const AttentionParams& p) {
  typedef lane_t<T> A;
  A* weights = shared<A>();                    // one per thread
  A* partial = weights + block_size();         // one per warp
  A* result = partial + block_size() / kWarp;  // v_features; each element belongs to one thread
  const A hidden = number<A>::lowest();
  for (u64 row = block_index(); row < p.batch * p.heads * p.queries; row += grid_size()) {
    const u64 i = row % p.queries, h = row / p.queries % p.heads, b = row / p.queries / p.heads;
    const u64 kv = h / (p.heads / p.kv_heads);
    const i64 q = static_cast<i64>(b) * p.q.batch + static_cast<i64>(h) * p.q.head + static_cast<i64>(i) * p.q.position;
    const i64 k = static_cast<i64>(b) * p.k.batch + static_cast<i64>(kv) * p.k.head;
    const i64 v = static_cast<i64>(b) * p.v.batch + static_cast<i64>(kv) * p.v.head;
    for (u64 d = thread_index(); d < p.v_features; d += block_size()) result[d] = A(0);
    A top = hidden, sum = A(0);

    for (u64 first = 0; first < p.keys; first += block_size()) {
      const u64 j = first + thread_index();
      A score = hidden, bias;
      if (j < p.keys && visible<T>(p, b, h, static_cast<i64>(i), static_cast<i64>(j), bias)) {
        A dot = A(0);
        for (u64 d = 0; d < p.features; ++d)
          dot += load<T>(p.query, q + static_cast<i64>(d)) *
                 load<T>(p.key, k + static_cast<i64>(j) * p.k.position + static_cast<i64>(d));
        score = static_cast<A>(p.scale) * dot;
        if (p.softcap > 0) score = static_cast<A>(p.softcap) * m_tanh(score / static_cast<A>(p.softcap));
        score += bias;
      }
      const A larger = binary_max(top, block_reduce(
                                           score, [](A a, A b) { return binary_max(a, b); }, partial));
      if (larger == hidden) continue;  // nothing visible so far; the same in all threads
      const A weight = score == hidden ? A(0) : m_exp(score - larger);
      const A rescale = top == hidden ? A(0) : m_exp(top - larger);
      weights[thread_index()] = weight;
      sum = sum * rescale + block_reduce(
                                weight, [](A a, A b) { return a + b; }, partial);
      top = larger;
      const u64 count = p.keys - first < block_size() ? p.keys - first : block_size();
      for (u64 d = thread_index(); d < p.v_features; d += block_size()) {
        A y = result[d] * rescale;
        for (u64 t = 0; t < count; ++t)
          y += weights[t] * load<T>(p.value, v + static_cast<i64>(first + t) * p.v.position + static_cast<i64>(d));
        result[d] = y;
      }
      barrier();  // the weights of this chunk are read
    }

    const i64 to =
        static_cast<i64>(b) * p.y.batch + static_cast<i64>(h) * p.y.head + static_cast<i64>(i) * p.y.position;
    for (u64 d = thread_index(); d < p.v_features; d += block_size())
      store<T>(p.output, to + static_cast<i64>(d), top == hidden ? A(0) : result[d] / sum);
  }
}

}  // namespace simt
