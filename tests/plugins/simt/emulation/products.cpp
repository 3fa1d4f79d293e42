// Products of matrices and attention in every dtype and tile that the plugins launch them with.
#include "emulation/instances.hpp"

#include "device/attention.hpp"
#include "device/fragment_conv.hpp"
#include "device/fragment_matmul.hpp"
#include "device/row_matmul.hpp"

namespace emulation {

using namespace simt;

#define NUMBER(T)                       \
  INSTANCE(MatmulParams, matmul<T, 32>) \
  INSTANCE(MatmulParams, matmul<T, 64>) \
  INSTANCE(ConvParams, conv<T, 32>)     \
  INSTANCE(ConvParams, conv<T, 64>)
#define FLOAT(T)                                \
  NUMBER(T)                                     \
  INSTANCE(MatmulParams, row_matmul_columns<T>) \
  INSTANCE(MatmulParams, row_matmul_steps<T>)   \
  INSTANCE(AttentionParams, attention<T, 64>)   \
  INSTANCE(AttentionParams, attention<T, 128>)  \
  INSTANCE(AttentionParams, attention_join<T>)
#define FRAGMENTS(T, kTile)                                       \
  INSTANCE(MatmulParams, fragment_matmul<T, kTile, false, false>) \
  INSTANCE(MatmulParams, fragment_matmul<T, kTile, false, true>)  \
  INSTANCE(MatmulParams, fragment_matmul<T, kTile, true, false>)  \
  INSTANCE(MatmulParams, fragment_matmul<T, kTile, true, true>)   \
  INSTANCE(ConvParams, fragment_conv<T, kTile>)
#define FRAGMENT(T) \
  FRAGMENTS(T, 64)  \
  FRAGMENTS(T, 128)

Instances products() {
  return {
      // clang-format off
      FLOAT(f32) FLOAT(f64) FLOAT(f16) FLOAT(bf16)
      FRAGMENT(f16) FRAGMENT(bf16) FRAGMENT(f32) FRAGMENT(tf32) FRAGMENT(tf32x3)
      NUMBER(i8) NUMBER(i16) NUMBER(i32) NUMBER(i64)
      NUMBER(u8) NUMBER(u16) NUMBER(u32) NUMBER(u64)
      // clang-format on
  };
}

}  // namespace emulation
