// Everybody to everybody at once, reduced in the order of members, and everybody to a root.
#include "collective/algorithms.hpp"

#include <algorithm>

namespace rlx::collective {

namespace {

// One chunk from every member, folded into dst: own is this member's contribution.
Status fold_chunks(const Team& team, const Fold& how, const char* own, char* dst, uint64_t count) {
  const std::span srcs(team.wire.sources.data(), team.size());
  for (uint32_t r = 0; r < team.size(); ++r) {
    if (r == team.me) {
      srcs[r] = own;
      continue;
    }
    RLX_ASSIGN(srcs[r], team.wire.receive_chunk(team.members[r], count * how.element()));
  }
  fold(how, srcs, dst, count);
  for (uint32_t r = 0; r < team.size(); ++r)
    if (r != team.me) RLX_TRY(team.wire.release_chunk(team.members[r]));
  return {};
}

uint64_t elements_per_chunk(const Team& team, const Fold& how) {
  return team.wire.chunk_bytes() / how.element();
}

}  // namespace

Status flat_reduce(const Team& team, const Fold& how, std::span<const char* const> sends, char* dst, uint64_t count) {
  const uint64_t chunk = elements_per_chunk(team, how);
  for (uint64_t at = 0; at == 0 || at < count; at += chunk) {
    const uint64_t n = std::min(chunk, count - at), offset = at * how.element();
    for (uint32_t step = 1; step < team.size(); ++step) {
      const uint32_t peer = (team.me + step) % team.size();
      RLX_TRY(team.wire.send_chunk(team.members[peer], sends[peer] + offset, n * how.element()));
    }
    RLX_TRY(fold_chunks(team, how, sends[team.me] + offset, dst + offset, n));
  }
  return {};
}

Status flat_reduce_to_root(const Team& team, const Fold& how, const char* src, char* dst, uint64_t count,
                           uint32_t root) {
  const uint64_t chunk = elements_per_chunk(team, how);
  for (uint64_t at = 0; at == 0 || at < count; at += chunk) {
    const uint64_t n = std::min(chunk, count - at), offset = at * how.element();
    if (team.me == root)
      RLX_TRY(fold_chunks(team, how, src + offset, dst + offset, n));
    else
      RLX_TRY(team.wire.send_chunk(team.members[root], src + offset, n * how.element()));
  }
  return {};
}

Status flat_all_gather(const Team& team, const char* src, char* dst, std::span<const uint64_t> bytes) {
  std::vector<Transfer> transfers;
  std::vector<uint64_t> at(team.size() + 1, 0);
  for (uint32_t r = 0; r < team.size(); ++r) at[r + 1] = at[r] + bytes[r];
  // Starting behind the own rank spreads who is written to at a time.
  for (uint32_t step = 0; step < team.size(); ++step) {
    const uint32_t r = (team.me + step) % team.size();
    transfers.push_back({r, src, bytes[team.me], dst + at[r], bytes[r]});
  }
  return transfer_all(team, transfers);
}

}  // namespace rlx::collective
