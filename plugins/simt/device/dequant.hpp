// Packed weights in registers: four codes to a word, as four i8, and the scale and offset of 16 neighbours. Which bits
// of which bytes they are is folded from rlx/sdk/quant_layout.hpp.
#pragma once

#include "scalar.hpp"

#include <rlx/sdk/quant_layout.hpp>

namespace simt {

namespace quant = rlx::sdk::quant;

// How the text of a kernel names a scheme.
template <u32 kSize>
RLX_QUANT_FUNCTION u32 scheme_named(const char (&name)[kSize]) {
  return quant::find_scheme(name, kSize - 1);
}

constexpr u32 kPackedRun = 16;  // numbers that always share a scale

template <u32 kScheme>
struct Packed {
  static constexpr quant::Layout kLayout = quant::layout_of(kScheme);
  static constexpr bool kIsFloat = kLayout.code == quant::kE4m3 || kLayout.code == quant::kE5m2;
  static constexpr bool kIsByte = kLayout.code == quant::kByArgument && kLayout.code_bits == 8;
  static constexpr bool kHasOffset = kLayout.offset_at >= 0 || kLayout.beside >= quant::kMayZero;
  // Blocks of fewer than 16 numbers count as one of 16.
  static constexpr u32 kNumbers = kLayout.values < kPackedRun ? kPackedRun : kLayout.values;
  static constexpr u32 kBytes = kNumbers / kLayout.values * kLayout.bytes;

  // What divides the offsets of all words of codes in a row, up to 4.
  RLX_QUANT_FUNCTION static u32 alignment() {
    u32 bits = kBytes | quant::code_part(kScheme, 0, 0).byte;
    if (kLayout.code_parts > 1 && quant::in_four_bytes(kScheme, 1)) bits |= quant::code_part(kScheme, 1, 0).byte;
    return bits % 4 == 0 ? 4 : bits % 2 == 0 ? 2 : 1;
  }

  // Whether rows begin where words of codes can be read at once.
  SIMT_DEVICE static bool aligned(const PackedWeights& w) {
    constexpr u32 kAligned = alignment();
    return (w.bytes | w.row_bytes) % kAligned == 0;
  }

  // Four bytes, from a multiple of alignment() if aligned.
  SIMT_DEVICE static u32 word(const u8* at, bool aligned) {
    constexpr u32 kAligned = alignment();
    if (kAligned == 4 && aligned) return *reinterpret_cast<const u32*>(at);
    if (kAligned == 2 && aligned)
      return *reinterpret_cast<const u16*>(at) | u32{*reinterpret_cast<const u16*>(at + 2)} << 16;
    return at[0] | u32{at[1]} << 8 | u32{at[2]} << 16 | u32{at[3]} << 24;
  }

  // Bits of codes i … i + 3 of a block, a byte each.
  template <u32 kPart>
  SIMT_DEVICE static u32 part(const u8* block, u32 i, bool aligned) {
    const quant::Part first = quant::code_part(kScheme, kPart, i);
    const u8* at = block + first.byte;
    if constexpr (quant::in_four_bytes(kScheme, kPart)) {
      const u32 mask = ((1u << first.bits) - 1) * 0x01010101u;
      return (word(at, aligned) >> first.shift & mask) << first.left;
    } else if constexpr (kScheme == quant::kInt4Block) {
      u32 codes = at[0] | u32{at[1]} << 8;
      codes = (codes | codes << 8) & 0x00ff00ffu;
      return (codes | codes << 4) & 0x0f0f0f0fu;
    } else {
      return ((*at >> first.shift & 15) * 0x00204081u & 0x01010101u) << first.left;
    }
  }

  template <typename Level>
  SIMT_DEVICE static u32 look_up(u32 codes, Level level) {
    u32 levels = 0;
    SIMT_UNROLL
    for (u32 j = 0; j < 4; ++j) levels |= u32{static_cast<u8>(level(codes >> 8 * j & 15))} << 8 * j;
    return levels;
  }

  // Numbers i … i + 3 of a block without scale and offset, as four i8. Unsigned bytes lack 128, and 8-bit floats are
  // what they are. i: a multiple of 4.
  SIMT_DEVICE static u32 codes(const u8* block, u32 i, bool aligned, bool is_signed) {
    u32 codes = part<0>(block, i, aligned);
    if constexpr (kLayout.code_parts > 1) codes |= part<1>(block, i, aligned);
    // No byte borrows from its neighbour.
    const auto less = [](u32 bytes, u32 bias) { return ((bytes | 0x80808080u) - bias * 0x01010101u) ^ 0x80808080u; };
    if constexpr (kLayout.code == quant::kIq4) return look_up(codes, quant::iq4_value);
    if constexpr (kLayout.code == quant::kE2m1) return look_up(codes, quant::e2m1_value);
    if constexpr (kLayout.bias != 0) return less(codes, kLayout.bias);
    if constexpr (kIsByte) return is_signed ? codes : codes ^ 0x80808080u;
    if constexpr (kLayout.code == quant::kByArgument) return is_signed ? less(codes ^ 0x08080808u, 8) : codes;
    return codes;
  }

  SIMT_DEVICE static const u8* block_of(const u8* row, u64 k) { return row + k / kNumbers * kBytes; }

  // Of number k of row n and its neighbours. kOfCodes: for what codes() gives.
  template <typename R, bool kOfCodes>
  SIMT_DEVICE static quant::Affine<R> affine(const PackedWeights& w, const u8* row, u64 n, u64 k) {
    const u8* block = block_of(row, k);
    quant::Affine<R> a = quant::group_affine(kScheme, block, quant::block_affine<R>(kScheme, block),
                                             static_cast<u32>(k % kNumbers) / kLayout.group);
    if constexpr (kLayout.beside != quant::kNothing) {
      const u64 at = n * w.blocks + static_cast<u32>(k) / w.block;
      if (w.scale) a.scale *= reinterpret_cast<const f32*>(w.scale)[at * w.scale_step];
      i32 zero = kOfCodes && kIsByte && !w.is_signed ? -128 : 0;
      if (w.zero)
        zero += w.is_signed ? reinterpret_cast<const i8*>(w.zero)[at] : reinterpret_cast<const u8*>(w.zero)[at];
      a.offset = -a.scale * static_cast<R>(zero);
    }
    return a;
  }

  // One number of a row, computed in R.
  template <typename R>
  SIMT_DEVICE static R number(const PackedWeights& w, u64 n, u64 k) {
    const u8* row = reinterpret_cast<const u8*>(w.bytes) + n * w.row_bytes;
    const u32 code = quant::raw_code(kScheme, block_of(row, k), static_cast<u32>(k % kNumbers));
    const quant::Affine<R> a = affine<R, false>(w, row, n, k);
    return a.scale * static_cast<R>(quant::number_of_code(kScheme, code, w.is_signed)) + a.offset;
  }
};

// Code j of a word that codes() made.
template <u32 kScheme>
SIMT_DEVICE f32 number_of_word(u32 word, u32 j) {
  const u32 byte = word >> 8 * j & 0xff;
  if constexpr (Packed<kScheme>::kIsFloat) return quant::number_of_code(kScheme, byte, true);
  return static_cast<f32>(static_cast<i8>(byte));
}

template <typename T, u32 kScheme>
SIMT_DEVICE void dequantize(const DequantizeParams& p) {
  for (u64 i = grid_first(); i < p.count; i += grid_step())
    store<T>(p.y, static_cast<i64>(i), Packed<kScheme>::template number<lane_t<T>>(p.w, i / p.numbers, i % p.numbers));
}

}  // namespace simt
