// Where peers' memory is in reach: loads from their sources, stores into their destinations, each byte once.
#include "collective/algorithms.hpp"
#include "status/format.hpp"

#include <sched.h>
#include <algorithm>
#include <cstring>

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
    const auto* heap = static_cast<const char*>(wire.rank().heap());
    if (p >= heap && p < heap + wire.rank().heap_bytes()) return {1, static_cast<uint64_t>(p - heap)};
    return {0, reinterpret_cast<uintptr_t>(p)};
  };
  return {address(src), address(dst), bytes};
}

// count elements from first on, of all sources, into dst; block by block, each then given to the other `targets`.
void reduce_part(const Team& team, const Fold& how, Peers peers, const Part& part, char* dst,
                 std::span<char* const> targets) {
  const size_t element = how.element();
  const uint64_t block = kBlockBytes / element;
  std::vector<const char*> srcs(team.size());
  for (uint64_t at = 0; at < part.count; at += block) {
    const uint64_t n = std::min(block, part.count - at), offset = (part.first + at) * element;
    for (uint32_t r = 0; r < team.size(); ++r) srcs[r] = peers[r].src + offset;
    fold(how, srcs, dst + at * element, n);
    for (char* target : targets) std::memcpy(target + offset, dst + at * element, n * element);
  }
  const uint64_t bytes = part.count * element;
  team.wire.moved_bytes += bytes * (team.size() - 1) + bytes * targets.size();
}

}  // namespace

Status meet(const Team& team) {
  std::vector<Transfer> transfers;
  for (uint32_t step = 1; step < team.size(); ++step) transfers.push_back({(team.me + step) % team.size()});
  return transfer_all(team, transfers);
}

namespace {

Status exchange(const Team& team, const Card& own, std::vector<Card>& cards) {
  cards.resize(team.size());
  std::vector<Transfer> transfers;
  for (uint32_t step = 0; step < team.size(); ++step) {
    const uint32_t r = (team.me + step) % team.size();
    transfers.push_back(
        {r, reinterpret_cast<const char*>(&own), sizeof own, reinterpret_cast<char*>(&cards[r]), sizeof(Card)});
  }
  RLX_TRY(transfer_all(team, transfers));
  team.wire.moved_bytes = 0;  // not part of the message
  for (uint32_t r = 0; r < team.size(); ++r)
    if (cards[r].bytes != own.bytes)
      return fail(Code::kLengthMismatch, "expected {} bytes from rank {}, got {}", own.bytes, team.members[r],
                  cards[r].bytes);
  return {};
}

}  // namespace

Status meet_with(const Team& team, uint64_t bytes) {
  Card own;
  own.bytes = bytes;
  std::vector<Card> cards;
  return exchange(team, own, cards);
}

Result<std::vector<Reached>> reach(const Team& team, const char* src, char* dst, uint64_t bytes) {
  std::vector<Card> cards;
  RLX_TRY(exchange(team, card_of(team.wire, src, dst, bytes), cards));
  std::vector<Reached> peers;
  for (uint32_t r = 0; r < team.size(); ++r) {
    const auto resolve = [&](const Address& address) {
      char* heap = team.wire.mapped(team.members[r]);
      return address.in_heap ? heap + address.value : reinterpret_cast<char*>(address.value);
    };
    const bool in_heaps = cards[r].src.in_heap && cards[r].dst.in_heap;
    const bool in_reach = team.wire.all_mapped() && (team.wire.same_process() || in_heaps);
    if (!in_reach) return std::vector<Reached>{};
    peers.push_back({resolve(cards[r].src), resolve(cards[r].dst)});
  }
  return peers;
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
  std::vector<char*> targets;
  for (uint32_t step = 1; step < team.size(); ++step) targets.push_back(peers[(team.me + step) % team.size()].dst);
  reduce_part(team, how, peers, part, peers[team.me].dst + part.first * how.element(), targets);
}

void direct_reduce_scatter(const Team& team, const Fold& how, Peers peers, uint64_t count) {
  reduce_part(team, how, peers, {team.me * count, count}, peers[team.me].dst, {});
}

void direct_reduce(const Team& team, const Fold& how, Peers peers, uint64_t count, uint32_t root) {
  const Part part = part_of(count, how.element(), team.me, team.size());
  reduce_part(team, how, peers, part, peers[root].dst + part.first * how.element(), {});
}

void direct_all_gather(const Team& team, Peers peers, std::span<const uint64_t> bytes) {
  std::vector<uint64_t> at(team.size() + 1, 0);
  for (uint32_t r = 0; r < team.size(); ++r) at[r + 1] = at[r] + bytes[r];
  for (uint32_t step = 0; step < team.size(); ++step) {
    const uint32_t r = (team.me + step) % team.size();
    char* to = peers[team.me].dst + at[r];
    if (bytes[r] && to != peers[r].src) std::memcpy(to, peers[r].src, bytes[r]);
    if (r != team.me) team.wire.moved_bytes += bytes[r];
  }
}

void direct_broadcast(const Team& team, Peers peers, uint64_t bytes, uint32_t root) {
  if (team.me != root) {
    if (bytes) std::memcpy(peers[team.me].dst, peers[root].src, bytes);
    team.wire.moved_bytes += bytes;
  }
}

}  // namespace rlx::collective
