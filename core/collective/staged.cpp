// Private memory of processes that map each other's heaps. A message goes in pieces; each piece in as many parts as
// there are members, one of which each member reduces:
//
//   copy in    the parts of the others, into the own heap's staging area
//   meet
//   reduce     the own part: from the own source and the others' areas, into the own area and the destination
//   meet
//   copy out   the parts of the others, from their areas
//
// The next piece is copied in before the second meeting, so that there is one meeting a piece: two areas take turns.
// Whoever still copies out of an area reads its owner's part, which is the one that copying in leaves alone, and has
// met the owner before that reduces into it again. The next message may be another group's, whose members know nothing
// of such readers: before its first piece all of them have said that they are through. Pieces are small enough to stay
// in the caches from one step to the next: of the three passes over a piece, memory sees the first and the last.
#include "collective/algorithms.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::collective {
namespace {

constexpr uint64_t kLine = 64;
// Reduced, then copied from the first cache to where it belongs.
constexpr uint64_t kCacheBytes = uint64_t{16} << 10;

class Staged {
 public:
  Staged(const Team& team, const Fold& how, const char* src, char* dst, uint64_t count)
      : team_(team), how_(how), src_(src), dst_(dst), count_(count), element_(how.element()) {
    // Parts of all pieces lie at the same places, also those of the last piece, which may be smaller: areas take turns.
    part_bytes_ = Wire::kStagingBytes / kLine / team.size() * kLine;
    piece_ = part_bytes_ * team.size() / element_;
  }

  uint64_t pieces() const { return std::max<uint64_t>(1, (count_ + piece_ - 1) / piece_); }

  void copy_in(uint64_t k) const {
    for (uint32_t p = 0; p < team_.size(); ++p)
      if (p != team_.me) copy(staged(team_.me, k, p), src_ + offset(k, p), bytes(k, p));
  }

  void reduce(uint64_t k) const {
    const std::span srcs(team_.wire.sources.data(), team_.size());
    const uint64_t all = bytes(k, team_.me);
    for (uint64_t at = 0; at < all; at += kCacheBytes) {
      const uint64_t block = std::min(kCacheBytes, all - at);
      for (uint32_t r = 0; r < team_.size(); ++r)
        srcs[r] = r == team_.me ? src_ + offset(k, r) + at : staged(r, k, team_.me) + at;
      char* const result = staged(team_.me, k, team_.me) + at;
      fold(how_, srcs, result, block / element_);
      std::memcpy(dst_ + offset(k, team_.me) + at, result, block);
    }
    team_.wire.moved_bytes += all * (team_.size() - 1);
  }

  void copy_out(uint64_t k) const {
    for (uint32_t step = 1; step < team_.size(); ++step) {
      const uint32_t p = (team_.me + step) % team_.size();
      copy(dst_ + offset(k, p), staged(p, k, p), bytes(k, p));
      team_.wire.moved_bytes += bytes(k, p);
    }
  }

 private:
  static void copy(char* dst, const char* src, uint64_t bytes) {
    if (bytes) std::memcpy(dst, src, bytes);
  }
  Part part(uint64_t k, uint32_t p) const {
    return part_of(std::min(piece_, count_ - k * piece_), element_, p, team_.size());
  }
  uint64_t offset(uint64_t k, uint32_t p) const { return (k * piece_ + part(k, p).first) * element_; }
  uint64_t bytes(uint64_t k, uint32_t p) const { return part(k, p).count * element_; }
  // Part p of piece k in the area of a member.
  char* staged(uint32_t member, uint64_t k, uint32_t p) const {
    return team_.wire.staging(team_.members[member]) + k % 2 * Wire::kStagingBytes + p * part_bytes_;
  }

  const Team& team_;
  const Fold& how_;
  const char* src_;
  char* dst_;
  uint64_t count_, element_, part_bytes_ = 0, piece_ = 0;
};

// When all have copied their first pieces in.
Status finish(const Team& team, const Staged& staged) {
  for (uint64_t k = 0; k < staged.pieces(); ++k) {
    const bool last = k + 1 == staged.pieces();
    staged.reduce(k);
    if (!last) staged.copy_in(k + 1);
    // That the last messages have been consumed shall say that the parts have been copied out.
    RLX_TRY(meet(team, !last));
    staged.copy_out(k);
  }
  for (uint32_t r = 0; r < team.size(); ++r) {
    if (r == team.me) continue;
    team.wire.lend_staging(team.members[r]);
    RLX_TRY(team.wire.acknowledge(team.members[r]));
  }
  return {};
}

}  // namespace

Status staged_all_reduce(const Team& team, const Fold& how, const char* src, char* dst, uint64_t count) {
  const Staged staged(team, how, src, dst, count);
  RLX_TRY(team.wire.reclaim_staging());
  staged.copy_in(0);
  RLX_TRY(meet_with(team, count * how.element()));
  return finish(team, staged);
}

// A member with private memory knows before it asks that there will be no direct access: the exchange of addresses is
// then the first meeting already, unless others had to learn it from this one.
Result<Algorithm> direct_or_staged_all_reduce(const Team& team, const Fold& how, const char* src, char* dst,
                                              uint64_t count) {
  const Staged staged(team, how, src, dst, count);
  const bool in_heap = team.wire.owns(src) && team.wire.owns(dst);
  if (!in_heap) {
    RLX_TRY(team.wire.reclaim_staging());
    staged.copy_in(0);
  }
  RLX_ASSIGN(const Reach reached, reach(team, src, dst, count * how.element()));
  if (!reached.peers.empty()) {
    direct_all_reduce(team, how, reached.peers, count);
    RLX_TRY(meet(team));
    return Algorithm::kDirect;
  }
  if (!reached.none_in_heap) {
    if (in_heap) {
      RLX_TRY(team.wire.reclaim_staging());
      staged.copy_in(0);
    }
    RLX_TRY(meet(team));
  }
  RLX_TRY(finish(team, staged));
  return Algorithm::kStaged;
}

}  // namespace rlx::collective
