/* Numbers of the steps of elementwise programs, for the host and for the shaders. Kinds of unary, binary and compare
 * have the name of the kind. */
#ifndef RLX_VULKAN_OPS_H
#define RLX_VULKAN_OPS_H

/* What the bits of a register are. */
#define RLX_DOMAIN_FLOAT 0
#define RLX_DOMAIN_SIGNED 1
#define RLX_DOMAIN_UNSIGNED 2

#define RLX_OP_none 0
#define RLX_OP_gelu 1
#define RLX_OP_gelu_tanh 2
#define RLX_OP_silu 3
#define RLX_OP_relu 4
#define RLX_OP_leaky_relu 5
#define RLX_OP_elu 6
#define RLX_OP_selu 7
#define RLX_OP_celu 8
#define RLX_OP_hard_sigmoid 9
#define RLX_OP_hard_swish 10
#define RLX_OP_mish 11
#define RLX_OP_softplus 12
#define RLX_OP_softsign 13
#define RLX_OP_thresholded_relu 14
#define RLX_OP_shrink 15
#define RLX_OP_sigmoid 16
#define RLX_OP_tanh 17
#define RLX_OP_exp 18
#define RLX_OP_log 19
#define RLX_OP_log1p 20
#define RLX_OP_expm1 21
#define RLX_OP_sqrt 22
#define RLX_OP_rsqrt 23
#define RLX_OP_recip 24
#define RLX_OP_neg 25
#define RLX_OP_abs 26
#define RLX_OP_sign 27
#define RLX_OP_floor 28
#define RLX_OP_ceil 29
#define RLX_OP_round 30
#define RLX_OP_trunc 31
#define RLX_OP_sin 32
#define RLX_OP_cos 33
#define RLX_OP_tan 34
#define RLX_OP_asin 35
#define RLX_OP_acos 36
#define RLX_OP_atan 37
#define RLX_OP_sinh 38
#define RLX_OP_cosh 39
#define RLX_OP_asinh 40
#define RLX_OP_acosh 41
#define RLX_OP_atanh 42
#define RLX_OP_erf 43
#define RLX_OP_not 44
#define RLX_OP_bit_not 45
#define RLX_OP_is_nan 46
#define RLX_OP_is_inf 47

#define RLX_OP_add 64
#define RLX_OP_sub 65
#define RLX_OP_mul 66
#define RLX_OP_div 67
#define RLX_OP_max 68
#define RLX_OP_min 69
#define RLX_OP_pow 70
#define RLX_OP_mod 71
#define RLX_OP_fmod 72
#define RLX_OP_atan2 73
#define RLX_OP_bit_and 74
#define RLX_OP_bit_or 75
#define RLX_OP_bit_xor 76
#define RLX_OP_shl 77
#define RLX_OP_shr 78
#define RLX_OP_eq 79
#define RLX_OP_ne 80
#define RLX_OP_lt 81
#define RLX_OP_le 82
#define RLX_OP_gt 83
#define RLX_OP_ge 84

#define RLX_OP_where 96
#define RLX_OP_clamp 97
#define RLX_OP_constant 98
/* Conversions; beta has the dtype, whose range a float saturates to and an integer wraps into. */
#define RLX_OP_float_to_int 99
#define RLX_OP_int_to_float 100
#define RLX_OP_wrap 101
#define RLX_OP_to_bool 102
#define RLX_OP_to_f16 103
#define RLX_OP_to_bf16 104

#endif
