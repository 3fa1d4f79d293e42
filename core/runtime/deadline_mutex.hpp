// A mutex that can be waited for until a deadline of the steady clock. std::timed_mutex does the same through
// pthread_mutex_clocklock, which ThreadSanitizer did not know before LLVM 17 and takes for no lock at all.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace rlx {

// Meets the standard's TimedLockable as far as std::lock_guard and std::unique_lock ask for it.
class DeadlineMutex {
 public:
  void lock() {
    std::unique_lock guard(mutex_);
    freed_.wait(guard, [&] { return !held_; });
    held_ = true;
  }
  bool try_lock() {
    std::lock_guard guard(mutex_);
    return !held_ && (held_ = true);
  }
  bool try_lock_for(std::chrono::nanoseconds longest) {
    std::unique_lock guard(mutex_);
    return freed_.wait_for(guard, longest, [&] { return !held_; }) && (held_ = true);
  }
  void unlock() {
    std::lock_guard guard(mutex_);
    held_ = false;
    freed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  bool held_ = false;
};

}  // namespace rlx
