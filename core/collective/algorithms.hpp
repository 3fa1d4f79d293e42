// The algorithms behind ProcessGroup, each a file. They see checked arguments; ranks are positions in `Team`.
#pragma once

#include "collective/fold.hpp"
#include "collective/wire.hpp"

namespace rlx::collective {

// A group's members on the wire.
struct Team {
  Wire& wire;
  std::span<const uint32_t> members;  // world ranks
  uint32_t me;

  uint32_t size() const { return static_cast<uint32_t>(members.size()); }
};

// Elements [first, first + count) of a message, for the part-th of parts: whole cache lines, so that no two ranks write
// to one.
struct Part {
  uint64_t first, count;
};
Part part_of(uint64_t count, size_t element, uint32_t part, uint32_t parts);

// One message to a member, one from it; each may be absent.
struct Transfer {
  uint32_t peer = 0;
  const char* src = nullptr;
  uint64_t send_bytes = 0;
  char* dst = nullptr;
  uint64_t receive_bytes = 0;
  bool sends = true, receives = true;
};

// All transfers at once. Chunk c of every message is sent before chunk c of any is received, and no rank is further
// ahead than its partners' slots allow: for that reason no order of calls can lock up.
Status transfer_all(const Team& team, std::span<const Transfer> transfers);
// One transfer in which each received chunk is combined: dst = received op own, or own op received if `own_first`.
// own, dst: receive_bytes long.
Status transfer_combined(const Team& team, const Transfer& transfer, const Fold& how, const char* own, bool own_first);

// --- reductions: src and dst are equal or apart --------------------------------------------------------------------

// sends[r] goes to member r; dst = the r-th contributions of all members to this one, in the order of members.
Status flat_reduce(const Team& team, const Fold& how, std::span<const char* const> sends, char* dst, uint64_t count);
Status doubling_all_reduce(const Team& team, const Fold& how, const char* src, char* dst, uint64_t count);
Status halving_all_reduce(const Team& team, const Fold& how, const char* src, char* dst, uint64_t count);
Status ring_all_reduce(const Team& team, const Fold& how, const char* src, char* dst, uint64_t count);
// Every member's heap is mapped.
Status staged_all_reduce(const Team& team, const Fold& how, const char* src, char* dst, uint64_t count);
// Of processes: directly if all buffers lie in heaps, else staged. Which of them it was.
Result<Algorithm> direct_or_staged_all_reduce(const Team& team, const Fold& how, const char* src, char* dst,
                                              uint64_t count);
Status flat_reduce_to_root(const Team& team, const Fold& how, const char* src, char* dst, uint64_t count,
                           uint32_t root);

// --- moving ---------------------------------------------------------------------------------------------------------

// Parts lie packed in dst: offsets[r], bytes[r].
Status flat_all_gather(const Team& team, const char* src, char* dst, std::span<const uint64_t> bytes);
Status ring_all_gather(const Team& team, const char* src, char* dst, std::span<const uint64_t> bytes);
Status tree_broadcast(const Team& team, char* data, uint64_t bytes, uint32_t root);
Status chain_broadcast(const Team& team, char* data, uint64_t bytes, uint32_t root);

// --- direct: peers' buffers by loads and stores --------------------------------------------------------------------

using Peers = std::span<const Reached>;
// Tells all members where this one's buffers are, runs work(peers) with theirs, and returns when all have done so.
// bytes: what all members have to agree on, lest one reads past another's end. False: some buffer of some member is out
// of some member's reach; the answer is the same on all members and work did not run. Whatever fails, nobody touches
// this member's buffers any more after the return.
template <typename Work>
Result<bool> directly(const Team& team, const char* src, char* dst, uint64_t bytes, Work work);

// Nobody returns before all have come. Not to release what they sent is to acknowledge it later.
Status meet(const Team& team, bool release = true);
// The same; LENGTH_MISMATCH on all unless all bring the same number of bytes.
Status meet_with(const Team& team, uint64_t bytes);

// The steps of directly(). peers is empty when some are out of reach.
struct Reach {
  Peers peers;
  bool none_in_heap = false;  // no member has both buffers in its heap
};
Result<Reach> reach(const Team& team, const char* src, char* dst, uint64_t bytes);
// True: the peers' buffers may be touched until end_access.
bool begin_access(const Team& team);
void end_access(const Team& team);
// Takes this member's buffers back from peers that may be at work on them.
void revoke(const Team& team);

void direct_all_reduce(const Team& team, const Fold& how, Peers peers, uint64_t count);
void direct_reduce_scatter(const Team& team, const Fold& how, Peers peers, uint64_t count);
void direct_reduce(const Team& team, const Fold& how, Peers peers, uint64_t count, uint32_t root);
void direct_all_gather(const Team& team, Peers peers, std::span<const uint64_t> bytes);
void direct_broadcast(const Team& team, Peers peers, uint64_t bytes, uint32_t root);

template <typename Work>
Result<bool> directly(const Team& team, const char* src, char* dst, uint64_t bytes, Work work) {
  Result<Reach> reached = reach(team, src, dst, bytes);
  Status status = reached ? Status{} : tl::unexpected<Error>(std::move(reached).error());
  if (status) {
    if (reached->peers.empty()) return false;
    if (begin_access(team)) {
      work(reached->peers);
      end_access(team);
    }
    // After a refused access this tells who is lost.
    status = meet(team);
  }
  if (status) return true;
  revoke(team);
  return tl::unexpected<Error>(std::move(status).error());
}

}  // namespace rlx::collective
