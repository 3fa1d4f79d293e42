// Attention without a matrix of scores: a block takes a tile of query rows and walks the keys, tile after tile, keeping
// maximum, sum and result of the softmax as it goes. The rows of all query heads that share a key head are one matrix,
// so that a decode step reads keys and values once. Few rows over many keys are split: each block takes a part of the
// keys, and a second kernel joins the parts.
#pragma once

#include "scalar_ops.hpp"
#include "tile.hpp"

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

// The block's share: a tile of rows of a key head, a chunk of the values' features, a part of the keys.
struct AttentionShare {
  u64 part, chunk, kv, b, first_row, rows;
  i64 begin, end;         // keys that its queries may see
  i64 nearest, farthest;  // positions of its first and last query among the keys
};

template <u32 kSide>
SIMT_DEVICE AttentionShare attention_share(const AttentionParams& p, u64 block) {
  const u64 all_rows = p.heads / p.kv_heads * p.queries, tiles = (all_rows + kSide - 1) / kSide;
  AttentionShare s;
  s.part = block % p.parts;
  // The last rows see most keys under a causal mask: they begin first.
  s.first_row = (tiles - 1 - block / p.parts % tiles) * kSide;
  s.chunk = block / p.parts / tiles % p.chunks;
  s.kv = block / p.parts / tiles / p.chunks % p.kv_heads;
  s.b = block / p.parts / tiles / p.chunks / p.kv_heads;
  s.rows = all_rows - s.first_row < kSide ? all_rows - s.first_row : kSide;
  const u64 last_row = s.first_row + s.rows - 1;
  const bool one_head = s.first_row / p.queries == last_row / p.queries;
  const i64 shift = static_cast<i64>(p.keys) - static_cast<i64>(p.queries);
  s.nearest = static_cast<i64>(one_head ? s.first_row % p.queries : 0) + shift;
  s.farthest = static_cast<i64>(one_head ? last_row % p.queries : p.queries - 1) + shift;
  s.begin = 0;
  s.end = static_cast<i64>(p.keys);
  if (p.mask_kind == kMaskCausal || p.mask_kind == kMaskWindow) {
    if (s.farthest + 1 < s.end) s.end = s.farthest + 1;
    if (p.mask_kind == kMaskWindow && s.nearest - p.window + 1 > 0)
      s.begin = (s.nearest - p.window + 1) / kSide * kSide;
  }
  if (s.end < s.begin) s.end = s.begin;
  const i64 steps = (s.end - s.begin + kSide - 1) / kSide, parts = static_cast<i64>(p.parts);
  const i64 per_part = (steps + parts - 1) / parts * kSide;
  s.begin += static_cast<i64>(s.part) * per_part;
  if (s.begin + per_part < s.end) s.end = s.begin + per_part;
  return s;
}

// kFeatures: of keys at a time, and of values in a chunk.
template <typename T, u32 kFeatures>
SIMT_DEVICE void attention(const AttentionParams& p) {
  typedef accumulator_t<T> A;
  typedef Fragments<T> F;
  constexpr u32 kSide = kAttentionSideBytes / sizeof(T);
  typedef Tile<T, kSide, kFeatures> Rows;
  T* query_tile = shared<T>();
  T* tile = query_tile + kSide * Rows::kStride;  // of keys, then of values
  const u32 warp = thread_index() / kWarp;
  T* scratch = tile + kSide * Rows::kStride + warp * 16 * 16;
  const A hidden = number<A>::lowest();
  const u64 group = p.heads / p.kv_heads;
  const bool wide_q = is_wide<T>(p.query, static_cast<u64>(p.q.batch | p.q.head | p.q.position), p.features);
  const bool wide_k = is_wide<T>(p.key, static_cast<u64>(p.k.batch | p.k.head | p.k.position), p.features);
  const bool wide_v = is_wide<T>(p.value, static_cast<u64>(p.v.batch | p.v.head | p.v.position), p.v_features);

  for (u64 block = block_index(); block < p.blocks; block += grid_size()) {
    const AttentionShare s = attention_share<kSide>(p, block);
    const auto head_of = [&](u64 row) { return s.kv * group + (s.first_row + row) / p.queries; };
    const auto query_of = [&](u64 row) { return (s.first_row + row) % p.queries; };
    const i64 b = static_cast<i64>(s.b), kv = static_cast<i64>(s.kv);
    const u64 v_first = s.chunk * kFeatures;
    const u32 v_count = p.v_features - v_first < kFeatures ? static_cast<u32>(p.v_features - v_first) : kFeatures;
    const bool active = warp * 16 < s.rows;

    typename F::C result[kFeatures / 16] = {};
    A top[F::kRows], sum[F::kRows] = {};
    // Of the lane's rows; a division of 64 bits costs more than a product.
    bool exists[F::kRows];
    u64 heads[F::kRows], queries[F::kRows];
    SIMT_UNROLL
    for (u32 r = 0; r < F::kRows; ++r) {
      const u64 row = warp * 16 + F::lane_row(r);
      top[r] = hidden;
      exists[r] = row < s.rows;
      heads[r] = head_of(row);
      queries[r] = query_of(row);
    }

    for (i64 first = s.begin; first < s.end; first += kSide) {
      const u64 keys = p.keys - static_cast<u64>(first);
      typename F::C scores[kSide / 16] = {};
      for (u64 f = 0; f < p.features; f += kFeatures) {
        const u64 features = p.features - f;
        barrier();  // the tiles are read
        if (first == s.begin || p.features > kFeatures)
          Rows::copy(query_tile, p.query, s.rows, features, wide_q, [&](u64 row) {
            return b * p.q.batch + static_cast<i64>(head_of(row)) * p.q.head +
                   static_cast<i64>(query_of(row)) * p.q.position + static_cast<i64>(f);
          });
        Rows::copy(tile, p.key, keys, features, wide_k, [&](u64 row) {
          return b * p.k.batch + kv * p.k.head + (first + static_cast<i64>(row)) * p.k.position + static_cast<i64>(f);
        });
        wait_for_copies();
        barrier();
        if (!active) continue;
        for (u32 k = 0; k < kFeatures && k < features; k += 16) {
          const typename F::A q = F::template load_a<false>(query_tile + warp * 16 * Rows::kStride + k, Rows::kStride);
          SIMT_UNROLL
          for (u32 n = 0; n < kSide / 16; ++n)
            F::multiply_add(scores[n], q, F::template load_b<false>(tile + n * 16 * Rows::kStride + k, Rows::kStride));
        }
      }

      barrier();  // the keys are read
      Rows::copy(tile, p.value, keys, p.v_features - v_first, wide_v, [&](u64 row) {
        return b * p.v.batch + kv * p.v.head + (first + static_cast<i64>(row)) * p.v.position +
               static_cast<i64>(v_first);
      });
      if (active) {
        const i64 last = first + kSide - 1;
        const bool sees_all = last < static_cast<i64>(p.keys) &&
                              (p.mask_kind == kMaskNone || (p.mask_kind == kMaskCausal && last <= s.nearest) ||
                               (p.mask_kind == kMaskWindow && last <= s.nearest && first > s.farthest - p.window));
        A larger[F::kRows];
        for (u32 r = 0; r < F::kRows; ++r) larger[r] = top[r];
        SIMT_UNROLL
        for (u32 n = 0; n < kSide / 16; ++n) {
          SIMT_UNROLL
          for (u32 i = 0; i < F::kSums; ++i) {
            const u32 r = F::own_row(i);
            const i64 j = first + n * 16 + F::column(i);
            A& score = scores[n].sums[i];
            A bias = A(0);
            score *= static_cast<A>(p.scale);
            if (p.softcap > 0) score = static_cast<A>(p.softcap) * m_tanh(score / static_cast<A>(p.softcap));
            if (!sees_all && (!exists[r] || j >= static_cast<i64>(p.keys) ||
                              !visible<T>(p, s.b, heads[r], static_cast<i64>(queries[r]), j, bias)))
              score = hidden;
            else
              score += bias;
            larger[r] = binary_max(larger[r], score);
          }
        }
        A rescale[F::kRows];
        SIMT_UNROLL
        for (u32 r = 0; r < F::kRows; ++r) {
          for (u32 lanes = 1; lanes < F::kRowLanes; lanes *= 2)
            larger[r] = binary_max(larger[r], shuffle_xor(larger[r], lanes));
          rescale[r] = top[r] == hidden ? A(0) : m_exp(top[r] - larger[r]);
          top[r] = larger[r];
          sum[r] *= rescale[r];
        }
        SIMT_UNROLL
        for (u32 n = 0; n < kFeatures / 16; ++n) {
          SIMT_UNROLL
          for (u32 i = 0; i < F::kSums; ++i) result[n].sums[i] *= rescale[F::own_row(i)];
        }
        SIMT_UNROLL
        for (u32 n = 0; n < kSide / 16; ++n) {
          SIMT_UNROLL
          for (u32 i = 0; i < F::kSums; ++i) {
            A& score = scores[n].sums[i];
            score = score == hidden ? A(0) : m_exp(score - top[F::own_row(i)]);
            sum[F::own_row(i)] += score;
          }
        }
      }
      wait_for_copies();
      barrier();
      if (active) {
        SIMT_UNROLL
        for (u32 k = 0; k < kSide / 16; ++k) {
          const typename F::A weights = F::to_operand(scores[k], scratch);
          SIMT_UNROLL
          for (u32 n = 0; n < kFeatures / 16; ++n) {
            if (n * 16 >= v_count) continue;
            F::multiply_add(result[n], weights,
                            F::template load_b<true>(tile + k * 16 * Rows::kStride + n * 16, Rows::kStride));
          }
        }
      }
    }
    for (u32 r = 0; r < F::kRows; ++r)
      for (u32 lanes = 1; lanes < F::kRowLanes; lanes *= 2) sum[r] += shuffle_xor(sum[r], lanes);
    SIMT_UNROLL
    for (u32 n = 0; n < kFeatures / 16; ++n) {
      SIMT_UNROLL
      for (u32 i = 0; i < F::kSums; ++i) {
        const u32 column = n * 16 + F::column(i), r = F::own_row(i);
        if (!exists[r] || column >= v_count) continue;
        if (p.parts == 1) {
          const i64 to = b * p.y.batch + static_cast<i64>(heads[r]) * p.y.head +
                         static_cast<i64>(queries[r]) * p.y.position + static_cast<i64>(v_first + column);
          store<T>(p.output, to, static_cast<lane_t<T>>(top[r] == hidden ? A(0) : result[n].sums[i] / sum[r]));
          continue;
        }
        const u64 of = ((s.b * p.heads + heads[r]) * p.queries + queries[r]) * p.parts + s.part;
        A* partial = reinterpret_cast<A*>(p.partial) + of * (p.v_features + 2);
        partial[2 + v_first + column] = result[n].sums[i];
        if (v_first + column == 0) {
          partial[0] = top[r];
          partial[1] = sum[r];
        }
      }
    }
  }
}

// The parts of each row as one: a block for each row, a thread for each feature.
template <typename T>
SIMT_DEVICE void attention_join(const AttentionParams& p) {
  typedef accumulator_t<T> A;
  const A hidden = number<A>::lowest();
  for (u64 row = block_index(); row < p.batch * p.heads * p.queries; row += grid_size()) {
    const u64 query = row % p.queries, head = row / p.queries % p.heads, b = row / p.queries / p.heads;
    const A* parts = reinterpret_cast<const A*>(p.partial) + row * p.parts * (p.v_features + 2);
    A top = hidden;
    for (u64 part = 0; part < p.parts; ++part) top = binary_max(top, parts[part * (p.v_features + 2)]);
    for (u64 d = thread_index(); d < p.v_features; d += block_size()) {
      A sum = A(0), y = A(0);
      for (u64 part = 0; part < p.parts; ++part) {
        const A* one = parts + part * (p.v_features + 2);
        const A weight = one[0] == hidden ? A(0) : m_exp(one[0] - top);
        sum += weight * one[1];
        y += weight * one[2 + d];
      }
      store<T>(p.output,
               static_cast<i64>(b) * p.y.batch + static_cast<i64>(head) * p.y.head +
                   static_cast<i64>(query) * p.y.position + static_cast<i64>(d),
               static_cast<lane_t<T>>(top == hidden ? A(0) : y / sum));
    }
  }
}

}  // namespace simt
