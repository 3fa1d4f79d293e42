// The arithmetic of the op sample (docs/ops.md). Weights are integers, so that sums are the same in any order and every
// device draws the same ids.
#pragma once

#include <cmath>
#include <cstdint>

namespace rlx::sdk {

// The weight of the likeliest candidate.
constexpr uint32_t kSampleOne = uint32_t{1} << 31;

// What turns differences of logits into distances for sample_weight. Not finite: always the likeliest candidate.
inline double sample_scale(double temperature) {
  constexpr double kLog2E = 1.44269504088896340736;
  return temperature > 0 ? kLog2E / temperature * 0x1p32 : INFINITY;
}

// kSampleOne · 2^(−distance / 2^32), to about one part in 2^29; 0 for NaN. distance: not negative.
inline uint32_t sample_weight(double distance) {
  if (!(distance < 0x1p37)) return 0;
  constexpr uint64_t kLn2 = 0xB17217F7;  // · 2^−32
  constexpr uint64_t kTerms = 12;        // ln 2 to this power by its factorial is below 2^−31
  const auto steps = static_cast<uint64_t>(distance);
  const uint64_t t = (steps & 0xffffffff) * kLn2 >> 32;
  uint64_t power = kSampleOne;
  for (uint64_t n = kTerms; n > 0; --n) power = kSampleOne - (t * power >> 32) / n;
  return static_cast<uint32_t>(power >> (steps >> 32));
}

// The least weight that min_p keeps.
inline uint32_t sample_least(double min_p) {
  return static_cast<uint32_t>(std::ceil(min_p * kSampleOne));
}

// top_p keeps a candidate when those before it have less than this of all weights.
inline uint64_t sample_reach(double top_p, uint64_t total) {
  if (top_p >= 1) return total;
  const auto reach = static_cast<uint64_t>(top_p * static_cast<double>(total));
  return reach > 0 ? reach : 1;
}

// ⌊random · total / 2^64⌋.
inline uint64_t sample_target(uint64_t random, uint64_t total) {
  const uint64_t low = (random & 0xffffffff) * (total & 0xffffffff);
  const uint64_t a = (random >> 32) * (total & 0xffffffff) + (low >> 32);
  const uint64_t b = (random & 0xffffffff) * (total >> 32) + (a & 0xffffffff);
  return (random >> 32) * (total >> 32) + (a >> 32) + (b >> 32);
}

}  // namespace rlx::sdk
