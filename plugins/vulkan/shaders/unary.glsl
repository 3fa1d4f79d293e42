// The unary kinds of f32 by number: what matrix products and convolutions apply at the end.
#include "math.glsl"

float unary_float(uint kind, float x, float alpha, float beta) {
  switch (kind) {
#define RLX_UNARY(number, name, value) \
    case number: return value;
#include "unary_kinds.inc"
#undef RLX_UNARY
    default: return x;
  }
}
