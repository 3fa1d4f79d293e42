// The frame of every elementwise program, and the functions that one can call. It is compiled without optimisation, which
// keeps functions and their names: codegen/link.cpp gives each program a `region` of its own and drops what that does not
// call. Values are floats, or integers of 64 bits.
#version 460
#include "types.glsl"
#include "math.glsl"
#include "integer.glsl"

layout(constant_id = 0) const uint kRank = 0;
layout(local_size_x = RLX_LANES) in;

layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer HeadAt { ElementwiseHead v; };
layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer OperandAt { ElementwiseOperand v; };
#define HEAD HeadAt(push.params).v
#define OPERAND(n) OperandAt(push.params + 40ul + uint64_t(n) * 40ul).v

uint coordinates[RLX_RANK];

void locate(const uint i) {
  uint rest = i;
  for (uint d = kRank; d-- > 0u;) {
    uint next = rest / HEAD.dims[d];
    coordinates[d] = rest - next * HEAD.dims[d];
    rest = next;
  }
}

uint64_t place_of(const uint operand, const uint i) {
  if (kRank == 0u) return uint64_t(i * OPERAND(operand).strides[0]);
  uint at = 0u;
  for (uint d = 0u; d < kRank; ++d) at += coordinates[d] * OPERAND(operand).strides[d];
  return uint64_t(at);
}

// ---- inputs and outputs ----

float read_float(const uint operand, const uint i, const uint dtype) {
  return load_float(OPERAND(operand).at, place_of(operand, i), dtype);
}
int64_t read_int(const uint operand, const uint i, const uint dtype) {
  return load_int(OPERAND(operand).at, place_of(operand, i), dtype);
}
void write_float(const uint operand, const uint i, const uint dtype, const float x) {
  store_float(OPERAND(operand).at, uint64_t(i), dtype, x);
}
void write_int(const uint operand, const uint i, const uint dtype, const int64_t x) {
  store_bits(OPERAND(operand).at, uint64_t(i), width_of(dtype), uint64_t(x));
}

// ---- between types ----

float select_float(const int64_t a, const float b, const float c) { return a != 0l ? b : c; }
int64_t select_int(const int64_t a, const int64_t b, const int64_t c) { return a != 0l ? b : c; }
int64_t wrap_int(const int64_t a, const uint dtype) { return wrapped(a, dtype); }
int64_t cast_float_int(const float a, const uint dtype) { return saturated(a, dtype); }
int64_t cast_float_bool(const float a) { return truth(is_nan(a) || a != 0.0); }
int64_t cast_int_bool(const int64_t a) { return truth(a != 0l); }
float cast_signed_float(const int64_t a) { return float(a); }
float cast_unsigned_float(const int64_t a) { return unsigned_to_float(uint64_t(a)); }
float round_f16(const float a) { return half_to_float(float_to_half(a)); }
float round_bf16(const float a) { return bfloat_to_float(float_to_bfloat(a)); }

// ---- kinds ----

#define RLX_UNARY(number, name, value) \
  float float_##name(const float x, const float alpha, const float beta) { return value; }
#include "unary_kinds.inc"
#undef RLX_UNARY
#define FLOAT(name, value) \
  float float_##name(const float a, const float b, const float c) { return value; }
#define FLOAT_TEST(name, value) \
  int64_t float_##name(const float a, const float b, const float c) { return truth(value); }
#define INT(name, value)                                                                \
  int64_t signed_##name(const int64_t a, const int64_t b, const int64_t c) {            \
    const bool u = false;                                                               \
    return value;                                                                       \
  }                                                                                     \
  int64_t unsigned_##name(const int64_t a, const int64_t b, const int64_t c) {          \
    const bool u = true;                                                                \
    return value;                                                                       \
  }
#include "elementwise_kinds.inc"
#undef FLOAT
#undef FLOAT_TEST
#undef INT

// Only calls keep a function; this body is replaced.
void region(const uint i) {
#define RLX_UNARY(number, name, value) float_##name(0.0, 0.0, 0.0);
#include "unary_kinds.inc"
#undef RLX_UNARY
#define FLOAT(name, value) float_##name(0.0, 0.0, 0.0);
#define FLOAT_TEST(name, value) float_##name(0.0, 0.0, 0.0);
#define INT(name, value)     \
  signed_##name(0l, 0l, 0l); \
  unsigned_##name(0l, 0l, 0l);
#include "elementwise_kinds.inc"
  write_float(0u, i, 0u, round_f16(round_bf16(select_float(0l, read_float(0u, i, 0u), 0.0))));
  write_int(0u, i, 0u, wrap_int(select_int(0l, read_int(0u, i, 0u), 0l), 0u));
  cast_float_int(cast_signed_float(cast_int_bool(0l)), 0u);
  cast_float_bool(cast_unsigned_float(0l));
}

void main() {
  uint count = HEAD.count;
  for (uint i = gl_GlobalInvocationID.x; i < count; i += gl_NumWorkGroups.x * RLX_LANES) {
    locate(i);
    region(i);
  }
}
