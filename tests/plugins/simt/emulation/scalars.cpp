// The scalar functions of device/scalar_ops.hpp by name and type, made from the list that the generator reads.
#include "emulation/list.hpp"
#include "emulation/region.hpp"

#include "device/scalar_ops.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>

namespace emulation {

namespace {

using namespace simt;

using Table = std::unordered_map<std::string, Scalar>;

template <typename T>
T get(const uint64_t* word) {
  T value;
  std::memcpy(&value, word, sizeof value);
  return value;
}
template <typename T>
void put(uint64_t* word, T value) {
  *word = 0;
  std::memcpy(word, &value, sizeof value);
}

#define NAME(T) \
  template <>   \
  const char* const kName<T> = #T
template <typename T>
const char* const kName = "";
NAME(f32);
NAME(f64);
NAME(f16);
NAME(bf16);
NAME(i8);
NAME(i16);
NAME(i32);
NAME(i64);
NAME(u8);
NAME(u16);
NAME(u32);
NAME(u64);
NAME(boolean);
NAME(c64);
#undef NAME

template <typename... T>
struct Types {};
using Floats = Types<f32, f64>;
using Integers = Types<i8, i16, i32, i64, u8, u16, u32, u64>;
using Numbers = Types<f32, f64, i8, i16, i32, i64, u8, u16, u32, u64>;
using Lanes = Types<f32, f64, i8, i16, i32, i64, u8, u16, u32, u64, boolean>;
using Values = Types<f32, f64, i8, i16, i32, i64, u8, u16, u32, u64, boolean, c64>;
using Elements = Types<f32, f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64, boolean, c64>;

template <typename Fn, typename... T>
void for_each(Types<T...>, Fn fn) {
  (fn(T{}), ...);
}
template <char kDomain>
auto types_of() {
  if constexpr (kDomain == 'F' || kDomain == 'P') return Floats{};
  if constexpr (kDomain == 'I') return Integers{};
  if constexpr (kDomain == 'N') return Numbers{};
  if constexpr (kDomain == 'B') return Types<boolean>{};
}

// Integers take alpha and beta as f64.
template <typename T>
struct ArgumentOf {
  using type = f64;
};
template <>
struct ArgumentOf<f32> {
  using type = f32;
};

// Literals, so that the functions below need no closure.
#define UNARY(kind, domain)                                                                                    \
  for_each(types_of<#domain[0]>(), [&](auto type) {                                                            \
    using T = decltype(type);                                                                                  \
    using A = typename ArgumentOf<T>::type;                                                                    \
    const std::string a = std::string(" ") + kName<A>;                                                         \
    table["unary_" #kind " " + std::string(kName<T>) + a + a] = [](const uint64_t* const* in, uint64_t* out) { \
      put(out, unary_##kind(get<T>(in[0]), get<A>(in[1]), get<A>(in[2])));                                     \
    };                                                                                                         \
  });
#define TWO(name, types)                                                                                       \
  for_each(types, [&](auto type) {                                                                             \
    using T = decltype(type);                                                                                  \
    table[#name " " + std::string(kName<T>) + " " + kName<T>] = [](const uint64_t* const* in, uint64_t* out) { \
      put(out, name(get<T>(in[0]), get<T>(in[1])));                                                            \
    };                                                                                                         \
  });

Table make_table() {
  Table table;
#define SIMT_UNARY(kind, domain) UNARY(kind, domain)
#define SIMT_BINARY(kind, domain) TWO(binary_##kind, types_of<#domain[0]>())
#define SIMT_COMPARE(kind) TWO(compare_##kind, Lanes{})
#include "device/scalar_ops.inc"
  table["conjugate c64"] = [](const uint64_t* const* in, uint64_t* out) { put(out, conjugate(get<c64>(in[0]))); };
  table["complex_norm_sq c64"] = [](const uint64_t* const* in, uint64_t* out) {
    put(out, complex_norm_sq(get<c64>(in[0])));
  };
  table["complex_norm_sq_backward c64 f32"] = [](const uint64_t* const* in, uint64_t* out) {
    put(out, complex_norm_sq_backward(get<c64>(in[0]), get<f32>(in[1])));
  };
  for_each(Values{}, [&](auto type) {
    using T = decltype(type);
    const std::string name = kName<T>;
    table["where boolean " + name + " " + name] = [](const uint64_t* const* in, uint64_t* out) {
      put(out, where(get<boolean>(in[0]), get<T>(in[1]), get<T>(in[2])));
    };
    for_each(Elements{}, [&](auto to) {
      using To = decltype(to);
      table["cast<" + std::string(kName<To>) + "> " + name] = [](const uint64_t* const* in, uint64_t* out) {
        put(out, cast<To>(get<T>(in[0])));
      };
    });
  });
  for_each(Numbers{}, [&](auto type) {
    using T = decltype(type);
    const std::string name = std::string(" ") + kName<T>;
    table["clamp" + name + name + name] = [](const uint64_t* const* in, uint64_t* out) {
      put(out, clamp(get<T>(in[0]), get<T>(in[1]), get<T>(in[2])));
    };
  });
  for_each(Elements{}, [&](auto type) {
    using T = decltype(type);
    const std::string name = kName<T>;
    table["load<" + name + ">"] = [](const uint64_t* const* in, uint64_t* out) {
      put(out, load<T>(*in[0], static_cast<i64>(*in[1])));
    };
    table["store<" + name + ">"] = [](const uint64_t* const* in, uint64_t*) {
      store<T>(*in[0], static_cast<i64>(*in[1]), get<lane_t<T>>(in[2]));
    };
  });
  return table;
}

const Table& table() {
  static const Table all = make_table();
  return all;
}

}  // namespace

Scalar find_scalar(const std::string& signature) {
  const auto found = table().find(signature);
  return found == table().end() ? nullptr : found->second;
}

std::vector<std::string> all_scalars() {
  std::vector<std::string> signatures;
  for (const auto& [signature, function] : table()) signatures.push_back(signature);
  std::sort(signatures.begin(), signatures.end());
  return signatures;
}

}  // namespace emulation
