// binary: y = a kind b, broadcast as in numpy. The logical kinds take bool, the bitwise kinds integers.
#include "kernel.hpp"
#include "number.hpp"

#include <cmath>

namespace rlx::ref::kernels {

namespace {

template <typename T>
using Function = T (*)(T, T);

// NULL where a kind is not for floats.
Function<double> float_function(std::string_view kind) {
  using T = double;
  if (kind == "add") return [](T a, T b) { return a + b; };
  if (kind == "sub") return [](T a, T b) { return a - b; };
  if (kind == "mul") return [](T a, T b) { return a * b; };
  if (kind == "div") return [](T a, T b) { return a / b; };
  if (kind == "max") return [](T a, T b) { return max(a, b); };
  if (kind == "min") return [](T a, T b) { return min(a, b); };
  if (kind == "pow") return [](T a, T b) { return std::pow(a, b); };
  if (kind == "fmod") return [](T a, T b) { return std::fmod(a, b); };
  if (kind == "mod")
    return [](T a, T b) {
      const T rest = std::fmod(a, b);
      if (rest == 0) return std::copysign(rest, b);
      return (rest < 0) != (b < 0) ? rest + b : rest;
    };
  if (kind == "atan2") return [](T a, T b) { return std::atan2(a, b); };
  return nullptr;
}

// By repeated squaring, modulo 2^64.
template <typename T>
T integer_power(T base, T exponent) {
  if (exponent < T{0}) {
    if (base == T{1}) return 1;
    if (base == static_cast<T>(-1)) return (exponent & 1) ? base : T{1};
    return 0;
  }
  T power = 1;
  for (; exponent != 0; exponent = static_cast<T>(exponent >> 1)) {
    if (exponent & 1) power = mul(power, base);
    base = mul(base, base);
  }
  return power;
}

// Division by −1 is a negation that may wrap: the processor would trap on lowest / −1.
template <typename T>
T integer_quotient(T a, T b) {
  if (b == T{0}) return 0;
  if (std::is_signed_v<T> && b == static_cast<T>(-1)) return sub(T{0}, a);
  return a / b;
}

// The rest with the dividend's sign.
template <typename T>
T integer_rest(T a, T b) {
  if (b == T{0} || (std::is_signed_v<T> && b == static_cast<T>(-1))) return 0;
  return a % b;
}

template <typename T>
Function<T> integer_function(std::string_view kind) {
  if (kind == "add") return [](T a, T b) { return add(a, b); };
  if (kind == "sub") return [](T a, T b) { return sub(a, b); };
  if (kind == "mul") return [](T a, T b) { return mul(a, b); };
  if (kind == "div") return integer_quotient<T>;
  if (kind == "max") return [](T a, T b) { return max(a, b); };
  if (kind == "min") return [](T a, T b) { return min(a, b); };
  if (kind == "pow") return integer_power<T>;
  if (kind == "fmod") return integer_rest<T>;
  if (kind == "mod")
    return [](T a, T b) {
      const T rest = integer_rest(a, b);
      return rest != T{0} && (rest < T{0}) != (b < T{0}) ? static_cast<T>(rest + b) : rest;
    };
  if (kind == "atan2")
    return [](T a, T b) { return sdk::cast_to<T>(std::atan2(static_cast<double>(a), static_cast<double>(b))); };
  if (kind == "and" || kind == "bit_and") return [](T a, T b) { return static_cast<T>(a & b); };
  if (kind == "or" || kind == "bit_or") return [](T a, T b) { return static_cast<T>(a | b); };
  if (kind == "xor" || kind == "bit_xor") return [](T a, T b) { return static_cast<T>(a ^ b); };
  return nullptr;
}

// A shift by the width or more gives 0; a negative one counts as such. Unsigned dtypes are never negative here, so that
// one right shift serves both.
template <typename T>
T shifted(T value, T by, uint64_t width_bits, bool left) {
  if (static_cast<uint64_t>(by) >= width_bits) return 0;
  return left ? static_cast<T>(static_cast<uint64_t>(value) << by) : static_cast<T>(value >> by);
}

}  // namespace

void binary(const Call& call) {
  const std::string_view kind = call.node.s("kind");
  const Tensor& out = call.out();
  visit_number(out.dtype, [&](auto number) {
    using T = decltype(number);
    std::vector<T> y = load_broadcast<T>(call.in(0), out.dims);
    const std::vector<T> b = load_broadcast<T>(call.in(1), out.dims);
    Function<T> f = nullptr;
    if constexpr (std::is_same_v<T, double>) {
      f = float_function(kind);
    } else {
      if (kind == "shl" || kind == "shr") {
        for (size_t i = 0; i < y.size(); ++i) y[i] = shifted(y[i], b[i], out.width() * 8, kind == "shl");
        return store(out, y);
      }
      f = integer_function<T>(kind);
    }
    if (!f) call.bad_attribute("kind", kind);
    for (size_t i = 0; i < y.size(); ++i) y[i] = f(y[i], b[i]);
    store(out, y);
  });
}

}  // namespace rlx::ref::kernels
