// Elements in memory: addresses, dtypes and conversions. Every shader includes this first.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_EXT_shader_8bit_storage : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_control_flow_attributes : require
#ifdef RLX_FRAGMENTS
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#endif
#ifdef RLX_COOPERATIVE
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_cooperative_matrix : require
#endif

#include "interface.h"

#define DTYPE_F32 1
#define DTYPE_F16 2
#define DTYPE_BF16 3
#define DTYPE_I8 5
#define DTYPE_I16 6
#define DTYPE_I32 7
#define DTYPE_I64 8
#define DTYPE_U8 9
#define DTYPE_U16 10
#define DTYPE_U32 11
#define DTYPE_U64 12
#define DTYPE_BOOL 13

layout(push_constant) uniform PushBlock { Push push; };

layout(buffer_reference, std430, buffer_reference_align = 1) buffer At8 { uint8_t v; };
layout(buffer_reference, std430, buffer_reference_align = 2) buffer At16 { uint16_t v; };
layout(buffer_reference, std430, buffer_reference_align = 4) buffer At32 { uint v; };
layout(buffer_reference, std430, buffer_reference_align = 8) buffer At64 { uint64_t v; };
layout(buffer_reference, std430, buffer_reference_align = 4) buffer AtFloat { float v; };
#ifdef RLX_FRAGMENTS
layout(buffer_reference, std430, buffer_reference_align = 2) buffer AtHalf { float16_t v; };
#endif
layout(buffer_reference, std430, buffer_reference_align = 8) buffer MailboxAt { Mailbox v; };

// Parameters are read where they lie: a copy with arrays in it would cost each thread memory of its own.
#define PARAMS(type) layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer ParamsAt { type v; }
#define P ParamsAt(push.params).v

bool is_float(uint dtype) { return dtype <= DTYPE_BF16; }
bool is_unsigned(uint dtype) { return dtype >= DTYPE_U8; }

// Drivers may assume that there is no NaN: bits cannot be assumed away.
bool is_nan(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }
bool is_infinite(float x) { return (floatBitsToUint(x) & 0x7fffffffu) == 0x7f800000u; }
#define kInfinity uintBitsToFloat(0x7f800000u)
#define kNaN uintBitsToFloat(0x7fc00000u)

// ---- halves, half-to-even, whatever the device's rounding mode ----

float half_to_float(uint h) {
  uint sign = (h & 0x8000u) << 16, exponent = (h >> 10) & 0x1fu, mantissa = h & 0x3ffu;
  if (exponent == 0x1fu) return uintBitsToFloat(sign | 0x7f800000u | (mantissa << 13));
  if (exponent != 0u) return uintBitsToFloat(sign | ((exponent + 112u) << 23) | (mantissa << 13));
  float tiny = float(mantissa) * 5.9604644775390625e-8;
  return sign != 0u ? -tiny : tiny;
}

uint float_to_half(float x) {
  uint bits = floatBitsToUint(x), sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return sign | 0x7e00u;
  if (magnitude >= 0x477ff000u) return sign | 0x7c00u;
  if (magnitude < 0x38800000u) return sign | (floatBitsToUint(uintBitsToFloat(magnitude) + 0.5) - 0x3f000000u);
  uint rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
  return sign | ((rounded - 0x38000000u) >> 13);
}

float bfloat_to_float(uint b) { return uintBitsToFloat(b << 16); }

uint float_to_bfloat(float x) {
  uint bits = floatBitsToUint(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return (bits >> 16) | 0x40u;
  return (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}

// ---- elements of floats; dtype is one of the three ----

float load_float(uint64_t base, uint64_t index, uint dtype) {
  if (dtype == DTYPE_F32) return AtFloat(base + index * 4ul).v;
  uint bits = uint(At16(base + index * 2ul).v);
  return dtype == DTYPE_F16 ? half_to_float(bits) : bfloat_to_float(bits);
}

void store_float(uint64_t base, uint64_t index, uint dtype, float x) {
  if (dtype == DTYPE_F32)
    AtFloat(base + index * 4ul).v = x;
  else
    At16(base + index * 2ul).v = uint16_t(dtype == DTYPE_F16 ? float_to_half(x) : float_to_bfloat(x));
}

// ---- elements of integers and bool, sign- or zero-extended ----

// Mesa 22.3 takes the comparison of int64_t(int) with a literal for one that is always true or always false.
int64_t widened(int x) { return int64_t((uint64_t(uint(x)) ^ 0x80000000ul) - 0x80000000ul); }

int64_t load_int(uint64_t base, uint64_t index, uint dtype) {
  switch (dtype) {
    case DTYPE_I8: return widened(int(uint(At8(base + index).v) << 24) >> 24);
    case DTYPE_I16: return widened(int(uint(At16(base + index * 2ul).v) << 16) >> 16);
    case DTYPE_I32: return widened(int(At32(base + index * 4ul).v));
    case DTYPE_U8: return int64_t(uint(At8(base + index).v));
    case DTYPE_BOOL: return uint(At8(base + index).v) != 0u ? 1l : 0l;
    case DTYPE_U16: return int64_t(uint(At16(base + index * 2ul).v));
    case DTYPE_U32: return int64_t(uint64_t(At32(base + index * 4ul).v));
    default: return int64_t(At64(base + index * 8ul).v);
  }
}

// ---- elements as bits ----

uint64_t load_bits(uint64_t base, uint64_t index, uint width) {
  switch (width) {
    case 1: return uint64_t(uint(At8(base + index).v));
    case 2: return uint64_t(uint(At16(base + index * 2ul).v));
    case 4: return uint64_t(At32(base + index * 4ul).v);
    default: return At64(base + index * 8ul).v;
  }
}

void store_bits(uint64_t base, uint64_t index, uint width, uint64_t bits) {
  switch (width) {
    case 1: At8(base + index).v = uint8_t(uint(bits)); break;
    case 2: At16(base + index * 2ul).v = uint16_t(uint(bits)); break;
    case 4: At32(base + index * 4ul).v = uint(bits); break;
    default: At64(base + index * 8ul).v = bits;
  }
}

uint width_of(uint dtype) {
  switch (dtype) {
    case DTYPE_I8: case DTYPE_U8: case DTYPE_BOOL: return 1;
    case DTYPE_F16: case DTYPE_BF16: case DTYPE_I16: case DTYPE_U16: return 2;
    case DTYPE_F32: case DTYPE_I32: case DTYPE_U32: return 4;
    default: return 8;
  }
}

// An index into `limit` entries where negative ones count from the end; one out of range is reported and becomes 0.
uint checked_index(int64_t given, uint limit) {
  int64_t at = given < 0l ? given + int64_t(uint64_t(limit)) : given;
  if (at >= 0l && at < int64_t(uint64_t(limit))) return uint(at);
  MailboxAt mailbox = MailboxAt(push.mailbox);
  if (atomicCompSwap(mailbox.v.failed, 0u, 1u) == 0u) {
    mailbox.v.node = push.node;
    mailbox.v.value = given;
    mailbox.v.limit = int64_t(uint64_t(limit));
  }
  return 0u;
}
