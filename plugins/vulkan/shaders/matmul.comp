// Matrix products of floats with bias and activation, batched; every stride is free, so transposes cost nothing.
#version 460
#include "types.glsl"
#include "unary.glsl"

layout(constant_id = 0) const uint kDtype = DTYPE_F32;
layout(constant_id = 2) const uint kActivation = RLX_NO_ACTIVATION;
PARAMS(MatmulParams);
#include "product.glsl"

uint64_t a_start, b_start, dst_start;

Operand load_a(uint row, uint k) {
  if (row >= P.m || k >= P.k) return Operand(0.0);
  return load_operand(P.a, a_start + uint64_t(row) * uint64_t(P.a_row) + uint64_t(k) * uint64_t(P.a_col));
}

Operand load_b(uint k, uint col) {
  if (k >= P.k || col >= P.n) return Operand(0.0);
  return load_operand(P.b, b_start + uint64_t(k) * uint64_t(P.b_row) + uint64_t(col) * uint64_t(P.b_col));
}

void store_result(uint row, uint col, float value) {
  if (row >= P.m || col >= P.n) return;
  if (P.has_bias != 0u) value += load_float(P.bias, uint64_t(col), kDtype);
  store_float(P.dst, dst_start + uint64_t(row) * uint64_t(P.n) + uint64_t(col), kDtype,
              unary_float(kActivation, value, P.alpha, P.beta));
}

void main() {
  uint rows = (P.m + kTileRows - 1u) / kTileRows, cols = (P.n + kTileCols - 1u) / kTileCols;
  for (uint tile = gl_WorkGroupID.x; tile < rows * cols * P.batches; tile += gl_NumWorkGroups.x) {
    uint batch = tile / (rows * cols), within = tile - batch * rows * cols;
    dst_start = uint64_t(batch) * uint64_t(P.m) * uint64_t(P.n);
    a_start = b_start = 0ul;
    for (uint d = P.batch_rank; d-- > 0u;) {
      uint next = batch / P.batch_dims[d], at = batch - next * P.batch_dims[d];
      a_start += uint64_t(at) * uint64_t(P.a_batch[d]);
      b_start += uint64_t(at) * uint64_t(P.b_batch[d]);
      batch = next;
    }
    multiply_tile(within / cols * kTileRows, within % cols * kTileCols, P.k);
  }
}
