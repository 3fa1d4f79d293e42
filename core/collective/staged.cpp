// Private memory of processes that map each other's heaps: every rank copies a piece of its message into its heap, each
// reduces a part of the piece from all heaps, and all copy the parts that others have reduced. Two meetings a piece;
// the pieces are small enough to stay in the caches from one step to the next.
#include "collective/algorithms.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::collective {

Status staged_all_reduce(const Team& team, const Fold& how, const char* src, char* dst, uint64_t count) {
  Wire& wire = team.wire;
  const size_t element = how.element();
  const uint64_t piece = Wire::kStagingBytes / element;
  const std::span srcs(wire.sources.data(), team.size());
  char *const source = wire.staged_source(team.members[team.me]), *const result =
                                                                      wire.staged_result(team.members[team.me]);
  for (uint64_t at = 0; at == 0 || at < count; at += piece) {
    const uint64_t n = std::min(piece, count - at);
    // Whoever read the last piece's sources has met this rank since.
    if (n) std::memcpy(source, src + at * element, n * element);
    RLX_TRY(at == 0 ? meet_with(team, count * element) : meet(team));
    const Part own = part_of(n, element, team.me, team.size());
    for (uint32_t r = 0; r < team.size(); ++r) srcs[r] = wire.staged_source(team.members[r]) + own.first * element;
    fold(how, srcs, result + own.first * element, own.count);
    RLX_TRY(meet(team));
    for (uint32_t r = 0; r < team.size(); ++r) {
      const Part part = part_of(n, element, r, team.size());
      if (part.count == 0) continue;
      const uint64_t offset = part.first * element, bytes = part.count * element;
      std::memcpy(dst + at * element + offset, wire.staged_result(team.members[r]) + offset, bytes);
      if (r != team.me) wire.moved_bytes += bytes;
    }
    wire.moved_bytes += own.count * element * (team.size() - 1);
  }
  return {};
}

}  // namespace rlx::collective
