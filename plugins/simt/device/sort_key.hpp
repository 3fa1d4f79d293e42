// Elements as unsigned numbers in the order of the ops that compare along an axis: NaN is the largest, zeros of both
// signs are equal.
#pragma once

#include "scalar.hpp"

namespace simt {

template <u32 kBytes>
struct key_type {
  typedef u32 type;
};
template <>
struct key_type<8> {
  typedef u64 type;
};
template <typename T>
using sort_key_t = typename key_type<sizeof(lane_t<T>)>::type;

template <typename T>
SIMT_DEVICE sort_key_t<T> sort_key(lane_t<T> x) {
  typedef sort_key_t<T> Key;
  constexpr Key kSign = Key(1) << (sizeof(Key) * 8 - 1);
  if constexpr (number<lane_t<T>>::is_float) {
    if (x != x) return ~Key(0);
    const Key bits = bits_as<Key>(x == 0 ? lane_t<T>(0) : x);
    return bits & kSign ? ~bits : bits | kSign;
  } else {
    return number<T>::is_signed ? static_cast<Key>(x) ^ kSign : static_cast<Key>(x);
  }
}

// The float that has a key; of zeros the positive one.
template <typename T>
SIMT_DEVICE lane_t<T> sort_value(sort_key_t<T> key) {
  typedef sort_key_t<T> Key;
  constexpr Key kSign = Key(1) << (sizeof(Key) * 8 - 1);
  return bits_as<lane_t<T>>(static_cast<Key>(key & kSign ? key ^ kSign : ~key));
}

// The key, or what is its order from the largest to the smallest.
template <typename T>
SIMT_DEVICE sort_key_t<T> sort_key(lane_t<T> x, bool descending) {
  const sort_key_t<T> key = sort_key<T>(x);
  return descending ? ~key : key;
}

}  // namespace simt
