#include "transport/link.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <vector>

namespace rlx::transport {
namespace {

struct Figures {
  uint64_t latency_ns, bandwidth;
};

// Fastest of a few copies of this size, in seconds.
double copy_seconds(std::vector<char>& memory, size_t size, int rounds) {
  double best = 1;
  for (int i = 0; i < rounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    std::memcpy(memory.data(), memory.data() + memory.size() / 2, size);
    // The copy must not be dropped because nobody reads it.
    asm volatile("" : : "r"(memory.data()) : "memory");
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

Figures measure() {
  constexpr size_t kSize = size_t{4} << 20;
  std::vector<char> memory(2 * kSize, 1);
  const double small = copy_seconds(memory, 8, 50), large = copy_seconds(memory, kSize, 5);
  return {std::max<uint64_t>(1, static_cast<uint64_t>(small * 1e9)),
          static_cast<uint64_t>(static_cast<double>(kSize) / std::max(large, 1e-9))};
}

}  // namespace

void describe_link(bool between_processes, rlx_link_info& out_info) {
  static const Figures figures = measure();
  rlx_link_info info{};
  info.struct_size = out_info.struct_size;
  info.flags = RLX_LINK_SAME_HOST | RLX_LINK_MAPPED;
  if (!between_processes) info.flags |= RLX_LINK_SAME_PROCESS;
  info.latency_ns = figures.latency_ns;
  info.bandwidth_bytes_per_s = figures.bandwidth;
  std::memcpy(&out_info, &info, std::min<size_t>(out_info.struct_size, sizeof info));
}

}  // namespace rlx::transport
