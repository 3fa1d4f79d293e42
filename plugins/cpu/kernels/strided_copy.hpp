// Copies a block of elements between two strided views: transpose, slice, concat, expand, tile, reverse and the like
// are this with different strides. Planned once, immutable afterwards.
#pragma once

#include "team.hpp"

#include <rlx/base.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace rlx::cpu {

class StridedCopy {
 public:
  static constexpr uint32_t kMaxAxes = 2 * RLX_MAX_RANK;  // tile has two per axis

  explicit StridedCopy(uint64_t element_bytes) : bytes_(element_bytes) {}

  // Axes outermost first; strides in elements, of the source 0 (repeat) or negative (reverse), too.
  void add_axis(uint64_t size, int64_t src_stride, int64_t dst_stride);
  void start_at(int64_t src_offset, int64_t dst_offset);  // elements
  // Merges axes and picks the loop; call once when all axes are there.
  void plan();

  void run(const Team& team, const std::byte* src, std::byte* dst) const;

 private:
  enum class Inner : uint8_t { kRows, kRepeat, kTranspose, kGather };
  struct Axis {
    uint64_t size;
    int64_t src, dst;
  };

  template <typename T>
  void run_as(const Team& team, const std::byte* src, std::byte* dst) const;
  template <typename T>
  void inner(const T* src, T* dst) const;

  uint64_t bytes_;
  uint32_t rank_ = 0, outer_ = 0;  // axes [0, outer_) are walked, the others belong to the inner loop
  std::array<Axis, kMaxAxes> axes_{};
  int64_t src_offset_ = 0, dst_offset_ = 0;
  uint64_t count_ = 1;
  Inner kind_ = Inner::kRows;
};

}  // namespace rlx::cpu
