// all_gather, broadcast, gather, scatter, all_to_all: bytes of any dtype.
#include "collective/group.hpp"

#include <algorithm>

namespace rlx {

using namespace collective;

namespace {

constexpr uint64_t kDirectMoveFrom = 8192, kRingFrom = 65536, kChainFrom = 65536;

Status check_parts(std::string_view name, std::string_view what, size_t got, uint32_t expected) {
  if (got == expected) return {};
  return fail(Code::kLengthMismatch, "{}: expected {} sizes for {} ranks, got {}", name, what, expected, got);
}

}  // namespace

Status ProcessGroup::all_gather(const void* src, uint64_t bytes, void* dst, Algorithm algorithm) {
  const std::vector<uint64_t> all(size(), bytes);
  return all_gather_v(src, dst, all, algorithm);
}

Status ProcessGroup::all_gather_v(const void* src, void* dst, std::span<const uint64_t> bytes, Algorithm algorithm) {
  RLX_TRY(check_parts("all_gather", "part", bytes.size(), size()));
  uint64_t total = 0;
  for (const uint64_t b : bytes)
    if (__builtin_add_overflow(total, b, &total))
      return error(Code::kOutOfRange, "all_gather: the sum of all parts overflows");
  constexpr Algorithm kPossible[] = {Algorithm::kFlat, Algorithm::kRing, Algorithm::kDirect, Algorithm::kNative};
  const Algorithm wired = total >= kRingFrom ? Algorithm::kRing : Algorithm::kFlat;
  const bool direct = impl_->wire->all_mapped() && total >= kDirectMoveFrom;
  RLX_ASSIGN(Algorithm chosen, choose("all_gather", algorithm, kPossible, direct ? Algorithm::kDirect : wired));
  const auto* from = static_cast<const char*>(src);
  auto* to = static_cast<char*>(dst);
  return impl_->perform("all_gather", [&]() -> Status {
    const Team team = impl_->team();
    const bool alike = std::equal(bytes.begin() + 1, bytes.end(), bytes.begin());
    if (alike || algorithm == Algorithm::kNative) {
      if (!alike) return error(Code::kUnimplemented, "algorithm 'native': parts of different sizes");
      RLX_ASSIGN(
          const bool native,
          impl_->natively(
              algorithm,
              {.kind = RLX_COLLECTIVE_ALL_GATHER, .dtype = RLX_DTYPE_U8, .src = src, .dst = dst, .count = bytes[0]}));
      if (native) return {};
    }
    if (chosen == Algorithm::kDirect) {
      RLX_ASSIGN(const bool done,
                 directly(team, from, to, total, [&](Peers peers) { direct_all_gather(team, peers, bytes); }));
      impl_->last = Algorithm::kDirect;
      if (done) return {};
      chosen = wired;
    }
    impl_->last = chosen;
    return chosen == Algorithm::kRing ? ring_all_gather(team, from, to, bytes) : flat_all_gather(team, from, to, bytes);
  });
}

Status ProcessGroup::broadcast(void* data, uint64_t bytes, uint32_t root, Algorithm algorithm) {
  RLX_TRY(impl_->check_root("broadcast", root));
  constexpr Algorithm kPossible[] = {Algorithm::kTree, Algorithm::kChain, Algorithm::kDirect, Algorithm::kNative};
  const Algorithm wired = bytes >= kChainFrom ? Algorithm::kChain : Algorithm::kTree;
  const bool direct = impl_->wire->all_mapped() && bytes >= kDirectMoveFrom;
  RLX_ASSIGN(Algorithm chosen, choose("broadcast", algorithm, kPossible, direct ? Algorithm::kDirect : wired));
  auto* buffer = static_cast<char*>(data);
  return impl_->perform("broadcast", [&]() -> Status {
    const Team team = impl_->team();
    RLX_ASSIGN(const bool native, impl_->natively(algorithm, {.kind = RLX_COLLECTIVE_BROADCAST,
                                                              .dtype = RLX_DTYPE_U8,
                                                              .root = root,
                                                              .src = data,
                                                              .dst = data,
                                                              .count = bytes}));
    if (native) return {};
    if (chosen == Algorithm::kDirect) {
      RLX_ASSIGN(const bool done, directly(team, buffer, buffer, bytes,
                                           [&](Peers peers) { direct_broadcast(team, peers, bytes, root); }));
      impl_->last = Algorithm::kDirect;
      if (done) return {};
      chosen = wired;
    }
    impl_->last = chosen;
    return chosen == Algorithm::kChain ? chain_broadcast(team, buffer, bytes, root)
                                       : tree_broadcast(team, buffer, bytes, root);
  });
}

Status ProcessGroup::gather(const void* src, uint64_t bytes, void* dst, uint32_t root) {
  RLX_TRY(impl_->check_root("gather", root));
  const auto* from = static_cast<const char*>(src);
  auto* to = static_cast<char*>(dst);
  std::vector<Transfer> transfers;
  if (rank() == root)
    for (uint32_t r = 0; r < size(); ++r) transfers.push_back({r, from, 0, to + r * bytes, bytes, false, true});
  else
    transfers.push_back({root, from, bytes, nullptr, 0, true, false});
  impl_->last = Algorithm::kFlat;
  return impl_->perform("gather", [&] { return transfer_all(impl_->team(), transfers); });
}

Status ProcessGroup::scatter(const void* src, void* dst, uint64_t bytes, uint32_t root) {
  RLX_TRY(impl_->check_root("scatter", root));
  const auto* from = static_cast<const char*>(src);
  auto* to = static_cast<char*>(dst);
  std::vector<Transfer> transfers;
  if (rank() == root)
    for (uint32_t r = 0; r < size(); ++r)
      transfers.push_back({r, from + r * bytes, bytes, to, r == root ? bytes : 0, true, false});
  else
    transfers.push_back({root, nullptr, 0, to, bytes, false, true});
  impl_->last = Algorithm::kFlat;
  return impl_->perform("scatter", [&] { return transfer_all(impl_->team(), transfers); });
}

Status ProcessGroup::all_to_all(const void* src, void* dst, uint64_t bytes) {
  if (!impl_->wire->all_mapped()) {
    bool native = false;
    RLX_TRY(impl_->perform("all_to_all", [&]() -> Status {
      RLX_ASSIGN(
          native,
          impl_->natively(
              Algorithm::kAuto,
              {.kind = RLX_COLLECTIVE_ALL_TO_ALL, .dtype = RLX_DTYPE_U8, .src = src, .dst = dst, .count = bytes}));
      return {};
    }));
    if (native) return {};
  }
  const std::vector<uint64_t> all(size(), bytes);
  return all_to_all_v(src, all, dst, all);
}

Status ProcessGroup::all_to_all_v(const void* src, std::span<const uint64_t> send, void* dst,
                                  std::span<const uint64_t> receive) {
  RLX_TRY(check_parts("all_to_all", "send", send.size(), size()));
  RLX_TRY(check_parts("all_to_all", "receive", receive.size(), size()));
  if (send[rank()] != receive[rank()])
    return fail(Code::kLengthMismatch, "all_to_all: expected {} bytes from itself, got {}", receive[rank()],
                send[rank()]);
  std::vector<Transfer> transfers(size());
  uint64_t from = 0, to = 0;
  for (uint32_t r = 0; r < size(); ++r) {
    // Starting with the next rank, so that not everybody writes to the same one.
    transfers[(r + size() - rank()) % size()] = {r, static_cast<const char*>(src) + from, send[r],
                                                 static_cast<char*>(dst) + to, receive[r]};
    from += send[r];
    to += receive[r];
  }
  impl_->last = Algorithm::kFlat;
  return impl_->perform("all_to_all", [&] { return transfer_all(impl_->team(), transfers); });
}

}  // namespace rlx
