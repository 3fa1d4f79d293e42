// From a root to all: a binomial tree for short messages, a chain of chunks for long ones.
#include "collective/algorithms.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::collective {

Status tree_broadcast(const Team& team, char* data, uint64_t bytes, uint32_t root) {
  const uint32_t n = team.size(), place = (team.me + n - root) % n;
  const auto member = [&](uint32_t at) { return (at + root) % n; };
  // Place p gets from p without its lowest bit, and gives to p + smaller powers of two.
  uint32_t bit = 1;
  while (bit < n && (place & bit) == 0) bit *= 2;
  if (place) {
    const Transfer take{member(place - bit), nullptr, 0, data, bytes, false, true};
    RLX_TRY(transfer_all(team, {&take, 1}));
  }
  for (bit /= 2; bit >= 1; bit /= 2) {
    if (place + bit >= n) continue;
    const Transfer give{member(place + bit), data, bytes, nullptr, 0, true, false};
    RLX_TRY(transfer_all(team, {&give, 1}));
  }
  return {};
}

Status chain_broadcast(const Team& team, char* data, uint64_t bytes, uint32_t root) {
  const uint32_t n = team.size(), place = (team.me + n - root) % n;
  const uint32_t before = team.members[(team.me + n - 1) % n], after = team.members[(team.me + 1) % n];
  const uint64_t chunk = team.wire.chunk_bytes();
  for (uint64_t at = 0; at == 0 || at < bytes; at += chunk) {
    const uint64_t size = std::min(chunk, bytes - at);
    if (place) {
      RLX_ASSIGN(const char* payload, team.wire.receive_chunk(before, size));
      if (size) std::memcpy(data + at, payload, size);
      RLX_TRY(team.wire.release_chunk(before));
    }
    if (place + 1 < n) RLX_TRY(team.wire.send_chunk(after, data + at, size));
  }
  return {};
}

}  // namespace rlx::collective
