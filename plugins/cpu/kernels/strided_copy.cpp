// The loops of a strided copy. Bound by memory; a transposition moves tiles of 16x16 elements so that both sides use
// whole cache lines.
#include "kernels/strided_copy.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::cpu {

namespace {
constexpr uint64_t kGrainBytes = 64u << 10;  // worth a second thread
constexpr uint64_t kTile = 16;
constexpr uint64_t kMaxBand = 1024;  // rows of one inner transposition: more of them are split between threads
}  // namespace

void StridedCopy::add_axis(uint64_t size, int64_t src_stride, int64_t dst_stride) {
  count_ *= size;
  if (size == 1) return;
  if (rank_ > 0) {
    Axis& last = axes_[rank_ - 1];
    const int64_t n = static_cast<int64_t>(size);
    if (last.src == src_stride * n && last.dst == dst_stride * n) {
      last = {last.size * size, src_stride, dst_stride};
      return;
    }
  }
  axes_[rank_++] = {size, src_stride, dst_stride};
}

void StridedCopy::start_at(int64_t src_offset, int64_t dst_offset) {
  src_offset_ = src_offset;
  dst_offset_ = dst_offset;
}

void StridedCopy::plan() {
  if (rank_ == 0) axes_[rank_++] = {1, 1, 1};
  outer_ = rank_ - 1;
  const Axis last = axes_[outer_];
  if (last.dst == 1 && last.src == 1) {
    kind_ = Inner::kRows;
  } else if (last.dst == 1 && last.src == 0) {
    kind_ = Inner::kRepeat;
  } else {
    kind_ = Inner::kGather;
    const auto contiguous =
        std::find_if(axes_.begin(), axes_.begin() + outer_, [](const Axis& a) { return a.src == 1 && a.size >= 4; });
    if (last.dst != 1 || contiguous == axes_.begin() + outer_) return;
    // The axis that is contiguous in the source joins the inner loop, in bands so that threads share long ones.
    kind_ = Inner::kTranspose;
    const Axis joined = *contiguous;
    std::move(contiguous + 1, axes_.begin() + outer_, contiguous);
    outer_ -= 1;
    if (joined.size >= 2 * kMaxBand && joined.size % kMaxBand == 0 && rank_ < kMaxAxes) {
      const int64_t band = static_cast<int64_t>(kMaxBand);
      axes_[rank_++] = {};
      axes_[outer_++] = {joined.size / kMaxBand, joined.src * band, joined.dst * band};
      axes_[outer_] = {kMaxBand, joined.src, joined.dst};
    } else {
      axes_[outer_] = joined;
    }
    axes_[outer_ + 1] = last;
  }
}

template <typename T>
void StridedCopy::inner(const T* src, T* dst) const {
  const Axis& a = axes_[rank_ - 1];
  switch (kind_) {
    case Inner::kRows:
      std::memcpy(dst, src, a.size * sizeof(T));
      return;
    case Inner::kRepeat:
      std::fill(dst, dst + a.size, *src);
      return;
    case Inner::kGather:
      for (uint64_t i = 0; i < a.size; ++i) dst[static_cast<int64_t>(i) * a.dst] = src[static_cast<int64_t>(i) * a.src];
      return;
    case Inner::kTranspose:
      break;
  }
  const Axis& rows = axes_[rank_ - 2];  // contiguous in the source
  for (uint64_t i0 = 0; i0 < rows.size; i0 += kTile)
    for (uint64_t j0 = 0; j0 < a.size; j0 += kTile) {
      const int64_t i1 = static_cast<int64_t>(std::min(rows.size, i0 + kTile));
      const int64_t j1 = static_cast<int64_t>(std::min(a.size, j0 + kTile));
      for (int64_t i = static_cast<int64_t>(i0); i < i1; ++i)
        for (int64_t j = static_cast<int64_t>(j0); j < j1; ++j) dst[i * rows.dst + j] = src[j * a.src + i];
    }
}

template <typename T>
void StridedCopy::run_as(const Team& team, const std::byte* src_bytes, std::byte* dst_bytes) const {
  const T* src = reinterpret_cast<const T*>(src_bytes) + src_offset_;
  T* dst = reinterpret_cast<T*>(dst_bytes) + dst_offset_;
  uint64_t steps = 1;
  for (uint32_t i = 0; i < outer_; ++i) steps *= axes_[i].size;
  const uint64_t step_bytes = std::max<uint64_t>(1, count_ / steps * sizeof(T));
  if (outer_ == 0 && kind_ == Inner::kRows) {
    team.split(axes_[0].size, kGrainBytes * 8 / sizeof(T), [&](uint64_t begin, uint64_t end, unsigned) {
      std::memcpy(dst + begin, src + begin, (end - begin) * sizeof(T));
    });
    return;
  }
  team.split(steps, std::max<uint64_t>(1, kGrainBytes / step_bytes), [&](uint64_t begin, uint64_t end, unsigned) {
    uint64_t at[kMaxAxes], rest = begin;
    int64_t from = 0, to = 0;
    for (uint32_t i = outer_; i-- > 0; rest /= axes_[i].size) {
      at[i] = rest % axes_[i].size;
      from += static_cast<int64_t>(at[i]) * axes_[i].src;
      to += static_cast<int64_t>(at[i]) * axes_[i].dst;
    }
    for (uint64_t step = begin; step < end; ++step) {
      inner(src + from, dst + to);
      for (uint32_t i = outer_; i-- > 0;) {
        from += axes_[i].src;
        to += axes_[i].dst;
        if (++at[i] < axes_[i].size) break;
        from -= static_cast<int64_t>(at[i]) * axes_[i].src;
        to -= static_cast<int64_t>(at[i]) * axes_[i].dst;
        at[i] = 0;
      }
    }
  });
}

void StridedCopy::run(const Team& team, const std::byte* src, std::byte* dst) const {
  if (count_ == 0) return;
  switch (bytes_) {
    case 1:
      return run_as<uint8_t>(team, src, dst);
    case 2:
      return run_as<uint16_t>(team, src, dst);
    case 4:
      return run_as<uint32_t>(team, src, dst);
    default:
      return run_as<uint64_t>(team, src, dst);
  }
}

}  // namespace rlx::cpu
