// One row of packed weights (sdk/quant_layout.hpp) in vectors: as f32 numbers, and multiplied with rows of f32. Codes
// are decoded in registers, 16 at a time, and multiplied in f32: rounding x to 8 bits, for integer products, would lose
// more than the op allows. A row is read once, in its packed form.
#pragma once

#include <rlx/sdk/quant_layout.hpp>

#include <cstdint>

namespace rlx::cpu {

struct PackedRow {
  const unsigned char* bytes;
  // What lies beside the row, per `block` numbers; scale_step 0: one scale for all.
  const float* scale;         // NULL: none
  const unsigned char* zero;  // i8 if is_signed; NULL: none
  uint64_t scale_step, block;
  bool is_signed;
};

constexpr uint64_t kPackedRun = 16;      // row lengths and blocks are multiples of it
constexpr uint64_t kPackedStart = 256;   // where decode may start: multiples
constexpr uint64_t kMostPackedRows = 4;  // of x at a time

struct PackedRowOps {
  // y[i] = number first + i, i < count; first is a multiple of kPackedStart, count of kPackedRun.
  void (*decode)(const PackedRow& w, uint64_t first, uint64_t count, float* y);
  // y[r] = Σ number i · x[r·k + i] over k numbers. sums[r·(k / 16) + g]: Σ of 16 neighbours of x, see sum_runs; read
  // only where needs_sums. One row of x, and kMostPackedRows of them.
  void (*dot)(const PackedRow& w, uint64_t k, const float* x, const float* sums, float* y);
  void (*dots)(const PackedRow& w, uint64_t k, const float* x, const float* sums, float* y);
};

struct PackedTable {
  PackedRowOps of[sdk::quant::kSchemes];
  // sums[g] = Σ x[16·g … 16·g + 15], g < runs
  void (*sum_runs)(const float* x, uint64_t runs, float* sums);
};

const PackedTable& packed_table();

}  // namespace rlx::cpu
