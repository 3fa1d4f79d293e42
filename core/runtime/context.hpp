// The inside of a Context: the plugin's context, what is bound to each port, and the flag that makes a second thread an
// error instead of a race.
#pragma once

#include "runtime/deadline_mutex.hpp"
#include "runtime/executable.hpp"
#include "runtime/pending.hpp"
#include "runtime/worker.hpp"

#include <rlx/guard.hpp>

#include <atomic>
#include <memory>
#include <vector>

namespace rlx {

// Where the bytes of an input or output come from or go to.
struct Slot {
  void* data = nullptr;  // the caller's memory; null: the arena's
  size_t bytes = 0;
  TensorType type;
  uint32_t tensor = 0;
  bool is_set = false;  // inputs: holds a value
};

struct Feed {
  size_t output;
  size_t input;
};

// The plugin's context and what it needs to live. Shared with runs that were submitted to the plugin, so that objects
// may go in any order.
struct ContextCore {
  explicit ContextCore(std::shared_ptr<ExecutableImpl> executable) : executable(std::move(executable)) {}
  ContextCore(const ContextCore&) = delete;
  ContextCore& operator=(const ContextCore&) = delete;
  ~ContextCore();

  const DeviceImpl& plugin() const { return executable->plugin(); }
  // Takes the context for one call; false when it is in use. Frees it from a submitted run that has ended.
  bool acquire() { return !busy.exchange(true, std::memory_order_acquire) || take_over(); }
  void release() { busy.store(false, std::memory_order_release); }
  bool take_over();
  // Waits for the submitted run and hands its result to the one who waits; false when the deadline came first. With
  // wait_mutex held and in_flight; the context stays busy.
  bool collect(uint64_t deadline_ns);

  std::shared_ptr<ExecutableImpl> executable;
  rlx_context* handle = nullptr;
  rlx_arena* arena = nullptr;
  std::atomic<bool> busy = false;
  bool has_run = false;  // the outputs hold a result

  // A run that the plugin carries out by itself. Guarded by wait_mutex.
  DeadlineMutex wait_mutex;
  bool in_flight = false;
  rlx_point end{};
  std::weak_ptr<PendingState> waiter;
};

struct ContextImpl {
  static Result<std::unique_ptr<ContextImpl>> create(std::shared_ptr<ExecutableImpl> executable,
                                                     const ContextOptions& options);

  ExecutableImpl& executable() const { return *core->executable; }
  const DeviceImpl& plugin() const { return core->plugin(); }

  // ---- with the context acquired ----
  Status bind_input(size_t index, const TensorView& value);
  Status bind_output(size_t index, const MutableTensorView& value);
  Status write_input(size_t index, const TensorView& value);
  Status read_output(size_t index, const MutableTensorView& dst);
  // FAILED_PRECONDITION naming every input without a value.
  Status check_inputs() const;
  // The steps of a run around the plugin's own: copies for devices that cannot use the caller's memory, and feeds.
  Status before_run();
  Status after_run();
  Status run();
  Result<std::vector<KernelTime>> profile();

  std::shared_ptr<ContextCore> core;
  std::vector<Slot> inputs, outputs;
  std::vector<Feed> feeds;
  std::vector<Tensor> own_outputs;  // memory behind output_view, made on first use
  bool host_pointers = false;       // the plugin reads and writes the caller's memory
  bool has_staging = false;         // something is bound and the plugin cannot use it
  bool plugin_submits = true;       // until it says otherwise
  // Last: its destructor waits for the run in flight, which uses everything above.
  std::unique_ptr<Worker> worker;

 private:
  Status bind(Slot& slot, void* data, size_t bytes);
};

// Holds a context for one call. False when another thread has it.
class Acquired {
 public:
  explicit Acquired(ContextCore& core) : core_(core), owned_(core.acquire()) {}
  Acquired(const Acquired&) = delete;
  Acquired& operator=(const Acquired&) = delete;
  ~Acquired() {
    if (owned_) core_.release();
  }
  explicit operator bool() const { return owned_; }
  // The run that goes on in the background frees the context.
  void hand_over() { owned_ = false; }

 private:
  ContextCore& core_;
  bool owned_;
};

tl::unexpected<Error> busy_error();

// Runs fn, which returns a Status or a Result, with the context held for the call and behind the guard.
template <typename Fn>
auto exclusively(ContextImpl& context, Fn&& fn) -> decltype(fn()) {
  Acquired acquired(*context.core);
  if (!acquired) return busy_error();
  return guarded(fn);
}

}  // namespace rlx
