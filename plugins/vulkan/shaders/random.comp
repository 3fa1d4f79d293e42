// Philox 4x32-10, the numbers of docs/ops.md: element e takes word e % 4 of the block with counter (e / 4, run).
#version 460
#include "types.glsl"
#include "math.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(RandomParams);

uvec4 philox(uvec4 counter, uvec2 key) {
  for (int round_index = 0; round_index < 10; ++round_index) {
    uint64_t a = uint64_t(0xd2511f53u) * uint64_t(counter.x), b = uint64_t(0xcd9e8d57u) * uint64_t(counter.z);
    counter = uvec4(uint(b >> 32) ^ counter.y ^ key.x, uint(b), uint(a >> 32) ^ counter.w ^ key.y, uint(a));
    key += uvec2(0x9e3779b9u, 0xbb67ae85u);
  }
  return counter;
}

float uniform_of(uint word) { return float(word >> 8) * 5.9604644775390625e-8; }

void main() {
  uint64_t run = MailboxAt(push.mailbox).v.run;
  for (uint i = gl_GlobalInvocationID.x; i < P.count; i += gl_NumWorkGroups.x * RLX_LANES) {
    uvec4 words = philox(uvec4(i / 4u, 0u, uint(run), uint(run >> 32)), uvec2(uint(P.key), uint(P.key >> 32)));
    float y;
    if (P.normal != 0u) {
      uint first = (i & 2u);
      // Above 0, so that the logarithm is finite.
      float u1 = uniform_of(words[first]) + 5.9604644775390625e-8, angle = 6.283185307 * uniform_of(words[first + 1u]);
      y = P.a + P.b * sqrt(-2.0 * log_f(u1)) * sine(angle, (i & 1u) == 0u ? 1 : 0);
    } else {
      y = P.a + uniform_of(words[i & 3u]) * P.b;
    }
    store_float(P.dst, uint64_t(i), P.dtype, y);
  }
}
