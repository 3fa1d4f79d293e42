// Elements: how each dtype lies in memory, the type that a thread computes in, and the conversions of the op `cast`
// (half-to-even, saturating float to int with NaN to 0, wrapping int to int, anything to bool is x != 0).
#pragma once

#include "layer.hpp"
#include "params.hpp"

#if defined(SIMT_HIP)
typedef _Float16 simt_hip_half;
#endif

namespace simt {

struct f16 {
  u16 bits;
};
struct bf16 {
  u16 bits;
};
struct boolean {
  u8 value;
};
struct c64 {
  f32 re, im;
};
// f32 in memory. Matrix units multiply it as tf32, which has 10 bits of mantissa, or as the sum of two of them.
struct tf32 {
  f32 value;
};
struct tf32x3 {
  f32 value;
};

template <typename A, typename B>
struct same_type {
  static constexpr bool value = false;
};
template <typename A>
struct same_type<A, A> {
  static constexpr bool value = true;
};

// The type a thread computes in.
template <typename T>
struct lane {
  typedef T type;
};
template <>
struct lane<f16> {
  typedef f32 type;
};
template <>
struct lane<bf16> {
  typedef f32 type;
};
template <>
struct lane<boolean> {
  typedef boolean type;
};
template <>
struct lane<tf32> {
  typedef f32 type;
};
template <>
struct lane<tf32x3> {
  typedef f32 type;
};
template <typename T>
using lane_t = typename lane<T>::type;

template <typename T>
struct number {
  static constexpr bool is_float = false, is_signed = T(-1) < T(0);
  static constexpr u32 bits = sizeof(T) * 8;
  SIMT_DEVICE static T lowest() { return is_signed ? T(u64{1} << (bits - 1)) : T(0); }
  SIMT_DEVICE static T highest() { return is_signed ? T((u64{1} << (bits - 1)) - 1) : T(~T(0)); }
};
template <>
struct number<f32> {
  static constexpr bool is_float = true, is_signed = true;
  SIMT_DEVICE static f32 lowest() { return bits_as<f32>(0xff800000u); }
  SIMT_DEVICE static f32 highest() { return bits_as<f32>(0x7f800000u); }
  SIMT_DEVICE static f32 nan() { return bits_as<f32>(0x7fc00000u); }
};
template <>
struct number<f64> {
  static constexpr bool is_float = true, is_signed = true;
  SIMT_DEVICE static f64 lowest() { return bits_as<f64>(u64{0xfff0000000000000}); }
  SIMT_DEVICE static f64 highest() { return bits_as<f64>(u64{0x7ff0000000000000}); }
  SIMT_DEVICE static f64 nan() { return bits_as<f64>(u64{0x7ff8000000000000}); }
};

#if defined(SIMT_CUDA)
SIMT_DEVICE f32 widen(f16 x) {
  f32 y;
  asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
  return y;
}
SIMT_DEVICE f16 to_f16(f32 x) {
  f16 y;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
  return y;
}
#elif defined(SIMT_HIP)
SIMT_DEVICE f32 widen(f16 x) {
  return static_cast<f32>(bits_as<simt_hip_half>(x.bits));
}
SIMT_DEVICE f16 to_f16(f32 x) {
  return f16{bits_as<u16>(static_cast<simt_hip_half>(x))};
}
#else
SIMT_DEVICE f32 widen(f16 x) {
  return rlx::sdk::to_float(rlx::sdk::F16{x.bits});
}
SIMT_DEVICE f16 to_f16(f32 x) {
  return f16{rlx::sdk::to_f16(x).bits};
}
#endif
SIMT_DEVICE f32 widen(bf16 x) {
  return bits_as<f32>(u32{x.bits} << 16);
}
SIMT_DEVICE bf16 to_bf16(f32 x) {
  const u32 bits = bits_as<u32>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return bf16{static_cast<u16>((bits >> 16) | 0x40u)};
  return bf16{static_cast<u16>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16)};
}

// f64 and wide integers to a half go through f32 rounded to odd, so that no value is rounded twice.
SIMT_DEVICE f32 round_to_odd(f64 x) {
  const f32 near = static_cast<f32>(x);
  const f64 back = near;
  u32 bits = bits_as<u32>(near);
  if (!(back - back == 0) || back == x || (bits & 1u)) return near;
  const f64 magnitude = x < 0 ? -x : x, back_magnitude = back < 0 ? -back : back;
  return bits_as<f32>(back_magnitude > magnitude ? bits - 1u : bits + 1u);
}

template <typename To>
struct convert {
  template <typename From>
  SIMT_DEVICE static To from(From x) {
    if constexpr (number<From>::is_float && !number<To>::is_float) {
      if (x != x) return To(0);
      // highest() as a float may round up to 2^n, which is out of range already: hence >=.
      if (x >= static_cast<From>(number<To>::highest())) return number<To>::highest();
      if (x <= static_cast<From>(number<To>::lowest())) return number<To>::lowest();
    }
    return static_cast<To>(x);
  }
  SIMT_DEVICE static To from(f16 x) { return from(widen(x)); }
  SIMT_DEVICE static To from(bf16 x) { return from(widen(x)); }
  SIMT_DEVICE static To from(boolean x) { return static_cast<To>(x.value != 0); }
  SIMT_DEVICE static To from(c64 x) { return from(x.re); }
  SIMT_DEVICE static To from(tf32 x) { return from(x.value); }
  SIMT_DEVICE static To from(tf32x3 x) { return from(x.value); }
};
template <>
struct convert<tf32> {
  SIMT_DEVICE static tf32 from(f32 x) { return tf32{x}; }
};
template <>
struct convert<tf32x3> {
  SIMT_DEVICE static tf32x3 from(f32 x) { return tf32x3{x}; }
};
template <>
struct convert<boolean> {
  template <typename From>
  SIMT_DEVICE static boolean from(From x) {
    return boolean{static_cast<u8>(x != From(0))};
  }
  SIMT_DEVICE static boolean from(f16 x) { return from(widen(x)); }
  SIMT_DEVICE static boolean from(bf16 x) { return from(widen(x)); }
  SIMT_DEVICE static boolean from(boolean x) { return boolean{static_cast<u8>(x.value != 0)}; }
  SIMT_DEVICE static boolean from(c64 x) { return from(x.re); }
};
template <>
struct convert<c64> {
  template <typename From>
  SIMT_DEVICE static c64 from(From x) {
    return c64{convert<f32>::from(x), 0};
  }
  SIMT_DEVICE static c64 from(c64 x) { return x; }
};
template <>
struct convert<f16> {
  template <typename From>
  SIMT_DEVICE static f16 from(From x) {
    if constexpr (same_type<From, f32>::value)
      return to_f16(x);
    else
      return to_f16(round_to_odd(static_cast<f64>(x)));
  }
  SIMT_DEVICE static f16 from(f16 x) { return x; }
  SIMT_DEVICE static f16 from(bf16 x) { return to_f16(widen(x)); }
  SIMT_DEVICE static f16 from(boolean x) { return to_f16(static_cast<f32>(x.value != 0)); }
  SIMT_DEVICE static f16 from(c64 x) { return to_f16(x.re); }
};
template <>
struct convert<bf16> {
  template <typename From>
  SIMT_DEVICE static bf16 from(From x) {
    if constexpr (same_type<From, f32>::value)
      return to_bf16(x);
    else
      return to_bf16(round_to_odd(static_cast<f64>(x)));
  }
  SIMT_DEVICE static bf16 from(f16 x) { return to_bf16(widen(x)); }
  SIMT_DEVICE static bf16 from(bf16 x) { return x; }
  SIMT_DEVICE static bf16 from(boolean x) { return to_bf16(static_cast<f32>(x.value != 0)); }
  SIMT_DEVICE static bf16 from(c64 x) { return to_bf16(x.re); }
};

template <typename T>
SIMT_DEVICE lane_t<T> load(Address base, i64 at) {
  return convert<lane_t<T>>::from(reinterpret_cast<const T*>(base)[at]);
}
template <typename T>
SIMT_DEVICE void store(Address base, i64 at, lane_t<T> value) {
  reinterpret_cast<T*>(base)[at] = convert<T>::from(value);
}

}  // namespace simt
