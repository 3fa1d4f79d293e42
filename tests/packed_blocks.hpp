// Packed weights for tests: any codes, under scales that keep sums of their numbers in the range of ordinary weights.
#pragma once

#include <rlx/sdk/convert.hpp>
#include <rlx/sdk/quant_layout.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>

namespace tests {

// Whole blocks of a scheme whose bytes are random already; their scales and offsets are replaced.
inline void put_ordinary_scales(unsigned scheme, unsigned char* bytes, size_t size, std::mt19937_64& random) {
  namespace quant = rlx::sdk::quant;
  const quant::Layout layout = quant::layout_of(scheme);
  const auto fraction = [&] { return static_cast<float>(random() >> 40) * 0x1p-24f; };
  const auto put_f16 = [&](unsigned char* at, bool has_factor) {
    // A factor of several bits comes on top of some.
    const uint16_t bits = rlx::sdk::to_f16((fraction() - 0.5f) * (has_factor ? 0.0002f : 0.02f)).bits;
    std::memcpy(at, &bits, sizeof bits);
  };
  for (size_t at = 0; at < size; at += layout.bytes) {
    unsigned char* block = bytes + at;
    if (layout.scale == quant::kF16) put_f16(block + layout.scale_at, layout.scale_parts > 0);
    if (layout.offset_at >= 0) put_f16(block + layout.offset_at, layout.offset_parts > 0);
    if (layout.scale == quant::kF32) {
      const float value = fraction() * 0.01f;
      std::memcpy(block + layout.scale_at, &value, sizeof value);
    }
    if (layout.scale == quant::kHalfE8m0) block[layout.scale_at] = static_cast<unsigned char>(118 + random() % 6);
    if (layout.scale == quant::kHalfUe4m3)
      for (unsigned g = 0; g < layout.values / layout.group; ++g)
        block[layout.scale_at + g] = static_cast<unsigned char>(random() % 48);
    // The upper exponents of an 8-bit float hide what the others add, and are NaN in the end.
    if (layout.code == quant::kE4m3 || layout.code == quant::kE5m2) *block &= 0xbf;
  }
}

}  // namespace tests
