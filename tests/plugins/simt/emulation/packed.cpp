// Products with packed weights, every scheme in every way that the plugins launch it.
#include "emulation/instances.hpp"

#include "device/packed_matmul.hpp"
#include "device/packed_rows.hpp"

namespace emulation {

using namespace simt;

#define ROWS(T, name) INSTANCE(PackedMatmulParams, packed_rows<T, scheme_named(name)>)
#define TILES(T, name)                                                   \
  INSTANCE(PackedMatmulParams, packed_matmul<T, 32, scheme_named(name)>) \
  INSTANCE(PackedMatmulParams, packed_matmul<T, 64, scheme_named(name)>)
#define FRAGMENTS(T, name)                                                  \
  INSTANCE(PackedMatmulParams, packed_fragments<T, 64, scheme_named(name)>) \
  INSTANCE(PackedMatmulParams, packed_fragments<T, 128, scheme_named(name)>)
#define NUMBERS(T, name) INSTANCE(DequantizeParams, dequantize<T, scheme_named(name)>)
#define SCHEME(name)    \
  ROWS(f32, name)       \
  ROWS(f16, name)       \
  ROWS(bf16, name)      \
  TILES(f32, name)      \
  FRAGMENTS(f16, name)  \
  FRAGMENTS(bf16, name) \
  NUMBERS(f32, name)    \
  NUMBERS(f64, name)    \
  NUMBERS(f16, name)    \
  NUMBERS(bf16, name)
Instances packed_weights() {
  return {
      // clang-format off
      INSTANCE(SplitParams, split_rows<f32>) INSTANCE(SplitParams, split_rows<f16>)
      INSTANCE(SplitParams, split_rows<bf16>)
      TILES(f16, "q4_k") TILES(bf16, "q4_k")  // of devices without matrix units
      SCHEME("q4_0") SCHEME("q4_1") SCHEME("q5_0") SCHEME("q5_1") SCHEME("q8_0")
      SCHEME("q2_k") SCHEME("q3_k") SCHEME("q4_k") SCHEME("q5_k") SCHEME("q6_k") SCHEME("q8_k")
      SCHEME("iq4_nl") SCHEME("iq4_xs") SCHEME("mxfp4") SCHEME("nvfp4")
      SCHEME("int8_block") SCHEME("int8_block_asym") SCHEME("int4_block") SCHEME("fp8_e4m3") SCHEME("fp8_e5m2")
      // clang-format on
  };
}

}  // namespace emulation
