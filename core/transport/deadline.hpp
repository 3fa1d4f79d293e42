// A point in time made from the ABI's relative deadlines: 0 does not wait, RLX_FOREVER never comes.
#pragma once

#include <rlx/base.h>

#include <chrono>

namespace rlx::transport {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Deadline(uint64_t ns) : none_(ns == 0), forever_(ns > kLongestNs) {
    if (!none_ && !forever_) end_ = Clock::now() + std::chrono::nanoseconds(ns);
  }

  // 0 when it has passed.
  uint64_t left_ns() const {
    if (forever_) return RLX_FOREVER;
    if (none_) return 0;
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(end_ - Clock::now()).count();
    return left > 0 ? static_cast<uint64_t>(left) : 0;
  }

 private:
  // A century: adding more to the clock could overflow.
  static constexpr uint64_t kLongestNs = 3'155'760'000'000'000'000;
  bool none_, forever_;
  Clock::time_point end_{};
};

}  // namespace rlx::transport
