// Attention of a few query rows that share one kv head: the work of one task. Rows may belong to several heads (grouped
// queries) and positions; all that tells them apart is in Row.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rlx::cpu {

struct AttentionRow {
  const float* q;
  float* y;
  int64_t begin, end;  // keys it may see, before the mask
  const float* bias;   // added to the score of key j: bias[j * mask_step]; NULL: none
  const uint8_t* visible;
};

struct AttentionBlock {
  const AttentionRow* rows;
  size_t row_count;
  const float *k, *v;     // of the first key
  size_t k_step, v_step;  // floats from one key to the next
  size_t head_dim, v_dim;
  size_t mask_step;    // 0 or 1
  int64_t begin, end;  // keys that any row may see
  float scale, softcap;
};

// What a row knows after some of its keys: the largest score, the sum of exponentials and the weighted values.
struct AttentionPartial {
  float top, sum;
};

struct AttentionOps {
  // Many rows: keys in tiles against panels of 2 vectors of rows. scratch: block_floats(…) floats.
  void (*block)(const AttentionBlock& b, float* scratch);
  size_t (*block_floats)(size_t rows, size_t head_dim, size_t v_dim);
  // Few rows: streams k and v once. Leaves row r's values in out + r * v_dim, not yet divided by the sum.
  void (*stream)(const AttentionBlock& b, AttentionPartial* partials, float* out);
  // y = Σ values of the parts / Σ their sums; part p's values start at values + p * part_step.
  void (*join)(const AttentionPartial* partials, size_t partial_step, const float* values, size_t part_step,
               size_t parts, size_t v_dim, float* y);
};

constexpr size_t kAttentionRows = 64;  // of a block, at most
constexpr size_t kStreamRows = 4;      // up to so many rows streaming wins

const AttentionOps& attention_ops();

}  // namespace rlx::cpu
