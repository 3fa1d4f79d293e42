// Convolution with few channels in a group, depthwise above all: a tile would be almost empty. A thread per result.
#version 460
#include "types.glsl"
#include "unary.glsl"

layout(constant_id = 0) const uint kDtype = DTYPE_F32;
layout(constant_id = 2) const uint kActivation = RLX_NO_ACTIVATION;
layout(local_size_x = RLX_LANES) in;
PARAMS(ConvParams);

void main() {
  uint plane = uint(P.w.narrow[0] * P.w.narrow[1] * P.w.narrow[2]);
  uint64_t wide = uint64_t(uint(P.w.wide[0] * P.w.wide[1] * P.w.wide[2]));
  uint64_t taps = uint64_t(uint(P.w.taps[0] * P.w.taps[1] * P.w.taps[2]));
  uint channels = P.groups * P.out_channels, count = P.batch * channels * plane;
  for (uint i = gl_GlobalInvocationID.x; i < count; i += gl_NumWorkGroups.x * RLX_LANES) {
    uint channel = i / plane % channels, image = i / plane / channels, group = channel / P.out_channels;
    int at = int(i % plane);
    int first0 = at / (P.w.narrow[1] * P.w.narrow[2]) * P.w.stride[0] - P.w.pad[0];
    int first1 = at / P.w.narrow[2] % P.w.narrow[1] * P.w.stride[1] - P.w.pad[1];
    int first2 = at % P.w.narrow[2] * P.w.stride[2] - P.w.pad[2];
    float sum = 0.0;
    for (uint c = 0u; c < P.in_channels; ++c) {
      uint64_t from = uint64_t((image * P.groups + group) * P.in_channels + c) * wide;
      uint64_t weight = uint64_t(channel * P.in_channels + c) * taps;
      for (int a = 0; a < P.w.taps[0]; ++a)
        for (int b = 0; b < P.w.taps[1]; ++b)
          for (int d = 0; d < P.w.taps[2]; ++d, ++weight) {
            int q0 = first0 + a * P.w.dilation[0], q1 = first1 + b * P.w.dilation[1], q2 = first2 + d * P.w.dilation[2];
            if (q0 < 0 || q1 < 0 || q2 < 0 || q0 >= P.w.wide[0] || q1 >= P.w.wide[1] || q2 >= P.w.wide[2]) continue;
            uint64_t position = from + uint64_t(uint((q0 * P.w.wide[1] + q1) * P.w.wide[2] + q2));
            sum += load_float(P.weights, weight, kDtype) * load_float(P.src, position, kDtype);
          }
    }
    if (P.has_bias != 0u) sum += load_float(P.bias, uint64_t(channel), kDtype);
    if (P.has_residual != 0u) sum += load_float(P.residual, uint64_t(i), kDtype);
    store_float(P.dst, uint64_t(i), kDtype, unary_float(kActivation, sum, P.alpha, P.beta));
  }
}
