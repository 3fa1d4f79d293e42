// What one run needs: an arena in device memory, a mailbox in host memory, and the commands of a run, recorded once.
// Used by one thread at a time. A rlx_arena is its context.
#pragma once

#include "device/commands.hpp"
#include "execute/executable.hpp"
#include "memory/transfer.hpp"

#include <memory>
#include <span>

namespace rlx::vulkan {

class Profile;

class Context {
 public:
  // Of a finalized executable. Throws RESOURCE_EXHAUSTED.
  explicit Context(Executable& executable);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  void run() { wait(submit(), RLX_FOREVER); }
  // Starts a run; returns its end on the device's timeline.
  uint64_t submit();
  // Throws DEADLINE_EXCEEDED, or what went wrong in the run.
  void wait(uint64_t place, uint64_t deadline_ns);
  // The same as points that carry the device. Throws UNIMPLEMENTED for points of other devices.
  rlx_point submit(std::span<const rlx_point> waits);
  void wait(rlx_point point, uint64_t deadline_ns);
  std::vector<rlx_kernel_time> profile();
  void reset_state();

  Executable& executable() const { return *executable_; }
  Device& device() const { return executable().device(); }
  const Block& memory(size_t block = 0) const { return memory_[block].get(); }

  // For the arena table. A tensor's address is its offset in the arena. Throw OUT_OF_RANGE, NO_SLOT for tensors that
  // live elsewhere.
  uint64_t address(uint32_t tensor) const { return offset_bytes(tensor); }
  uint64_t offset_bytes(uint32_t tensor) const;
  const rlx_tensor& tensor(uint32_t index) const { return executable().tensor(index).desc; }
  std::string label(uint32_t index) const { return executable().tensor(index).label(); }
  void stats(rlx_arena_stats& out) const;
  // The host moves bytes when everything that uses the arena is done, the device in the order of its queue.
  template <typename Fill>
  void upload(uint64_t to, uint64_t bytes, uint64_t granule, Fill&& fill) {
    settle();
    const Arena::Spot spot = executable().arena().locate(to);
    device().transfer().write(memory(spot.block), spot.offset, bytes, granule, fill);
  }
  template <typename Take>
  void download(uint64_t from, uint64_t bytes, uint64_t granule, Take&& take) {
    settle();
    const Arena::Spot spot = executable().arena().locate(from);
    device().transfer().read(memory(spot.block), spot.offset, bytes, granule, take);
  }
  void copy(uint64_t to, uint64_t from, uint64_t bytes);
  void copy_from(Context& other, uint64_t to, uint64_t from, uint64_t bytes);

 private:
  uint64_t device_address(const Place& place) const;
  void write_params();
  void record(VkCommandBuffer commands, Profile* profile);
  uint64_t start(VkCommandBuffer commands);
  void check_mailbox();
  void settle();
  uint64_t timeline() const { return reinterpret_cast<uint64_t>(&device()); }
  // Work on the arena that was submitted elsewhere.
  void note(uint64_t place) { last_ = place ? place : last_; }

  // First: with the executable the device may go, and with it everything below.
  sdk::Held<Executable> executable_;
  std::vector<sdk::Pooled<sdk::Pool<Block>>> memory_;  // the blocks of the arena
  sdk::Pooled<sdk::Pool<Block>> mailbox_block_;
  gpu::Mailbox* mailbox_ = nullptr;
  std::vector<uint64_t> params_;  // addresses, by dispatch
  Commands commands_;             // of a run, and of a profiled one
  std::unique_ptr<Profile> profile_;
  uint64_t last_ = 0;  // on the timeline: when the arena is at rest
  uint64_t run_counter_ = 0;
};

}  // namespace rlx::vulkan
