// Ranges are cut evenly and taken in order; the caller works, too.
#include "plugin/parallel_for.hpp"

#include <sched.h>
#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace rlx::plugin {

namespace {

uint32_t usable_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<uint32_t>(std::max(1, CPU_COUNT(&set)));
}

}  // namespace

Status parallel_for(uint32_t threads, uint64_t count, void (*fn)(void* arg, uint64_t begin, uint64_t end), void* arg) {
  if (count == 0) return {};
  const uint64_t ranges = std::min<uint64_t>(threads ? threads : usable_threads(), count);
  std::atomic<uint64_t> next{0};
  std::atomic<uint64_t> failed{0};
  const auto work = [&]() noexcept {
    for (uint64_t i; (i = next.fetch_add(1)) < ranges;) {
      // count may be near 2^64: no products of it.
      const uint64_t size = count / ranges, longer = count % ranges;
      const uint64_t begin = i * size + std::min(i, longer);
      try {
        fn(arg, begin, begin + size + (i < longer ? 1 : 0));
      } catch (...) {
        failed.fetch_add(1);
      }
    }
  };
  std::vector<std::thread> team;
  try {
    team.reserve(static_cast<size_t>(ranges - 1));
    for (uint64_t i = 1; i < ranges; ++i) team.emplace_back(work);
  } catch (...) {
    // Fewer threads than wished for: those that exist and this one take all ranges.
  }
  work();
  for (std::thread& thread : team) thread.join();
  if (failed == 0) return {};
  return error(Code::kInternal, "parallel_for: exception in " + std::to_string(failed.load()) + " of " +
                                    std::to_string(ranges) + " ranges");
}

}  // namespace rlx::plugin
