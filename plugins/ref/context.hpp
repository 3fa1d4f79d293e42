// What one run needs: an arena laid out by the program's default plan, the addresses of all tensors, the run counter.
// Used by one thread at a time. A rlx_arena is its context.
#pragma once

#include "executable.hpp"

#include <rlx/sdk/arena_table.hpp>

namespace rlx::ref {

class Context : public sdk::HostArena {
 public:
  // Of a finalized executable. Throws RESOURCE_EXHAUSTED.
  explicit Context(Executable& executable);

  void run();
  std::vector<rlx_kernel_time> profile();
  void bind(uint32_t tensor, void* data, uint64_t size_bytes);
  void reset_state();

  Executable& executable() const { return *executable_; }
  const rlx_tensor& tensor(uint32_t index) const;  // throws OUT_OF_RANGE
  std::string label(uint32_t index) const;
  void stats(rlx_arena_stats& out) const;
  // Where the tensor's bytes are now. Throws NO_SLOT for tensors without memory of their own in the arena.
  std::byte* address(uint32_t tensor) const;
  uint64_t offset_bytes(uint32_t tensor) const;  // in the arena; throws NO_SLOT

 private:
  void resolve();
  Call make_call(const Step& step, uint64_t run) const;
  Tensor operand(uint32_t tensor) const;

  sdk::Held<Executable> executable_;
  HostBuffer memory_;
  std::vector<std::byte*> bound_;    // by tensor: the caller's memory, or NULL
  std::vector<std::byte*> address_;  // by tensor; NULL for tensors of nested regions
  uint64_t run_counter_ = 0;
};

}  // namespace rlx::ref
