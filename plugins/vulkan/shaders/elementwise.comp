// A straight line of steps over the elements of a broadcast shape: one elementwise node, or a fused region of them. The
// program is data, so that every region of every model runs with one pipeline.
#version 460
#include "types.glsl"
#include "unary.glsl"

layout(local_size_x = RLX_LANES) in;

layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer HeadAt { ElementwiseHead v; };
layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer OperandAt { ElementwiseOperand v; };
layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer StepAt { ElementwiseStep v; };
#define HEAD HeadAt(push.params).v
const uint64_t kHeadSize = 56ul, kOperandSize = 48ul, kStepSize = 32ul;

float f(uint64_t bits) { return uintBitsToFloat(uint(bits)); }
uint64_t f_bits(float x) { return uint64_t(floatBitsToUint(x)); }
uint64_t truth(bool b) { return b ? 1ul : 0ul; }

int64_t wrap_to(uint dtype, int64_t x) {
  switch (dtype) {
    case DTYPE_I8: return int64_t(int(uint(x) << 24) >> 24);
    case DTYPE_I16: return int64_t(int(uint(x) << 16) >> 16);
    case DTYPE_I32: return int64_t(int(uint(x)));
    case DTYPE_U8: return int64_t(uint64_t(uint(x) & 0xffu));
    case DTYPE_U16: return int64_t(uint64_t(uint(x) & 0xffffu));
    case DTYPE_U32: return int64_t(uint64_t(uint(x)));
    default: return x;
  }
}

// Truncates and saturates; NaN gives 0.
int64_t saturate(float x, uint dtype) {
  if (is_nan(x)) return 0l;
  switch (dtype) {
    case DTYPE_I8: return int64_t(min(max(x, -128.0), 127.0));
    case DTYPE_I16: return int64_t(min(max(x, -32768.0), 32767.0));
    case DTYPE_I32: return x >= 2147483648.0 ? 0x7fffffffl : x <= -2147483648.0 ? -0x80000000l : int64_t(x);
    case DTYPE_I64:
      return x >= 9223372036854775808.0   ? 0x7fffffffffffffffl
             : x <= -9223372036854775808.0 ? int64_t(0x8000000000000000ul)
                                           : int64_t(x);
    case DTYPE_U8: return int64_t(min(max(x, 0.0), 255.0));
    case DTYPE_U16: return int64_t(min(max(x, 0.0), 65535.0));
    case DTYPE_U32: return x >= 4294967296.0 ? 0xffffffffl : x <= 0.0 ? 0l : int64_t(x);
    default:
      // Halved, so that the conversion is one of signed integers.
      if (x <= 0.0) return 0l;
      if (x >= 18446744073709551616.0) return int64_t(0xfffffffffffffffful);
      return x < 9223372036854775808.0 ? int64_t(x) : int64_t(x - 9223372036854775808.0) + int64_t(0x8000000000000000ul);
  }
}

float unsigned_to_float(uint64_t x) {
  // The last bit is sticky, so that halving does not change how the value rounds.
  return (x >> 63) == 0ul ? float(int64_t(x)) : 2.0 * float(int64_t((x >> 1) | (x & 1ul)));
}

int64_t quotient(int64_t a, int64_t b, bool u) {
  if (b == 0l) return 0l;
  if (u) return int64_t(uint64_t(a) / uint64_t(b));
  if (b == -1l) return -a;
  uint64_t q = uint64_t(a < 0l ? -a : a) / uint64_t(b < 0l ? -b : b);
  return (a < 0l) != (b < 0l) ? -int64_t(q) : int64_t(q);
}

int64_t power(int64_t base, int64_t exponent, bool u) {
  if (!u && exponent < 0l) return base == 1l ? 1l : base == -1l ? ((exponent & 1l) != 0l ? -1l : 1l) : 0l;
  int64_t y = 1l;
  for (uint64_t n = uint64_t(exponent); n != 0ul; n >>= 1) {
    if ((n & 1ul) != 0ul) y *= base;
    base *= base;
  }
  return y;
}

uint64_t float_step(uint op, float a, float b, float c, float alpha, float beta) {
  switch (op) {
    case RLX_OP_is_nan: return truth(is_nan(a));
    case RLX_OP_is_inf: return truth(is_infinite(a) && ((floatBitsToUint(a) >> 31) != 0u ? alpha : beta) != 0.0);
    case RLX_OP_add: return f_bits(a + b);
    case RLX_OP_sub: return f_bits(a - b);
    case RLX_OP_mul: return f_bits(a * b);
    case RLX_OP_div: return f_bits(a / b);
    case RLX_OP_max: return f_bits(max_f(a, b));
    case RLX_OP_min: return f_bits(min_f(a, b));
    case RLX_OP_pow: return f_bits(pow_f(a, b));
    case RLX_OP_mod: return f_bits(mod_f(a, b));
    case RLX_OP_fmod: return f_bits(fmod_f(a, b));
    case RLX_OP_atan2: return f_bits(atan2_f(a, b));
    case RLX_OP_eq: return truth(!is_nan(a) && !is_nan(b) && a == b);
    case RLX_OP_ne: return truth(is_nan(a) || is_nan(b) || a != b);
    case RLX_OP_lt: return truth(!is_nan(a) && !is_nan(b) && a < b);
    case RLX_OP_le: return truth(!is_nan(a) && !is_nan(b) && a <= b);
    case RLX_OP_gt: return truth(!is_nan(a) && !is_nan(b) && a > b);
    case RLX_OP_ge: return truth(!is_nan(a) && !is_nan(b) && a >= b);
    case RLX_OP_clamp: return f_bits(min_f(max_f(a, b), c));
    case RLX_OP_to_f16: return f_bits(half_to_float(float_to_half(a)));
    case RLX_OP_to_bf16: return f_bits(bfloat_to_float(float_to_bfloat(a)));
    case RLX_OP_to_bool: return truth(is_nan(a) || a != 0.0);
    case RLX_OP_float_to_int: return uint64_t(saturate(a, floatBitsToUint(beta)));
    default: return f_bits(unary_float(op, a, alpha, beta));
  }
}

// alpha: the bits of the dtype's width for shifts.
uint64_t int_step(uint op, bool u, int64_t a, int64_t b, int64_t c, uint alpha, uint beta) {
  bool less = u ? uint64_t(a) < uint64_t(b) : a < b, more = u ? uint64_t(a) > uint64_t(b) : a > b;
  switch (op) {
    case RLX_OP_relu: return uint64_t(!u && a < 0l ? 0l : a);
    case RLX_OP_neg: return uint64_t(-a);
    case RLX_OP_abs: return uint64_t(!u && a < 0l ? -a : a);
    case RLX_OP_sign: return uint64_t(!u && a < 0l ? -1l : a == 0l ? 0l : 1l);
    case RLX_OP_bit_not: return uint64_t(~a);
    case RLX_OP_not: return truth(a == 0l);
    case RLX_OP_add: return uint64_t(a + b);
    case RLX_OP_sub: return uint64_t(a - b);
    case RLX_OP_mul: return uint64_t(a * b);
    case RLX_OP_div: return uint64_t(quotient(a, b, u));
    case RLX_OP_max: return uint64_t(less ? b : a);
    case RLX_OP_min: return uint64_t(more ? b : a);
    case RLX_OP_pow: return uint64_t(power(a, b, u));
    case RLX_OP_fmod: return b == 0l ? 0ul : uint64_t(a - quotient(a, b, u) * b);
    case RLX_OP_mod: {
      int64_t rest = b == 0l ? 0l : a - quotient(a, b, u) * b;
      return uint64_t(!u && rest != 0l && (rest < 0l) != (b < 0l) ? rest + b : rest);
    }
    case RLX_OP_bit_and: return uint64_t(a & b);
    case RLX_OP_bit_or: return uint64_t(a | b);
    case RLX_OP_bit_xor: return uint64_t(a ^ b);
    case RLX_OP_shl: return uint64_t(b) >= uint64_t(alpha) ? 0ul : uint64_t(a) << uint(b);
    case RLX_OP_shr:
      return uint64_t(b) >= uint64_t(alpha) ? 0ul : u ? uint64_t(a) >> uint(b) : uint64_t(a >> uint(b));
    case RLX_OP_eq: return truth(a == b);
    case RLX_OP_ne: return truth(a != b);
    case RLX_OP_lt: return truth(less);
    case RLX_OP_le: return truth(!more);
    case RLX_OP_gt: return truth(more);
    case RLX_OP_ge: return truth(!less);
    case RLX_OP_clamp: {
      int64_t y = less ? b : a;
      return uint64_t((u ? uint64_t(y) > uint64_t(c) : y > c) ? c : y);
    }
    case RLX_OP_wrap: return uint64_t(wrap_to(beta, a));
    case RLX_OP_to_bool: return truth(a != 0l);
    case RLX_OP_int_to_float: return f_bits(u ? unsigned_to_float(uint64_t(a)) : float(a));
    default: return uint64_t(a);
  }
}

uint64_t load_register(OperandAt x, uint64_t index) {
  return is_float(x.v.dtype) ? f_bits(load_float(x.v.at, index, x.v.dtype))
                             : uint64_t(load_int(x.v.at, index, x.v.dtype));
}

void store_register(OperandAt x, uint64_t index, uint64_t bits) {
  if (is_float(x.v.dtype))
    store_float(x.v.at, index, x.v.dtype, f(bits));
  else
    store_bits(x.v.at, index, width_of(x.v.dtype), bits);
}

void main() {
  uint64_t operands = push.params + kHeadSize;
  uint64_t steps = operands + kOperandSize * uint64_t(HEAD.inputs + HEAD.outputs);
  uint64_t r[RLX_REGISTERS];
  uint coordinates[RLX_RANK];
  for (uint i = gl_GlobalInvocationID.x; i < HEAD.count; i += gl_NumWorkGroups.x * RLX_LANES) {
    uint rest = i;
    for (uint d = HEAD.rank; d-- > 0u;) {
      uint next = rest / HEAD.dims[d];
      coordinates[d] = rest - next * HEAD.dims[d];
      rest = next;
    }
    for (uint n = 0u; n < HEAD.inputs; ++n) {
      OperandAt x = OperandAt(operands + kOperandSize * uint64_t(n));
      uint64_t at = uint64_t(i) * uint64_t(x.v.step);
      for (uint d = 0u; d < HEAD.rank; ++d) at += uint64_t(coordinates[d]) * uint64_t(x.v.strides[d]);
      r[n] = load_register(x, at);
    }
    for (uint n = 0u; n < HEAD.steps; ++n) {
      ElementwiseStep s = StepAt(steps + kStepSize * uint64_t(n)).v;
      uint op = s.op & 0xffffu, domain = s.op >> 16;
      if (op == RLX_OP_constant)
        r[s.dst] = uint64_t(s.alpha) | (uint64_t(s.beta) << 32);
      else if (op == RLX_OP_where)
        r[s.dst] = r[s.a] != 0ul ? r[s.b] : r[s.c];
      else if (domain == RLX_DOMAIN_FLOAT)
        r[s.dst] = float_step(op, f(r[s.a]), f(r[s.b]), f(r[s.c]), uintBitsToFloat(s.alpha), uintBitsToFloat(s.beta));
      else
        r[s.dst] = int_step(op, domain == RLX_DOMAIN_UNSIGNED, int64_t(r[s.a]), int64_t(r[s.b]), int64_t(r[s.c]), s.alpha,
                            s.beta);
    }
    // Outputs are the last registers.
    for (uint n = 0u; n < HEAD.outputs; ++n)
      store_register(OperandAt(operands + kOperandSize * uint64_t(HEAD.inputs + n)), uint64_t(i),
                     r[RLX_REGISTERS - 1u - n]);
  }
}
