// Reading and writing by index. An index out of range leaves its element alone and is reported once: the first report
// names the launch's node, the value and the limit.
#pragma once

#include "rows.hpp"
#include "scalar_ops.hpp"

namespace simt {

SIMT_DEVICE void report_index(Address errors, u32 node, i64 value, u64 limit) {
  ErrorRecord* record = reinterpret_cast<ErrorRecord*>(errors);
  if (atomic_cas(reinterpret_cast<u32*>(&record->taken), u32(0), u32(1)) != 0) return;
  record->step = node;
  record->value = value;
  record->limit = static_cast<i64>(limit);
}

// The entry that a value names among limit; a negative one counts from the end. False when there is none.
template <typename Index>
SIMT_DEVICE bool read_index(Address indices, u64 at, Address errors, u32 node, u64 limit, u64& entry) {
  const i64 value = reinterpret_cast<const Index*>(indices)[at], size = static_cast<i64>(limit);
  if (value < -size || value >= size) {
    report_index(errors, node, value, limit);
    return false;
  }
  entry = static_cast<u64>(value < 0 ? value + size : value);
  return true;
}

template <typename Word, typename Index>
SIMT_DEVICE void gather(const GatherParams& p) {
  for (u64 at = grid_first(); at < p.count; at += grid_step()) {
    const u64 n = at % p.inner, i = at / p.inner % p.indices, o = at / p.inner / p.indices;
    u64 entry;
    if (!read_index<Index>(p.index, i, p.errors, p.node, p.size, entry)) continue;
    reinterpret_cast<Word*>(p.y)[at] = reinterpret_cast<const Word*>(p.x)[(o * p.size + entry) * p.inner + n];
  }
}

// Where the element of an index number lies in the tensor that it points into.
template <typename Index>
SIMT_DEVICE bool element_target(const ElementIndexParams& p, u64 at, i64& target) {
  u64 entry;
  if (!read_index<Index>(p.index, at, p.errors, p.node, p.size, entry)) return false;
  target = 0;
  u64 rest = at;
  for (u32 axis = p.rank; axis-- > 0; rest /= p.dims[axis])
    target += static_cast<i64>(axis == p.axis ? entry : rest % p.dims[axis]) * p.strides[axis];
  return true;
}

// The same for a block of elements.
template <typename Index>
SIMT_DEVICE bool block_target(const BlockIndexParams& p, u64 at, i64& target) {
  const u64 block = at / p.block;
  u64 to = 0;
  for (u32 i = 0; i < p.coordinates; ++i) {
    u64 entry;
    if (!read_index<Index>(p.index, block * p.coordinates + i, p.errors, p.node, p.limits[i], entry)) return false;
    to = to * p.limits[i] + entry;
  }
  target = static_cast<i64>(block / p.per_batch * p.batch_size + to * p.block + at % p.block);
  return true;
}

template <typename Word, typename Index>
SIMT_DEVICE void gather_elements(const ElementIndexParams& p) {
  for (u64 at = grid_first(); at < p.count; at += grid_step()) {
    i64 from;
    if (element_target<Index>(p, at, from)) reinterpret_cast<Word*>(p.y)[at] = reinterpret_cast<const Word*>(p.x)[from];
  }
}

template <typename Word, typename Index>
SIMT_DEVICE void gather_blocks(const BlockIndexParams& p) {
  for (u64 at = grid_first(); at < p.count; at += grid_step()) {
    i64 from;
    if (block_target<Index>(p, at, from)) reinterpret_cast<Word*>(p.y)[at] = reinterpret_cast<const Word*>(p.x)[from];
  }
}

// How a scatter joins what is there with an update.
template <typename A>
struct scatter_add {
  SIMT_DEVICE static A combine(A a, A b) { return binary_add(a, b); }
};
template <typename A>
struct scatter_mul {
  SIMT_DEVICE static A combine(A a, A b) { return binary_mul(a, b); }
};
template <typename A>
struct scatter_max {
  SIMT_DEVICE static A combine(A a, A b) { return binary_max(a, b); }
};
template <typename A>
struct scatter_min {
  SIMT_DEVICE static A combine(A a, A b) { return binary_min(a, b); }
};

// Replaces an element by its combination with a value, whoever else does so at the same time: the word around it is
// exchanged until nobody came between.
template <typename T, template <typename> class Kind>
SIMT_DEVICE void atomic_combine(Address base, i64 at, lane_t<T> value) {
  const Address address = base + static_cast<u64>(at) * sizeof(T);
  if constexpr (sizeof(T) == 8) {
    u64* word = reinterpret_cast<u64*>(address);
    for (u64 old = *word, seen;; old = seen) {
      const lane_t<T> joined = Kind<lane_t<T>>::combine(convert<lane_t<T>>::from(bits_as<T>(old)), value);
      seen = atomic_cas(word, old, bits_as<u64>(convert<T>::from(joined)));
      if (seen == old) return;
    }
  } else {
    u32* word = reinterpret_cast<u32*>(address / 4 * 4);
    const u32 shift = static_cast<u32>(address % 4) * 8;
    const u32 mask = (sizeof(T) == 4 ? ~0u : (1u << (sizeof(T) * 8 % 32)) - 1) << shift;
    for (u32 old = *word, seen;; old = seen) {
      T element;
      if constexpr (sizeof(T) == 4) element = bits_as<T>(old);
      if constexpr (sizeof(T) == 2) element = bits_as<T>(static_cast<u16>(old >> shift));
      if constexpr (sizeof(T) == 1) element = bits_as<T>(static_cast<u8>(old >> shift));
      const T joined = convert<T>::from(Kind<lane_t<T>>::combine(convert<lane_t<T>>::from(element), value));
      u32 bits = 0;
      if constexpr (sizeof(T) == 4) bits = bits_as<u32>(joined);
      if constexpr (sizeof(T) == 2) bits = bits_as<u16>(joined);
      if constexpr (sizeof(T) == 1) bits = bits_as<u8>(joined);
      seen = atomic_cas(word, old, (old & ~mask) | (bits << shift));
      if (seen == old) return;
    }
  }
}

template <typename T, template <typename> class Kind, typename Index>
SIMT_DEVICE void scatter_elements(const ElementIndexParams& p) {
  for (u64 at = grid_first(); at < p.count; at += grid_step()) {
    i64 to;
    if (element_target<Index>(p, at, to)) atomic_combine<T, Kind>(p.y, to, load<T>(p.x, static_cast<i64>(at)));
  }
}

template <typename T, template <typename> class Kind, typename Index>
SIMT_DEVICE void scatter_blocks(const BlockIndexParams& p) {
  for (u64 at = grid_first(); at < p.count; at += grid_step()) {
    i64 to;
    if (block_target<Index>(p, at, to)) atomic_combine<T, Kind>(p.y, to, load<T>(p.x, static_cast<i64>(at)));
  }
}

template <typename Word, typename Index>
SIMT_DEVICE void write_rows(const RowWriteParams& p) {
  const i64 given = *reinterpret_cast<const Index*>(p.row), size = static_cast<i64>(p.size);
  const i64 row = given < 0 ? given + size : given;
  if (row < 0 || row > size - static_cast<i64>(p.rows)) {
    if (grid_first() == 0) report_index(p.errors, p.node, given, p.size);
    return;
  }
  const u64 part = p.rows * p.inner;
  for (u64 at = grid_first(); at < p.count; at += grid_step())
    reinterpret_cast<Word*>(p.y)[(at / part * p.size + static_cast<u64>(row)) * p.inner + at % part] =
        reinterpret_cast<const Word*>(p.x)[at];
}

}  // namespace simt
