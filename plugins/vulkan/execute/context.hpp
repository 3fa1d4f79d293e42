// What one run needs: an arena in device memory, a mailbox in host memory, and the commands of a run, recorded once.
// Used by one thread at a time. A rlx_arena is its context.
#pragma once

#include "device/commands.hpp"
#include "execute/executable.hpp"

#include <memory>

namespace rlx::vulkan {

class Profile;

class Context {
 public:
  // Throws FAILED_PRECONDITION before finalize, RESOURCE_EXHAUSTED.
  explicit Context(Executable& executable);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // Starts a run; returns its end on the device's timeline.
  uint64_t submit();
  // Throws DEADLINE_EXCEEDED, or what went wrong in the run.
  void wait(uint64_t place, uint64_t deadline_ns);
  void profile(uint64_t capacity, rlx_kernel_time* out_times, uint64_t* out_count);
  void reset_state();

  Executable& executable() const { return hold_.executable; }
  Device& device() const { return executable().device(); }
  const Block& memory() const { return memory_.get(); }
  // Of the tensor in memory(). Throws NO_SLOT for tensors that live elsewhere.
  uint64_t offset_bytes(uint32_t tensor) const;
  // Until everything that uses the arena is done: before the host touches it.
  void settle();
  // Work on the arena that was submitted elsewhere.
  void note(uint64_t place) { last_ = place ? place : last_; }

 private:
  void write_params();
  void record(VkCommandBuffer commands, Profile* profile);
  uint64_t start(VkCommandBuffer commands);
  void check_mailbox();

  // First: with the executable the device may go, and with it everything below.
  struct Hold {
    explicit Hold(Executable& e) : executable(e) { e.retain(); }
    ~Hold() { executable.release(); }
    Executable& executable;
  } hold_;
  sdk::Pooled<sdk::Pool<Block>> memory_, mailbox_block_;
  gpu::Mailbox* mailbox_ = nullptr;
  std::vector<uint64_t> params_;  // addresses, by dispatch
  Commands commands_;             // of a run, and of a profiled one
  std::unique_ptr<Profile> profile_;
  uint64_t last_ = 0;  // on the timeline: when the arena is at rest
  uint64_t run_counter_ = 0;
};

}  // namespace rlx::vulkan
