// f32 matrix products. One packed weight layout for every number of rows, threads and instruction set width of this
// processor: panels of nr columns, each K rows of nr floats. A single row streams it at memory bandwidth, many rows
// multiply it near the peak. oneDNN has no such layout before AVX-512.
#pragma once

#include "cpu_info.hpp"
#include "kernels/step.hpp"
#include "team.hpp"

#include <cstddef>
#include <cstdint>

namespace rlx::cpu {

// How this processor wants its matrices cut; constant per process.
struct GemmShape {
  uint64_t panel;  // columns of a panel
  uint64_t rows;   // of a register tile
  uint64_t depth;  // of K that a packed block of a covers
  uint64_t block;  // rows of a packed block of a: sized for half the L2 cache
};
const GemmShape& gemm_shape();

// c[m, n] = act(a[m, k] · b[k, n] + bias[n]), for batch independent products.
struct GemmArgs {
  uint64_t m = 0, n = 0, k = 0;
  const float* a = nullptr;
  uint64_t a_row = 0, a_col = 0;  // elements from one row, column to the next
  const float* b = nullptr;
  bool b_packed = false;          // by gemm_pack; otherwise strided:
  uint64_t b_row = 0, b_col = 0;  // one of them is 1
  float* c = nullptr;
  uint64_t c_row = 0;
  const float* bias = nullptr;  // n floats or NULL
  StepFn activation = nullptr;  // of rows while they are still in the cache
  double alpha = 0, beta = 0;
};

// Floats that gemm_pack writes.
uint64_t gemm_packed_floats(uint64_t k, uint64_t n);
void gemm_pack(uint64_t k, uint64_t n, const float* b, uint64_t b_row, uint64_t b_col, float* packed);
void gemm_unpack(uint64_t k, uint64_t n, const float* packed, float* b, uint64_t b_row, uint64_t b_col);

// How many threads of a team products with so many rows in all are worth: one per 100,000 multiplications.
uint64_t gemm_threads(uint64_t team_threads, uint64_t rows, uint64_t n, uint64_t k);

// Working memory for gemm() with any arguments of at most these sizes.
uint64_t gemm_scratch_bytes(unsigned threads, uint64_t m, uint64_t k);

// batch products at once: get(args, i) sets the addresses of product i in a copy of base.
using BatchFunction = void (*)(const void* self, GemmArgs& args, uint64_t i);
void gemm(const Team& team, std::byte* scratch, const GemmArgs& base, uint64_t batch = 1, BatchFunction get = nullptr,
          const void* self = nullptr);

}  // namespace rlx::cpu
