// What went wrong in a run, recorded without exceptions so that hot loops stay loops. The first report wins; the run
// goes on (a kernel that met a bad index leaves that part of its output alone) and ends with one status.
#pragma once

#include <atomic>
#include <cstdint>

namespace rlx::cpu {

class RunError {
 public:
  // "gather 'name': index 7 out of range for size 5": step is the failing kernel's place in the schedule. Any thread.
  void out_of_range(uint32_t step, int64_t value, int64_t limit) {
    if (claimed_.test_and_set(std::memory_order_relaxed)) return;
    step_ = step;
    value_ = value;
    limit_ = limit;
    set_.store(true, std::memory_order_release);
  }
  // The rest is for the run loop, on the context's thread, when the team has joined.
  bool any() const { return set_.load(std::memory_order_acquire); }
  uint32_t step() const { return step_; }
  int64_t value() const { return value_; }
  int64_t limit() const { return limit_; }
  void clear() {
    set_.store(false, std::memory_order_relaxed);
    claimed_.clear();
  }

 private:
  std::atomic<bool> set_{false};
  std::atomic_flag claimed_ = ATOMIC_FLAG_INIT;
  uint32_t step_ = 0;
  int64_t value_ = 0, limit_ = 0;
};

}  // namespace rlx::cpu
