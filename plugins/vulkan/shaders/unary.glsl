// The unary kinds of f32 by number: for elementwise programs and for what matrix products and convolutions apply at the end.
#include "math.glsl"
#include "ops.h"

float unary_float(uint kind, float x, float alpha, float beta) {
  switch (kind) {
    case RLX_OP_gelu: return x * 0.5 * (1.0 + erf_f(x * 0.7071067812));
    case RLX_OP_gelu_tanh: return 0.5 * x * (1.0 + tanh_f(0.7978845608 * (x + 0.044715 * x * x * x)));
    case RLX_OP_silu: return x * sigmoid_f(x);
    case RLX_OP_relu: return x < 0.0 ? 0.0 : x;
    case RLX_OP_leaky_relu: return x < 0.0 ? alpha * x : x;
    case RLX_OP_elu: return x > 0.0 ? x : alpha * expm1_f(x);
    case RLX_OP_selu: return beta * (x > 0.0 ? x : alpha * expm1_f(x));
    case RLX_OP_celu: return x > 0.0 ? x : alpha * expm1_f(x / alpha);
    case RLX_OP_hard_sigmoid: return min_f(max_f(alpha * x + beta, 0.0), 1.0);
    case RLX_OP_hard_swish: return x * min_f(max_f(x / 6.0 + 0.5, 0.0), 1.0);
    case RLX_OP_mish: return x * tanh_f(softplus_f(x));
    case RLX_OP_softplus: return softplus_f(x);
    case RLX_OP_softsign: return x / (1.0 + abs(x));
    case RLX_OP_thresholded_relu: return x > alpha ? x : 0.0;
    case RLX_OP_shrink: return x < -alpha ? x + beta : x > alpha ? x - beta : 0.0;
    case RLX_OP_sigmoid: return sigmoid_f(x);
    case RLX_OP_tanh: return tanh_f(x);
    case RLX_OP_exp: return exp_f(x);
    case RLX_OP_log: return log_f(x);
    case RLX_OP_log1p: return log1p_f(x);
    case RLX_OP_expm1: return expm1_f(x);
    case RLX_OP_sqrt: return sqrt(x);
    case RLX_OP_rsqrt: return 1.0 / sqrt(x);
    case RLX_OP_recip: return 1.0 / x;
    case RLX_OP_neg: return uintBitsToFloat(floatBitsToUint(x) ^ 0x80000000u);
    case RLX_OP_abs: return uintBitsToFloat(floatBitsToUint(x) & 0x7fffffffu);
    case RLX_OP_sign: return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x;
    case RLX_OP_floor: return floor(x);
    case RLX_OP_ceil: return ceil(x);
    case RLX_OP_round: return roundEven(x);
    case RLX_OP_trunc: return trunc(x);
    case RLX_OP_sin: return sine(x, 0);
    case RLX_OP_cos: return sine(x, 1);
    case RLX_OP_tan: return tan_f(x);
    case RLX_OP_asin: return asin_f(x);
    case RLX_OP_acos: return acos_f(x);
    case RLX_OP_atan: return atan_f(x);
    case RLX_OP_sinh: return sinh_f(x);
    case RLX_OP_cosh: return cosh_f(x);
    case RLX_OP_asinh: return asinh_f(x);
    case RLX_OP_acosh: return acosh_f(x);
    case RLX_OP_atanh: return atanh_f(x);
    case RLX_OP_erf: return erf_f(x);
    default: return x;
  }
}
