// Convolution as a matrix product: weights times the windows of the image, which are read where they lie. With bias,
// residual and activation. One product for each image and group.
#version 460
#include "types.glsl"
#include "unary.glsl"

layout(constant_id = 0) const uint kDtype = DTYPE_F32;
layout(constant_id = 2) const uint kActivation = RLX_NO_ACTIVATION;
PARAMS(ConvParams);
#include "product.glsl"

uint taps, depth, plane, image, group;
uint64_t wide;

Operand load_a(uint row, uint k) {
  if (row >= P.out_channels || k >= depth) return Operand(0.0);
  uint64_t channel = uint64_t(group * P.out_channels + row);
  return load_operand(P.weights, channel * uint64_t(depth) + uint64_t(k));
}

Operand load_b(uint k, uint col) {
  if (k >= depth || col >= plane) return Operand(0.0);
  uint channel = k / taps;
  int tap = int(k - channel * taps), at = int(col);
  int q0 = at / (P.w.narrow[1] * P.w.narrow[2]) * P.w.stride[0] - P.w.pad[0] +
           tap / (P.w.taps[1] * P.w.taps[2]) * P.w.dilation[0];
  int q1 = at / P.w.narrow[2] % P.w.narrow[1] * P.w.stride[1] - P.w.pad[1] +
           tap / P.w.taps[2] % P.w.taps[1] * P.w.dilation[1];
  int q2 = at % P.w.narrow[2] * P.w.stride[2] - P.w.pad[2] + tap % P.w.taps[2] * P.w.dilation[2];
  if (q0 < 0 || q1 < 0 || q2 < 0 || q0 >= P.w.wide[0] || q1 >= P.w.wide[1] || q2 >= P.w.wide[2]) return Operand(0.0);
  uint64_t from = uint64_t((image * P.groups + group) * P.in_channels + channel) * wide +
                  uint64_t(uint((q0 * P.w.wide[1] + q1) * P.w.wide[2] + q2));
  return load_operand(P.src, from);
}

void store_result(uint row, uint col, float value) {
  if (row >= P.out_channels || col >= plane) return;
  uint channel = group * P.out_channels + row;
  uint64_t to = uint64_t(image * P.groups * P.out_channels + channel) * uint64_t(plane) + uint64_t(col);
  if (P.has_bias != 0u) value += load_float(P.bias, uint64_t(channel), kDtype);
  if (P.has_residual != 0u) value += load_float(P.residual, to, kDtype);
  store_float(P.dst, to, kDtype, unary_float(kActivation, value, P.alpha, P.beta));
}

void main() {
  taps = uint(P.w.taps[0] * P.w.taps[1] * P.w.taps[2]);
  depth = P.in_channels * taps;
  plane = uint(P.w.narrow[0] * P.w.narrow[1] * P.w.narrow[2]);
  wide = uint64_t(uint(P.w.wide[0] * P.w.wide[1] * P.w.wide[2]));
  uint rows = (P.out_channels + kTileRows - 1u) / kTileRows, cols = (plane + kTileCols - 1u) / kTileCols;
  uint tiles = rows * cols * P.groups * P.batch;
  for (uint tile = gl_WorkGroupID.x; tile < tiles; tile += gl_NumWorkGroups.x) {
    uint product = tile / (rows * cols), within = tile - product * rows * cols;
    image = product / P.groups;
    group = product - image * P.groups;
    multiply_tile(within / cols * kTileRows, within % cols * kTileCols, depth);
  }
}
