// Bytes between the host and the device, and on the device, in the order of the queue. Mapped memory is written where
// it is; otherwise bytes go through a ring of staging slots, so that the host fills one while the device empties
// others.
#pragma once

#include "device/commands.hpp"
#include "memory/block.hpp"

#include <algorithm>
#include <array>
#include <mutex>

namespace rlx::vulkan {

class Transfer {
 public:
  explicit Transfer(Device& device);
  ~Transfer();

  // Calls fill(chunk, first, bytes) for pieces of [0, bytes) in order; pieces begin at multiples of granule. The device
  // sees them before anything submitted later. The host must not race with runs that use the range. Threads: any.
  template <typename Fill>
  void write(const Block& to, uint64_t offset, uint64_t bytes, uint64_t granule, Fill&& fill) {
    if (bytes == 0) return;
    if (to.mapped()) {
      to.prepare(offset, bytes);
      fill(to.mapped() + offset, uint64_t{0}, bytes);
      to.flush(offset, bytes);
      return;
    }
    const std::lock_guard lock(mutex_);
    const uint64_t piece = kSlotBytes / granule * granule;
    for (uint64_t first = 0; first < bytes; first += piece) {
      const uint64_t count = std::min(piece, bytes - first);
      fill(next_slot(), first, count);
      send(to, offset + first, count);
    }
  }

  // Calls take(chunk, first, bytes) likewise, with what everything submitted before has left there.
  template <typename Take>
  void read(const Block& from, uint64_t offset, uint64_t bytes, uint64_t granule, Take&& take) {
    if (bytes == 0) return;
    if (from.mapped()) {
      from.invalidate(offset, bytes);
      take(from.mapped() + offset, uint64_t{0}, bytes);
      return;
    }
    const std::lock_guard lock(mutex_);
    const uint64_t piece = kSlotBytes / granule * granule;
    for (uint64_t first = 0; first < bytes; first += piece) {
      const uint64_t count = std::min(piece, bytes - first);
      take(fetch(from, offset + first, count), first, count);
    }
  }

  // On the device; ranges of one block may overlap. Returns its place on the timeline, 0 if there was nothing to do.
  // Threads: any.
  uint64_t copy(const Block& to, uint64_t to_offset, const Block& from, uint64_t from_offset, uint64_t bytes);
  // Zeros; offset and bytes are multiples of 4. Returns as copy does. Threads: any.
  uint64_t clear(const Block& to, uint64_t offset, uint64_t bytes);

 private:
  static constexpr uint64_t kSlotBytes = uint64_t{1} << 22;
  static constexpr size_t kSlots = 4;

  // A free slot, at its start.
  std::byte* next_slot();
  void send(const Block& to, uint64_t offset, uint64_t bytes);
  const std::byte* fetch(const Block& from, uint64_t offset, uint64_t bytes);
  VkCommandBuffer begin();
  uint64_t submit(VkCommandBuffer commands);
  uint64_t copy_apart(const Block& to, uint64_t to_offset, const Block& from, uint64_t from_offset, uint64_t bytes);

  Device& device_;
  Commands commands_;
  std::mutex mutex_;
  Block staging_;                         // made when it is first needed
  std::array<uint64_t, kSlots> place_{};  // on the timeline: when the slot is free
  size_t slot_ = 0;
};

}  // namespace rlx::vulkan
