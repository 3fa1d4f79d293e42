// Where peers' memory is in reach: loads from their sources, stores into their destinations, each byte once.
#include "collective/algorithms.hpp"
#include "status/format.hpp"

#include <sched.h>
#include <algorithm>
#include <cstring>
#include <numeric>

namespace rlx::collective {
namespace {

// Small enough for the second cache together with the peers' blocks: what was just computed is copied on from there.
constexpr uint64_t kBlockBytes = uint64_t{16} << 10;

struct Address {
  uint64_t in_heap = 0;  // 1: an offset; 0: a pointer, good within the process
  uint64_t value = 0;
};
struct Card {
  Address src, dst;
  uint64_t bytes = 0;
};

Card card_of(Wire& wire, const char* src, const char* dst, uint64_t bytes) {
  const auto address = [&](const char* p) -> Address {
    if (wire.owns(p)) return {1, static_cast<uint64_t>(p - static_cast<const char*>(wire.rank().heap()))};
    return {0, reinterpret_cast<uintptr_t>(p)};
  };
  return {address(src), address(dst), bytes};
}

// count elements from first on, of all sources, into dst; block by block, each then given to all other destinations if
// they shall have it.
void reduce_part(const Team& team, const Fold& how, Peers peers, const Part& part, char* dst, bool for_all) {
  const size_t element = how.element();
  const uint64_t block = kBlockBytes / element;
  const std::span srcs(team.wire.sources.data(), team.size());
  for (uint64_t at = 0; at < part.count; at += block) {
    const uint64_t n = std::min(block, part.count - at), offset = (part.first + at) * element;
    for (uint32_t r = 0; r < team.size(); ++r) srcs[r] = peers[r].src + offset;
    fold(how, srcs, dst + at * element, n);
    for (uint32_t step = 1; for_all && step < team.size(); ++step)
      std::memcpy(peers[(team.me + step) % team.size()].dst + offset, dst + at * element, n * element);
  }
  team.wire.moved_bytes += part.count * element * (team.size() - 1) * (for_all ? 2 : 1);
}

}  // namespace

Status meet(const Team& team, bool release) {
  for (uint32_t step = 1; step < team.size(); ++step)
    RLX_TRY(team.wire.send_chunk(team.members[(team.me + step) % team.size()], nullptr, 0));
  for (uint32_t step = 1; step < team.size(); ++step) {
    const uint32_t peer = team.members[(team.me + step) % team.size()];
    RLX_TRY(team.wire.receive_chunk(peer, 0));
    if (release) RLX_TRY(team.wire.release_chunk(peer));
  }
  return {};
}

namespace {

// Tells all members this one's card and calls take(r, card) with each one's.
template <typename Take>
Status exchange(const Team& team, const Card& own, Take take) {
  Wire& wire = team.wire;
  for (uint32_t step = 1; step < team.size(); ++step)
    RLX_TRY(wire.send_chunk(team.members[(team.me + step) % team.size()], &own, sizeof own));
  wire.moved_bytes = 0;  // not part of the message
  for (uint32_t r = 0; r < team.size(); ++r) {
    Card card = own;
    if (r != team.me) {
      RLX_ASSIGN(const char* payload, wire.receive_chunk(team.members[r], sizeof card));
      std::memcpy(&card, payload, sizeof card);
      RLX_TRY(wire.release_chunk(team.members[r]));
    }
    if (card.bytes != own.bytes)
      return fail(Code::kLengthMismatch, "expected {} bytes from rank {}, got {}", own.bytes, team.members[r],
                  card.bytes);
    take(r, card);
  }
  return {};
}

}  // namespace

Status meet_with(const Team& team, uint64_t bytes) {
  return exchange(team, {{}, {}, bytes}, [](uint32_t, const Card&) {});
}

Result<Reach> reach(const Team& team, const char* src, char* dst, uint64_t bytes) {
  Wire& wire = team.wire;
  const std::span peers(wire.reached.data(), team.size());
  bool all = wire.all_mapped(), none_in_heap = true;
  RLX_TRY(exchange(team, card_of(wire, src, dst, bytes), [&](uint32_t r, const Card& card) {
    char* const heap = wire.mapped(team.members[r]);
    const auto resolve = [&](const Address& address) {
      return address.in_heap ? heap + address.value : reinterpret_cast<char*>(address.value);
    };
    const bool in_heap = card.src.in_heap && card.dst.in_heap;
    none_in_heap = none_in_heap && !in_heap;
    all = all && (wire.same_process() || in_heap);
    peers[r] = all ? Reached{resolve(card.src), resolve(card.dst)} : Reached{};
  }));
  return Reach{all ? Peers(peers) : Peers{}, none_in_heap};
}

// Private buffers of a thread whose collective failed may be gone the moment it returns, while peers that know nothing
// yet read and write them. So a rank says that it is at work before it looks whether the others still agree, and who
// takes its buffers back says so before it looks who is at work. Heaps outlive their ranks: processes need none of
// this.
bool begin_access(const Team& team) {
  Wire& wire = team.wire;
  if (!wire.same_process()) return true;
  wire.at_work(wire.rank().rank()).store(1, std::memory_order_seq_cst);
  for (const uint32_t member : team.members)
    if (wire.revoked(member).load(std::memory_order_seq_cst)) {
      end_access(team);
      return false;
    }
  return true;
}

void end_access(const Team& team) {
  if (team.wire.same_process()) team.wire.at_work(team.wire.rank().rank()).store(0, std::memory_order_release);
}

void revoke(const Team& team) {
  Wire& wire = team.wire;
  if (!wire.same_process()) return;
  wire.revoked(wire.rank().rank()).store(1, std::memory_order_seq_cst);
  // Work is loads and stores only: it ends, whatever happens to the group.
  for (const uint32_t member : team.members)
    while (wire.at_work(member).load(std::memory_order_seq_cst)) ::sched_yield();
}

void direct_all_reduce(const Team& team, const Fold& how, Peers peers, uint64_t count) {
  const Part part = part_of(count, how.element(), team.me, team.size());
  reduce_part(team, how, peers, part, peers[team.me].dst + part.first * how.element(), true);
}

void direct_reduce_scatter(const Team& team, const Fold& how, Peers peers, uint64_t count) {
  reduce_part(team, how, peers, {team.me * count, count}, peers[team.me].dst, false);
}

void direct_reduce(const Team& team, const Fold& how, Peers peers, uint64_t count, uint32_t root) {
  const Part part = part_of(count, how.element(), team.me, team.size());
  reduce_part(team, how, peers, part, peers[root].dst + part.first * how.element(), false);
}

void direct_all_gather(const Team& team, Peers peers, std::span<const uint64_t> bytes) {
  // Starting with the own part, so that not everybody reads from the same member.
  uint64_t at = std::accumulate(bytes.begin(), bytes.begin() + team.me, uint64_t{0});
  for (uint32_t step = 0, r = team.me; step < team.size(); ++step) {
    char* to = peers[team.me].dst + at;
    if (bytes[r] && to != peers[r].src) std::memcpy(to, peers[r].src, bytes[r]);
    if (r != team.me) team.wire.moved_bytes += bytes[r];
    at += bytes[r];
    if (++r == team.size()) r = 0, at = 0;
  }
}

void direct_broadcast(const Team& team, Peers peers, uint64_t bytes, uint32_t root) {
  if (team.me != root) {
    if (bytes) std::memcpy(peers[team.me].dst, peers[root].src, bytes);
    team.wire.moved_bytes += bytes;
  }
}

}  // namespace rlx::collective
