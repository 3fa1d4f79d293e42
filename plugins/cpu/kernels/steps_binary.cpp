// Binary, compare, where and clamp steps as templates over the element type: f64, integers, bool, and what f32 has no
// vector code for. Bound by the first-level cache where the compiler vectorises, by libm in pow, fmod and atan2.
#include "kernels/integer_math.hpp"
#include "kernels/plain_loop.hpp"

#include <utility>

namespace rlx::cpu {

namespace {

#define RLX_BINARY(name, on_float, on_int)       \
  struct name {                                  \
    template <typename T>                        \
    static T of(T a, T b) {                      \
      if constexpr (std::is_floating_point_v<T>) \
        return on_float;                         \
      else                                       \
        return static_cast<T>(on_int);           \
    }                                            \
  }
RLX_BINARY(Add, a + b, wide(a) + wide(b));
RLX_BINARY(Sub, a - b, wide(a) - wide(b));
RLX_BINARY(Mul, a* b, wide(a) * wide(b));
RLX_BINARY(Div, a / b, int_div(a, b));
RLX_BINARY(Max, a != a || a > b ? a : b, a > b ? a : b);
RLX_BINARY(Min, a != a || a < b ? a : b, a < b ? a : b);
RLX_BINARY(Pow, std::pow(a, b), int_pow(a, b));
RLX_BINARY(Mod, float_mod(a, b), int_mod(a, b));
RLX_BINARY(Fmod, std::fmod(a, b), int_fmod(a, b));
#undef RLX_BINARY

#define RLX_BINARY(name, expression) \
  struct name {                      \
    template <typename T>            \
    static T of(T a, T b) {          \
      return expression;             \
    }                                \
  }
RLX_BINARY(Atan2, std::atan2(a, b));
RLX_BINARY(And, static_cast<T>(a& b));
RLX_BINARY(Or, static_cast<T>(a | b));
RLX_BINARY(Xor, static_cast<T>(a ^ b));
RLX_BINARY(Shl, int_shl(a, b));
RLX_BINARY(Shr, int_shr(a, b));
#undef RLX_BINARY

#define RLX_COMPARE(name, op)     \
  struct name {                   \
    template <typename T>         \
    static uint8_t of(T a, T b) { \
      return a op b;              \
    }                             \
  }
RLX_COMPARE(Eq, ==);
RLX_COMPARE(Ne, !=);
RLX_COMPARE(Lt, <);
RLX_COMPARE(Le, <=);
RLX_COMPARE(Gt, >);
RLX_COMPARE(Ge, >=);
#undef RLX_COMPARE

template <typename T>
StepFn find_arithmetic(std::string_view kind) {
  constexpr std::pair<std::string_view, StepFn> kSteps[] = {
      {"add", binary_loop<T, T, Add>}, {"sub", binary_loop<T, T, Sub>}, {"mul", binary_loop<T, T, Mul>},
      {"div", binary_loop<T, T, Div>}, {"max", binary_loop<T, T, Max>}, {"min", binary_loop<T, T, Min>},
      {"pow", binary_loop<T, T, Pow>}, {"mod", binary_loop<T, T, Mod>}, {"fmod", binary_loop<T, T, Fmod>},
  };
  for (const auto& [name, step] : kSteps)
    if (name == kind) return step;
  if constexpr (std::is_floating_point_v<T>) {
    if (kind == "atan2") return binary_loop<T, T, Atan2>;
  } else {
    if (kind == "bit_and") return binary_loop<T, T, And>;
    if (kind == "bit_or") return binary_loop<T, T, Or>;
    if (kind == "bit_xor") return binary_loop<T, T, Xor>;
    if (kind == "shl") return binary_loop<T, T, Shl>;
    if (kind == "shr") return binary_loop<T, T, Shr>;
  }
  return nullptr;
}

template <typename T>
StepFn find_compare(std::string_view kind) {
  constexpr std::pair<std::string_view, StepFn> kSteps[] = {
      {"eq", binary_loop<T, uint8_t, Eq>}, {"ne", binary_loop<T, uint8_t, Ne>}, {"lt", binary_loop<T, uint8_t, Lt>},
      {"le", binary_loop<T, uint8_t, Le>}, {"gt", binary_loop<T, uint8_t, Gt>}, {"ge", binary_loop<T, uint8_t, Ge>},
  };
  for (const auto& [name, step] : kSteps)
    if (name == kind) return step;
  return nullptr;
}

template <typename T>
void where_step(const StepArgs& s) {
  const uint8_t* c = static_cast<const uint8_t*>(s.in[0]);
  const T *a = static_cast<const T*>(s.in[1]), *b = static_cast<const T*>(s.in[2]);
  T* y = static_cast<T*>(s.out);
  const size_t n = s.count;
  if (n == 0) return;
  if (s.scalar[0]) {
    const T* from = *c ? a : b;
    const bool scalar = *c ? s.scalar[1] : s.scalar[2];
    const T value = *from;
    for (size_t i = 0; i < n; ++i) y[i] = scalar ? value : from[i];
    return;
  }
  const T a0 = *a, b0 = *b;
  if (s.scalar[1] && s.scalar[2])
    for (size_t i = 0; i < n; ++i) y[i] = c[i] ? a0 : b0;
  else if (s.scalar[1])
    for (size_t i = 0; i < n; ++i) y[i] = c[i] ? a0 : b[i];
  else if (s.scalar[2])
    for (size_t i = 0; i < n; ++i) y[i] = c[i] ? a[i] : b0;
  else
    for (size_t i = 0; i < n; ++i) {
      const T left = a[i], right = b[i];
      y[i] = c[i] ? left : right;
    }
}

template <typename T>
void clamp_step(const StepArgs& s) {
  const T* x = static_cast<const T*>(s.in[0]);
  const T lo = *static_cast<const T*>(s.in[1]), hi = *static_cast<const T*>(s.in[2]);
  T* y = static_cast<T*>(s.out);
  for (size_t i = 0; i < s.count; ++i) y[i] = Min::of(Max::of(x[i], lo), hi);
}

}  // namespace

StepFn find_binary_step(std::string_view kind, rlx_dtype dtype) {
  if (dtype == RLX_DTYPE_BOOL) {
    if (kind == "and") return binary_loop<uint8_t, uint8_t, And>;
    if (kind == "or") return binary_loop<uint8_t, uint8_t, Or>;
    if (kind == "xor") return binary_loop<uint8_t, uint8_t, Xor>;
    return nullptr;
  }
  StepFn step = dtype == RLX_DTYPE_F32 ? find_binary_step_f32(kind) : nullptr;
  if (!step) visit_number(dtype, [&](auto v) { step = find_arithmetic<decltype(v)>(kind); });
  return step;
}

StepFn find_compare_step(std::string_view kind, rlx_dtype dtype) {
  StepFn step = nullptr;
  visit_number(dtype == RLX_DTYPE_BOOL ? rlx_dtype{RLX_DTYPE_U8} : dtype,
               [&](auto v) { step = find_compare<decltype(v)>(kind); });
  return step;
}

StepFn find_where_step(rlx_dtype dtype) {
  StepFn step = nullptr;
  sdk::visit_dtype(dtype, [&](auto v) {
    constexpr size_t kSize = sizeof(v);
    using Bits =
        std::conditional_t<kSize == 8, uint64_t,
                           std::conditional_t<kSize == 4, uint32_t, std::conditional_t<kSize == 2, uint16_t, uint8_t>>>;
    step = where_step<Bits>;
  });
  return step;
}

StepFn find_clamp_step(rlx_dtype dtype) {
  StepFn step = nullptr;
  visit_number(dtype, [&](auto v) { step = clamp_step<decltype(v)>; });
  return step;
}

}  // namespace rlx::cpu
