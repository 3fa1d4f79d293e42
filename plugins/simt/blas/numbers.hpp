// The enumerators of cuBLASLt and hipBLASLt that products need. Those of CUDA are checked against NVIDIA's headers
// where a machine has them (tests/plugins/simt/headers); AMD's are from its public headers (hipBLASLt 0.6 to 1.1).
#pragma once

#include <cstddef>

namespace rlx::simt {

// What the two libraries number differently.
struct BlasNumbers {
  int op_none, op_transposed;
  int compute_f32, compute_tf32, compute_f64;
  int layout_batches, layout_batch_stride;  // attributes of a matrix
  int product_trans_a, product_trans_b, product_epilogue, product_bias;
  int preference_workspace;
  int preference_alignment;          // of a; those of b, c and d follow. kNone: the library does not ask
  int out_of_memory, not_supported;  // statuses
  size_t algorithm_bytes;            // what a BlasChoice begins with
  static constexpr int kNone = -1;
};

constexpr BlasNumbers kCublasLt{0, 1, 68, 77, 70, 5, 6, 3, 4, 7, 8, 1, 5, 3, 15, 64};
constexpr BlasNumbers kHipblasLt{111, 112, 2, 6, 7, 0, 1, 0, 1, 2, 3, 1, BlasNumbers::kNone, 2, 7, 24};

// And what they number alike.
enum BlasType { kBlasF32 = 0, kBlasF64 = 1, kBlasF16 = 2, kBlasBf16 = 14 };
// What is done to a result: flags, the bias first; none of them is 1. Gelu is the approximation by tanh.
enum BlasEpilogue { kEpilogueNone = 1, kEpilogueRelu = 2, kEpilogueBias = 4, kEpilogueGeluTanh = 32 };

// What the heuristic answers: the algorithm, opaque, then these; 64 bytes of algorithm are the most.
struct BlasChoiceTail {
  size_t workspace_bytes;
  int status;
  float waves;
  int reserved[4];
};
constexpr size_t kMostAlgorithmBytes = 64;

}  // namespace rlx::simt
