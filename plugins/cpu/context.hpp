// The object behind rlx_context and rlx_arena: private memory, resolved addresses and the run loop.
#pragma once

#include "executable.hpp"
#include "pool.hpp"

#include <rlx/sdk/arena_table.hpp>

#include <vector>

namespace rlx::cpu {

class Context : public sdk::HostArena {
 public:
  // Of a finalized executable. threads 0: the executable's. Throws sdk::Error.
  Context(Executable& executable, unsigned threads);

  void run();
  void bind(uint32_t tensor, void* data, uint64_t size_bytes);
  void reset_state();
  // Runs once with a clock around each step.
  std::vector<rlx_kernel_time> profile();

  // Where the elements of a tensor are now (row-major); bound memory counts. Throws OUT_OF_RANGE, NO_SLOT.
  std::byte* address(uint32_t tensor) const;
  uint64_t offset_bytes(uint32_t tensor) const;  // in the arena; throws as above
  const rlx_tensor& tensor(uint32_t index) const { return plan(index).desc; }
  std::string label(uint32_t index) const;
  void stats(rlx_arena_stats& out) const;
  const Executable& executable() const { return *executable_; }

 private:
  // One launch with everything resolved.
  struct Launch {
    const Kernel* kernel;
    const std::byte* const* inputs;
    std::byte* const* outputs;
    std::byte* scratch;
    KernelState* state;
  };
  struct Use {
    uint32_t operand;  // position in operands_
    uint64_t offset;   // from the root's start
  };

  const TensorPlan& plan(uint32_t tensor) const;  // throws OUT_OF_RANGE
  void set_address(uint32_t root, std::byte* data);
  void resolve();
  template <typename Around>
  void run_steps(Around&& around);
  [[noreturn]] void throw_run_error();

  sdk::Held<Executable> executable_;
  const Schedule& schedule_;
  Team team_;
  PoolBlock memory_, extra_scratch_;
  std::vector<std::byte*> address_;   // of each root tensor
  std::vector<std::byte*> operands_;  // of all launches, one after the other
  std::vector<uint32_t> first_use_;   // of each root, in uses_
  std::vector<Use> uses_;
  std::vector<std::unique_ptr<KernelState>> states_;
  std::vector<Launch> launches_;
  bool uses_library_threads_ = false;
  uint64_t run_counter_ = 0;
  RunError error_;
};

}  // namespace rlx::cpu
