// Messages in chunks, in lockstep.
#include "collective/algorithms.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::collective {
namespace {

// An empty message is one empty chunk, so that a receiver who expects more finds out.
uint64_t chunks_of(uint64_t bytes, uint64_t chunk) {
  return std::max<uint64_t>(1, (bytes + chunk - 1) / chunk);
}

}  // namespace

Part part_of(uint64_t count, size_t element, uint32_t part, uint32_t parts) {
  const uint64_t line = std::max<uint64_t>(1, 64 / element), lines = (count + line - 1) / line;
  // Not lines * part / parts, which may overflow.
  const auto start = [&](uint32_t p) {
    return std::min(count, (lines / parts * p + lines % parts * p / parts) * line);
  };
  return {start(part), start(part + 1) - start(part)};
}

Status transfer_all(const Team& team, std::span<const Transfer> transfers) {
  const uint64_t chunk = team.wire.chunk_bytes();
  uint64_t steps = 0;
  for (const Transfer& t : transfers) {
    if (t.peer == team.me) {
      if (t.receive_bytes && t.dst != t.src) std::memmove(t.dst, t.src, t.receive_bytes);
      continue;
    }
    if (t.sends) steps = std::max(steps, chunks_of(t.send_bytes, chunk));
    if (t.receives) steps = std::max(steps, chunks_of(t.receive_bytes, chunk));
  }
  for (uint64_t step = 0; step < steps; ++step) {
    const uint64_t at = step * chunk;
    for (const Transfer& t : transfers)
      if (t.peer != team.me && t.sends && step < chunks_of(t.send_bytes, chunk))
        RLX_TRY(team.wire.send_chunk(team.members[t.peer], t.src + at, std::min(chunk, t.send_bytes - at)));
    for (const Transfer& t : transfers)
      if (t.peer != team.me && t.receives && step < chunks_of(t.receive_bytes, chunk)) {
        const uint64_t bytes = std::min(chunk, t.receive_bytes - at);
        RLX_ASSIGN(const char* payload, team.wire.receive_chunk(team.members[t.peer], bytes));
        if (bytes) std::memcpy(t.dst + at, payload, bytes);
        RLX_TRY(team.wire.release_chunk(team.members[t.peer]));
      }
  }
  return {};
}

Status transfer_combined(const Team& team, const Transfer& t, const Fold& how, const char* own, bool own_first) {
  const uint64_t chunk = team.wire.chunk_bytes(), sends = t.sends ? chunks_of(t.send_bytes, chunk) : 0,
                 receives = t.receives ? chunks_of(t.receive_bytes, chunk) : 0;
  const uint32_t peer = team.members[t.peer];
  for (uint64_t step = 0; step < std::max(sends, receives); ++step) {
    const uint64_t at = step * chunk;
    if (step < sends) RLX_TRY(team.wire.send_chunk(peer, t.src + at, std::min(chunk, t.send_bytes - at)));
    if (step >= receives) continue;
    const uint64_t bytes = std::min(chunk, t.receive_bytes - at);
    RLX_ASSIGN(const char* payload, team.wire.receive_chunk(peer, bytes));
    const char *first = own_first ? own + at : payload, *second = own_first ? payload : own + at;
    how.combine(t.dst + at, first, second, bytes / how.element());
    RLX_TRY(team.wire.release_chunk(peer));
  }
  return {};
}

}  // namespace rlx::collective
