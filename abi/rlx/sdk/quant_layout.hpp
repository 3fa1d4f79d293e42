// How packed weights lie in memory: the one place that knows it. The host's checks and decompositions, the reference,
// the CPU's kernels and, compiled by a GPU's run-time compiler, the GPU's kernels all read this description.
//
// A row is a sequence of blocks of `values` numbers in `bytes` bytes, little-endian. Each number is a code of a few
// bits; `group` neighbours share a scale and an offset:  number = scale·(code − bias) + offset. The layouts with a
// name of GGUF are GGUF's. Needs no library, for the sake of device compilers.
#pragma once

#if defined(SIMT_CUDA) || defined(SIMT_HIP)
#define RLX_QUANT_FUNCTION __device__ __forceinline__ constexpr
#else
#define RLX_QUANT_FUNCTION constexpr
#endif

namespace rlx::sdk::quant {

enum Scheme : unsigned {
  kQ4_0,
  kQ4_1,
  kQ5_0,
  kQ5_1,
  kQ8_0,
  kQ2_K,
  kQ3_K,
  kQ4_K,
  kQ5_K,
  kQ6_K,
  kQ8_K,
  kIq4Nl,
  kIq4Xs,
  kMxfp4,
  kNvfp4,
  kInt8Block,
  kInt8BlockAsym,
  kInt4Block,
  kFp8E4m3,
  kFp8E5m2,
  kSchemes,  // how many
};

// What a code means.
enum Code : unsigned char {
  kUnsigned,    // itself
  kSigned,      // itself, in two's complement of its width
  kByArgument,  // one of both: an attribute of the op says which
  kIq4,         // an index into iq4_value
  kE2m1,        // a 4-bit float, doubled so that it is an integer: e2m1_value
  kE4m3,        // an 8-bit float without infinities: e4m3_value
  kE5m2,        // an 8-bit float as in IEEE 754: e5m2_value
};

// How a block's scale is written. Those of 4-bit floats are halved, because the floats are doubled.
enum Scale : unsigned char {
  kNoScale,
  kF16,
  kF32,
  kHalfE8m0,   // a byte e: 2^(e − 128)
  kHalfUe4m3,  // a byte for each group: e4m3 whose sign is ignored and whose 0x7f is 0
};

// What comes in tensors of its own.
enum Beside : unsigned char {
  kNothing,
  kMayScale,  // a scale
  kMustScale,
  kMayZero,   // a scale, and perhaps a zero point
  kMustZero,  // both
};

struct Layout {
  const char* name;
  unsigned values, bytes, group;
  Code code;
  unsigned char code_bits;
  signed char bias;
  unsigned char code_parts;  // of a number; see Part
  Scale scale;
  unsigned char scale_at;      // byte of the block
  unsigned char scale_parts;   // of a group's factor of the scale; 0: all have 1
  unsigned char scale_bias;    // subtracted from the factor
  bool scale_signed;           // the factor is in two's complement of 8 bits
  signed char offset_at;       // byte of the offset, an f16; −1: none
  unsigned char offset_parts;  // of a group's factor of the offset, which is then subtracted; 0: it is added
  Beside beside;
};

RLX_QUANT_FUNCTION Layout layout_of(unsigned scheme) {
  switch (scheme) {
    case kQ4_0:
      return {"q4_0", 32, 18, 32, kUnsigned, 4, 8, 1, kF16, 0, 0, 0, false, -1, 0, kNothing};
    case kQ4_1:
      return {"q4_1", 32, 20, 32, kUnsigned, 4, 0, 1, kF16, 0, 0, 0, false, 2, 0, kNothing};
    case kQ5_0:
      return {"q5_0", 32, 22, 32, kUnsigned, 5, 16, 2, kF16, 0, 0, 0, false, -1, 0, kNothing};
    case kQ5_1:
      return {"q5_1", 32, 24, 32, kUnsigned, 5, 0, 2, kF16, 0, 0, 0, false, 2, 0, kNothing};
    case kQ8_0:
      return {"q8_0", 32, 34, 32, kSigned, 8, 0, 1, kF16, 0, 0, 0, false, -1, 0, kNothing};
    case kQ2_K:
      return {"q2_k", 256, 84, 16, kUnsigned, 2, 0, 1, kF16, 80, 1, 0, false, 82, 1, kNothing};
    case kQ3_K:
      return {"q3_k", 256, 110, 16, kUnsigned, 3, 4, 2, kF16, 108, 2, 32, false, -1, 0, kNothing};
    case kQ4_K:
      return {"q4_k", 256, 144, 32, kUnsigned, 4, 0, 1, kF16, 0, 2, 0, false, 2, 2, kNothing};
    case kQ5_K:
      return {"q5_k", 256, 176, 32, kUnsigned, 5, 0, 2, kF16, 0, 2, 0, false, 2, 2, kNothing};
    case kQ6_K:
      return {"q6_k", 256, 210, 16, kUnsigned, 6, 32, 2, kF16, 208, 1, 0, true, -1, 0, kNothing};
    case kQ8_K:
      return {"q8_k", 256, 292, 32, kSigned, 8, 0, 1, kF32, 0, 0, 0, false, -1, 0, kNothing};
    case kIq4Nl:
      return {"iq4_nl", 32, 18, 32, kIq4, 4, 0, 1, kF16, 0, 0, 0, false, -1, 0, kNothing};
    case kIq4Xs:
      return {"iq4_xs", 256, 136, 32, kIq4, 4, 0, 1, kF16, 0, 2, 32, false, -1, 0, kNothing};
    case kMxfp4:
      return {"mxfp4", 32, 17, 32, kE2m1, 4, 0, 1, kHalfE8m0, 0, 0, 0, false, -1, 0, kNothing};
    case kNvfp4:
      return {"nvfp4", 64, 36, 16, kE2m1, 4, 0, 1, kHalfUe4m3, 0, 0, 0, false, -1, 0, kMayScale};
    case kInt8Block:
      return {"int8_block", 1, 1, 1, kSigned, 8, 0, 1, kNoScale, 0, 0, 0, false, -1, 0, kMustScale};
    case kInt8BlockAsym:
      return {"int8_block_asym", 1, 1, 1, kByArgument, 8, 0, 1, kNoScale, 0, 0, 0, false, -1, 0, kMustZero};
    case kInt4Block:
      return {"int4_block", 2, 1, 2, kByArgument, 4, 0, 1, kNoScale, 0, 0, 0, false, -1, 0, kMayZero};
    case kFp8E4m3:
      return {"fp8_e4m3", 1, 1, 1, kE4m3, 8, 0, 1, kNoScale, 0, 0, 0, false, -1, 0, kMayScale};
    default:
      return {"fp8_e5m2", 1, 1, 1, kE5m2, 8, 0, 1, kNoScale, 0, 0, 0, false, -1, 0, kMayScale};
  }
}

// Some bits of a number: ((block[byte] >> shift) & (2^bits − 1)) << left. The parts of a number have no bits in common.
struct Part {
  unsigned byte, shift, bits, left;
};

// Part p of the code of number i of a block. Blocks of one or two numbers go on as if the row were one block.
RLX_QUANT_FUNCTION Part code_part(unsigned scheme, unsigned p, unsigned i) {
  switch (scheme) {
    case kQ4_0:
    case kIq4Nl:
      return {2 + i % 16, i / 16 * 4, 4, 0};
    case kQ4_1:
      return {4 + i % 16, i / 16 * 4, 4, 0};
    case kQ5_0:
      return p == 0 ? Part{6 + i % 16, i / 16 * 4, 4, 0} : Part{2 + i / 8, i % 8, 1, 4};
    case kQ5_1:
      return p == 0 ? Part{8 + i % 16, i / 16 * 4, 4, 0} : Part{4 + i / 8, i % 8, 1, 4};
    case kQ8_0:
      return {2 + i, 0, 8, 0};
    case kQ2_K:
      return {16 + i / 128 * 32 + i % 32, i / 32 % 4 * 2, 2, 0};
    case kQ3_K:
      return p == 0 ? Part{32 + i / 128 * 32 + i % 32, i / 32 % 4 * 2, 2, 0} : Part{i % 32, i / 32, 1, 2};
    case kQ4_K:
      return {16 + i / 64 * 32 + i % 32, i / 32 % 2 * 4, 4, 0};
    case kQ5_K:
      return p == 0 ? Part{48 + i / 64 * 32 + i % 32, i / 32 % 2 * 4, 4, 0} : Part{16 + i % 32, i / 32, 1, 4};
    case kQ6_K:
      return p == 0 ? Part{i / 128 * 64 + i % 64, i / 64 % 2 * 4, 4, 0}
                    : Part{128 + i / 128 * 32 + i % 32, i / 32 % 4 * 2, 2, 4};
    case kQ8_K:
      return {4 + i, 0, 8, 0};
    case kIq4Xs:
      return {8 + i / 32 * 16 + i % 16, i / 16 % 2 * 4, 4, 0};
    case kMxfp4:
      return {1 + i % 16, i / 16 * 4, 4, 0};
    case kNvfp4:
      return {4 + i / 16 * 8 + i % 8, i / 8 % 2 * 4, 4, 0};
    case kInt4Block:
      return {i / 2, i % 2 * 4, 4, 0};
    default:
      return {i, 0, 8, 0};
  }
}

// Four neighbours lie in four neighbouring bytes at the same shift, whatever multiple of four the first one is.
RLX_QUANT_FUNCTION bool in_four_bytes(unsigned scheme, unsigned p) {
  return scheme != kInt4Block && !((scheme == kQ5_0 || scheme == kQ5_1) && p == 1);
}

// Part p of the factor that group g has on the block's scale.
RLX_QUANT_FUNCTION Part scale_part(unsigned scheme, unsigned p, unsigned g) {
  switch (scheme) {
    case kQ2_K:
      return {g, 0, 4, 0};
    case kQ3_K:
      return p == 0 ? Part{96 + g % 8, g / 8 * 4, 4, 0} : Part{104 + g % 4, g / 4 * 2, 2, 4};
    case kQ4_K:
    case kQ5_K:
      if (p == 0) return g < 4 ? Part{4 + g, 0, 6, 0} : Part{8 + g, 0, 4, 0};
      return g < 4 ? Part{4, 0, 0, 0} : Part{g, 6, 2, 4};
    case kQ6_K:
      return {192 + g, 0, 8, 0};
    case kIq4Xs:
      return p == 0 ? Part{4 + g / 2, g % 2 * 4, 4, 0} : Part{2 + g / 4, g % 4 * 2, 2, 4};
    default:
      return {0, 0, 0, 0};
  }
}

// Part p of the factor that group g has on the block's offset.
RLX_QUANT_FUNCTION Part offset_part(unsigned scheme, unsigned p, unsigned g) {
  switch (scheme) {
    case kQ2_K:
      return {g, 4, 4, 0};
    case kQ4_K:
    case kQ5_K:
      if (p == 0) return g < 4 ? Part{8 + g, 0, 6, 0} : Part{8 + g, 4, 4, 0};
      return g < 4 ? Part{8, 0, 0, 0} : Part{4 + g, 6, 2, 4};
    default:
      return {0, 0, 0, 0};
  }
}

RLX_QUANT_FUNCTION unsigned bits_of(const unsigned char* block, Part part) {
  return (static_cast<unsigned>(block[part.byte]) >> part.shift & ((1u << part.bits) - 1)) << part.left;
}

// The non-linear levels of iq4_nl and iq4_xs, eight to a word.
RLX_QUANT_FUNCTION int iq4_value(unsigned code) {
  const unsigned long long levels = code < 8 ? 0xf6eaddcfbfad9881u : 0x7159453526190d01u;
  return static_cast<signed char>(levels >> code % 8 * 8);
}

// 2·(0, 0.5, 1, 1.5, 2, 3, 4, 6), with a sign.
RLX_QUANT_FUNCTION int e2m1_value(unsigned code) {
  const int magnitude = static_cast<int>(0xc8643210u >> code % 8 * 4 & 15);
  return code < 8 ? magnitude : -magnitude;
}

RLX_QUANT_FUNCTION float float_of_bits(unsigned bits) {
  return __builtin_bit_cast(float, bits);
}

// 8-bit floats fit a half's exponent or, for e4m3, one that is 8 larger. Magnitudes below are exact in f32.
RLX_QUANT_FUNCTION float e4m3_value(unsigned code) {
  const unsigned magnitude = code & 0x7f, sign = (code & 0x80) << 24;
  if (magnitude == 0x7f) return float_of_bits(sign | 0x7fc00000u);
  if (magnitude >= 8) return float_of_bits(sign | ((magnitude << 20) + (120u << 23)));
  const float tiny = static_cast<float>(magnitude) * 0x1p-9f;
  return sign ? -tiny : tiny;
}
RLX_QUANT_FUNCTION float e5m2_value(unsigned code) {
  const unsigned magnitude = code & 0x7f, sign = (code & 0x80) << 24;
  if (magnitude >= 0x7c) return float_of_bits(sign | (magnitude == 0x7c ? 0x7f800000u : 0x7fc00000u));
  if (magnitude >= 4) return float_of_bits(sign | ((magnitude << 21) + (112u << 23)));
  const float tiny = static_cast<float>(magnitude) * 0x1p-16f;
  return sign ? -tiny : tiny;
}

RLX_QUANT_FUNCTION float half_e8m0_value(unsigned code) {
  return float_of_bits(code < 2 ? 0x00200000u << code : (code - 1) << 23);
}
RLX_QUANT_FUNCTION float half_ue4m3_value(unsigned code) {
  const unsigned magnitude = code & 0x7f;
  return magnitude == 0x7f ? 0.0f : 0.5f * e4m3_value(magnitude);
}

RLX_QUANT_FUNCTION float f16_value(unsigned bits) {
  const unsigned sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 0x1f, mantissa = bits & 0x3ff;
  if (exponent == 0x1f) return float_of_bits(sign | 0x7f800000u | mantissa << 13);
  if (exponent != 0) return float_of_bits(sign | ((exponent + 112) << 23) | mantissa << 13);
  const float tiny = static_cast<float>(mantissa) * 0x1p-24f;
  return sign ? -tiny : tiny;
}
RLX_QUANT_FUNCTION float f16_at(const unsigned char* block, unsigned byte) {
  return f16_value(block[byte] | static_cast<unsigned>(block[byte + 1]) << 8);
}

// The code of number i, in 0 … 2^code_bits − 1.
RLX_QUANT_FUNCTION unsigned raw_code(unsigned scheme, const unsigned char* block, unsigned i) {
  unsigned code = bits_of(block, code_part(scheme, 0, i));
  if (layout_of(scheme).code_parts > 1) code |= bits_of(block, code_part(scheme, 1, i));
  return code;
}

// number = scale·(code − bias) + offset, of one group. R: float or double.
template <typename R>
struct Affine {
  R scale, offset;
};

// What all groups of a block have in common.
template <typename R>
RLX_QUANT_FUNCTION Affine<R> block_affine(unsigned scheme, const unsigned char* block) {
  const Layout layout = layout_of(scheme);
  const unsigned char* at = block + layout.scale_at;
  Affine<R> a = {R(1), R(0)};
  if (layout.scale == kF16) a.scale = f16_at(block, layout.scale_at);
  if (layout.scale == kF32)
    a.scale = float_of_bits(at[0] | static_cast<unsigned>(at[1]) << 8 | static_cast<unsigned>(at[2]) << 16 |
                            static_cast<unsigned>(at[3]) << 24);
  if (layout.scale == kHalfE8m0) a.scale = half_e8m0_value(*at);
  if (layout.offset_at >= 0) a.offset = f16_at(block, static_cast<unsigned>(layout.offset_at));
  return a;
}

// Of group g, from its block's.
template <typename R>
RLX_QUANT_FUNCTION Affine<R> group_affine(unsigned scheme, const unsigned char* block, Affine<R> a, unsigned g) {
  const Layout layout = layout_of(scheme);
  if (layout.scale == kHalfUe4m3) a.scale = half_ue4m3_value(block[layout.scale_at + g]);
  if (layout.scale_parts > 0) {
    unsigned factor = bits_of(block, scale_part(scheme, 0, g));
    if (layout.scale_parts > 1) factor |= bits_of(block, scale_part(scheme, 1, g));
    a.scale *= R(layout.scale_signed ? static_cast<signed char>(factor) : static_cast<int>(factor) - layout.scale_bias);
  }
  if (layout.offset_parts > 0) {
    unsigned factor = bits_of(block, offset_part(scheme, 0, g));
    if (layout.offset_parts > 1) factor |= bits_of(block, offset_part(scheme, 1, g));
    a.offset *= -R(static_cast<int>(factor));
  }
  return a;
}

// What a code stands for, without its group's scale and offset. is_signed matters for kByArgument only.
RLX_QUANT_FUNCTION float number_of_code(unsigned scheme, unsigned code, bool is_signed) {
  const Layout layout = layout_of(scheme);
  const unsigned sign = 1u << (layout.code_bits - 1);
  switch (layout.code) {
    case kIq4:
      return static_cast<float>(iq4_value(code));
    case kE2m1:
      return static_cast<float>(e2m1_value(code));
    case kE4m3:
      return e4m3_value(code);
    case kE5m2:
      return e5m2_value(code);
    default:
      if (layout.code == kSigned || (layout.code == kByArgument && is_signed))
        return static_cast<float>(static_cast<int>(code ^ sign) - static_cast<int>(sign));
      return static_cast<float>(static_cast<int>(code) - layout.bias);
  }
}

// kSchemes for a name that is none.
RLX_QUANT_FUNCTION unsigned find_scheme(const char* name, unsigned length) {
  for (unsigned scheme = 0; scheme < kSchemes; ++scheme) {
    const char* candidate = layout_of(scheme).name;
    unsigned i = 0;
    while (i < length && candidate[i] == name[i] && candidate[i]) ++i;
    if (i == length && !candidate[i]) return scheme;
  }
  return kSchemes;
}

}  // namespace rlx::sdk::quant
