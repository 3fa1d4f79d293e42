// Philox4x32-10, the counter-based generator behind the random ops: Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011. Four words per counter and key, the same on every device.
#pragma once

#include <array>
#include <cstdint>

namespace rlx::sdk {

using PhiloxWords = std::array<uint32_t, 4>;

inline PhiloxWords philox(PhiloxWords counter, std::array<uint32_t, 2> key) {
  constexpr uint64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t a = kMultiplier0 * counter[0], b = kMultiplier1 * counter[2];
    counter = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(b),
               static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(a)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

// The words of a block of four elements in a run, under an op's seed ^ key.
inline PhiloxWords random_block(uint64_t block, uint64_t run, uint64_t key) {
  const auto low = [](uint64_t v) { return static_cast<uint32_t>(v); };
  const auto high = [](uint64_t v) { return static_cast<uint32_t>(v >> 32); };
  return philox({low(block), high(block), low(run), high(run)}, {low(key), high(key)});
}

}  // namespace rlx::sdk
