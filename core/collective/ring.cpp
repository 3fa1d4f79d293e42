// Rings: everybody sends to the next member and receives from the one before. Bandwidth-optimal, any number of members.
//
// Large messages go around in segments small enough to stay in the caches between reducing and gathering.
#include "collective/algorithms.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::collective {
namespace {

constexpr uint64_t kSegmentBytes = uint64_t{256} << 10;  // for each member

// One chunk to the right, one from the left, in lockstep. combine: dst = received op own.
Status step(const Team& team, const char* give, uint64_t give_bytes, char* take, uint64_t take_bytes, const Fold* how,
            const char* own) {
  const uint32_t right = (team.me + 1) % team.size(), left = (team.me + team.size() - 1) % team.size();
  const uint64_t chunk = team.wire.chunk_bytes();
  for (uint64_t at = 0; at == 0 || at < std::max(give_bytes, take_bytes); at += chunk) {
    if (at == 0 || at < give_bytes)
      RLX_TRY(team.wire.send_chunk(team.members[right], give + at, std::min(chunk, give_bytes - at)));
    if (at != 0 && at >= take_bytes) continue;
    const uint64_t bytes = std::min(chunk, take_bytes - at);
    RLX_ASSIGN(const char* payload, team.wire.receive_chunk(team.members[left], bytes));
    if (how)
      how->combine(take + at, payload, own + at, bytes / how->element());
    else if (bytes)
      std::memcpy(take + at, payload, bytes);
    RLX_TRY(team.wire.release_chunk(team.members[left]));
  }
  return {};
}

Status ring_segment(const Team& team, const Fold& how, const char* src, char* dst, uint64_t count) {
  const uint32_t n = team.size();
  const size_t element = how.element();
  const auto part = [&](uint32_t back) { return part_of(count, element, (team.me + 2 * n - back) % n, n); };
  for (uint32_t s = 0; s + 1 < n; ++s) {
    const Part give = part(s), take = part(s + 1);
    RLX_TRY(step(team, (s ? dst : src) + give.first * element, give.count * element, dst + take.first * element,
                 take.count * element, &how, src + take.first * element));
  }
  const Part own = part(n - 1);
  divide(how, dst + own.first * element, own.count);
  for (uint32_t s = 0; s + 1 < n; ++s) {
    const Part give = part(n - 1 + s), take = part(s);
    RLX_TRY(step(team, dst + give.first * element, give.count * element, dst + take.first * element,
                 take.count * element, nullptr, nullptr));
  }
  return {};
}

}  // namespace

Status ring_all_reduce(const Team& team, const Fold& how, const char* src, char* dst, uint64_t count) {
  const uint64_t segment = std::max<uint64_t>(1, kSegmentBytes / how.element()) * team.size();
  for (uint64_t at = 0; at == 0 || at < count; at += segment)
    RLX_TRY(ring_segment(team, how, src + at * how.element(), dst + at * how.element(), std::min(segment, count - at)));
  return {};
}

Status ring_all_gather(const Team& team, const char* src, char* dst, std::span<const uint64_t> bytes) {
  const uint32_t n = team.size();
  std::vector<uint64_t> at(n + 1, 0);
  for (uint32_t r = 0; r < n; ++r) at[r + 1] = at[r] + bytes[r];
  if (bytes[team.me] && dst + at[team.me] != src) std::memcpy(dst + at[team.me], src, bytes[team.me]);
  for (uint32_t s = 0; s + 1 < n; ++s) {
    const uint32_t give = (team.me + n - s) % n, take = (team.me + 2 * n - s - 1) % n;
    RLX_TRY(step(team, dst + at[give], bytes[give], dst + at[take], bytes[take], nullptr, nullptr));
  }
  return {};
}

}  // namespace rlx::collective
