// Tiles of a matrix on their way from device memory to shared memory, 16 bytes at a time where that is possible.
#pragma once

#include "fragment.hpp"

namespace simt {

// What one load or store of a thread moves at most.
struct alignas(16) Vector {
  u32 words[4];
};

// Whether rows that begin at base and are strides apart can be read 16 bytes at a time up to an end of `elements`.
template <typename T>
SIMT_DEVICE bool is_wide(Address base, u64 strides, u64 elements) {
  return (base | (strides | elements) * sizeof(T)) % sizeof(Vector) == 0;
}

// What begins at from, of which `count` elements exist; all else is zero. wide: from is at a multiple of 16 bytes, and
// so is the end.
template <typename T>
SIMT_DEVICE Vector read_vector(const T* from, u64 count, bool wide) {
  if (wide) return *reinterpret_cast<const Vector*>(from);
  struct {
    T at[sizeof(Vector) / sizeof(T)];
  } elements;
  SIMT_UNROLL
  for (u32 i = 0; i < sizeof(Vector) / sizeof(T); ++i) elements.at[i] = i < count ? from[i] : convert<T>::from(f32(0));
  return bits_as<Vector>(elements);
}

// kOuter rows of kInner elements. Rows of a tile begin kStride apart: no two of eight neighbours in the same banks.
template <typename T, u32 kOuter, u32 kInner>
struct Tile {
  static constexpr u32 kPerVector = sizeof(Vector) / sizeof(T), kStride = kInner + kPerVector;
  static constexpr u32 kPerRow = kInner / kPerVector, kVectors = kOuter * kPerRow;
  static constexpr u32 kElements = kOuter * kStride;

  // Vector number `vector` of the tile: rows are at start(row), of which `outer` exist, each with `inner` elements; all
  // else is zero.
  template <typename Start>
  SIMT_DEVICE static Vector read(Address base, u32 vector, u64 outer, u64 inner, bool wide, Start start) {
    const u32 row = vector / kPerRow, column = vector % kPerRow * kPerVector;
    if (row >= outer || column >= inner) return {};
    return read_vector(reinterpret_cast<const T*>(base) + start(row) + column, inner - column, wide);
  }
  SIMT_DEVICE static void write(T* tile, u32 vector, const Vector& v) { *place(tile, vector) = v; }
  // Reads a vector that is wide and writes it until the thread has waited for its copies.
  template <typename Start>
  SIMT_DEVICE static void move(T* tile, Address base, u32 vector, u64 outer, u64 inner, Start start) {
    const u32 row = vector / kPerRow, column = vector % kPerRow * kPerVector;
    const bool exists = row < outer && column < inner;
    copy_async(place(tile, vector), reinterpret_cast<const T*>(base) + (exists ? start(row) + column : 0), exists);
  }
  // The whole tile, by all threads of the block. It is there when they have waited for their copies and met at a
  // barrier.
  template <typename Start>
  SIMT_DEVICE static void copy(T* tile, Address base, u64 outer, u64 inner, bool wide, Start start) {
    for (u32 vector = thread_index(); vector < kVectors; vector += block_size())
      if (kAsyncCopies && wide)
        move(tile, base, vector, outer, inner, start);
      else
        write(tile, vector, read(base, vector, outer, inner, wide, start));
  }

 private:
  SIMT_DEVICE static Vector* place(T* tile, u32 vector) {
    return reinterpret_cast<Vector*>(tile + vector / kPerRow * kStride + vector % kPerRow * kPerVector);
  }
};

}  // namespace simt
