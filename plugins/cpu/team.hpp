// The threads of one run. oneDNN in Debian is built for OpenMP, so our own loops use the same pool (libgomp's) instead
// of a second one that would fight it for the cores. No allocation, no locks; one thread means a plain call.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>

namespace rlx::cpu {

class Team {
 public:
  explicit Team(unsigned threads) : threads_(std::max(1u, threads)) {}
  unsigned threads() const { return threads_; }

  // Calls fn(begin, end, part) for disjoint contiguous ranges that cover [0, count), at most one per thread and none
  // smaller than grain unless it is the only one. part < threads() numbers them: use it to pick scratch memory.
  template <typename Fn>
  void split(uint64_t count, uint64_t grain, Fn&& fn) const {
    const uint64_t parts = std::min<uint64_t>(threads_, count / std::max<uint64_t>(1, grain));
    if (parts <= 1) {
      if (count) fn(uint64_t{0}, count, 0u);
      return;
    }
    auto body = [&](unsigned part) { fn(count * part / parts, count * (part + 1) / parts, part); };
    fork_over(static_cast<unsigned>(parts), body);
  }

  // Calls fn(task, part) for every task in [0, tasks), handed out one by one: for tasks of uneven cost.
  template <typename Fn>
  void each(uint64_t tasks, Fn&& fn) const {
    const uint64_t parts = std::min<uint64_t>(threads_, tasks);
    if (parts <= 1) {
      for (uint64_t i = 0; i < tasks; ++i) fn(i, 0u);
      return;
    }
    std::atomic<uint64_t> next{0};
    auto body = [&](unsigned part) {
      for (uint64_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < tasks;) fn(i, part);
    };
    fork_over(static_cast<unsigned>(parts), body);
  }

 private:
  template <typename Body>
  static void fork_over(unsigned parts, Body& body) {
    fork(
        parts, [](void* b, unsigned part) { (*static_cast<Body*>(b))(part); }, std::addressof(body));
  }
  // Runs body(arg, 0 … parts - 1) and waits; every part runs even when the pool has fewer threads.
  static void fork(unsigned parts, void (*body)(void* arg, unsigned part), void* arg);

  unsigned threads_;
};

// Sets the thread count that oneDNN sees on the calling thread and puts the old one back: the host application may use
// OpenMP, too.
class ThreadCountScope {
 public:
  explicit ThreadCountScope(unsigned threads);
  ~ThreadCountScope();
  ThreadCountScope(const ThreadCountScope&) = delete;
  ThreadCountScope& operator=(const ThreadCountScope&) = delete;

 private:
  int before_;
};

}  // namespace rlx::cpu
