// all_reduce, reduce, reduce_scatter.
#include "collective/group.hpp"

#include <algorithm>

namespace rlx {

using namespace collective;

namespace {

Status all_reduce_by_wire(const Team& team, Algorithm algorithm, const Fold& how, const char* src, char* dst,
                          uint64_t count) {
  if (algorithm == Algorithm::kFlat) {
    const std::span sends(team.wire.targets.data(), team.size());
    std::fill(sends.begin(), sends.end(), src);
    return flat_reduce(team, how, sends, dst, count);
  }
  if (algorithm == Algorithm::kStaged) return staged_all_reduce(team, how, src, dst, count);
  const auto run = [&](const Fold& f, const char* from, char* to) {
    if (algorithm == Algorithm::kDoubling) return doubling_all_reduce(team, f, from, to, count);
    if (algorithm == Algorithm::kHalving) return halving_all_reduce(team, f, from, to, count);
    return ring_all_reduce(team, f, from, to, count);
  };
  if (!how.widens()) return run(how, src, dst);
  Widened wide(how, src, count);
  RLX_TRY(run(how.widened(), wide.data(), wide.data()));
  wide.narrow(dst);
  return {};
}

// What the transport is asked for.
rlx_collective describe(rlx_collective_kind kind, Reduction op, DType dtype, const void* src, void* dst,
                        uint64_t count) {
  rlx_collective what{};
  what.kind = kind;
  what.reduction = static_cast<rlx_reduction>(op);
  what.dtype = static_cast<rlx_dtype>(dtype);
  what.src = src;
  what.dst = dst;
  what.count = count;
  return what;
}

}  // namespace

Status ProcessGroup::all_reduce(Reduction op, DType dtype, const void* src, void* dst, uint64_t count,
                                Algorithm algorithm) {
  RLX_ASSIGN(const Fold how, make_fold("all_reduce", op, dtype, size()));
  constexpr Algorithm kPossible[] = {Algorithm::kFlat,   Algorithm::kDoubling, Algorithm::kHalving, Algorithm::kRing,
                                     Algorithm::kDirect, Algorithm::kNative,   Algorithm::kStaged};
  const uint64_t bytes = count * how.element();
  RLX_ASSIGN(Algorithm chosen,
             choose("all_reduce", algorithm, kPossible, choose_all_reduce(*impl_->wire, size(), bytes)));
  const auto* from = static_cast<const char*>(src);
  auto* to = static_cast<char*>(dst);
  return impl_->perform("all_reduce", [&]() -> Status {
    const Team team = impl_->team();
    if (size() == 1) {
      impl_->last = Algorithm::kFlat;
      const char* const alone[] = {from};
      fold(how, alone, to, count);
      return {};
    }
    RLX_ASSIGN(const bool native,
               impl_->natively(algorithm, describe(RLX_COLLECTIVE_ALL_REDUCE, op, dtype, src, dst, count)));
    if (native) return {};
    const Algorithm wired = choose_all_reduce_by_wire(*impl_->wire, size(), bytes);
    if (algorithm == Algorithm::kAuto && chosen == Algorithm::kDirect && wired == Algorithm::kStaged &&
        !impl_->wire->same_process()) {
      RLX_ASSIGN(impl_->last, direct_or_staged_all_reduce(team, how, from, to, count));
      return {};
    }
    if (chosen == Algorithm::kDirect) {
      RLX_ASSIGN(const bool done,
                 directly(team, from, to, bytes, [&](Peers peers) { direct_all_reduce(team, how, peers, count); }));
      impl_->last = Algorithm::kDirect;
      if (done) return {};
      chosen = wired;
    }
    if (chosen == Algorithm::kStaged && !impl_->wire->all_mapped()) chosen = wired;
    impl_->last = chosen;
    return all_reduce_by_wire(team, chosen, how, from, to, count);
  });
}

Status ProcessGroup::reduce(Reduction op, DType dtype, const void* src, void* dst, uint64_t count, uint32_t root,
                            Algorithm algorithm) {
  RLX_TRY(impl_->check_root("reduce", root));
  RLX_ASSIGN(const Fold how, make_fold("reduce", op, dtype, size()));
  constexpr Algorithm kPossible[] = {Algorithm::kFlat, Algorithm::kDirect};
  const bool direct = impl_->wire->all_mapped() && count * how.element() >= 8192;
  RLX_ASSIGN(const Algorithm chosen,
             choose("reduce", algorithm, kPossible, direct ? Algorithm::kDirect : Algorithm::kFlat));
  const auto* from = static_cast<const char*>(src);
  // Whose result nobody asks for need not have a place for it.
  auto* to = static_cast<char*>(rank() == root ? dst : const_cast<void*>(src));
  return impl_->perform("reduce", [&]() -> Status {
    const Team team = impl_->team();
    impl_->last = Algorithm::kDirect;
    if (chosen == Algorithm::kDirect) {
      RLX_ASSIGN(const bool done, directly(team, from, to, count * how.element(),
                                           [&](Peers peers) { direct_reduce(team, how, peers, count, root); }));
      if (done) return {};
    }
    impl_->last = Algorithm::kFlat;
    return flat_reduce_to_root(team, how, from, to, count, root);
  });
}

Status ProcessGroup::reduce_scatter(Reduction op, DType dtype, const void* src, void* dst, uint64_t count,
                                    Algorithm algorithm) {
  RLX_ASSIGN(const Fold how, make_fold("reduce_scatter", op, dtype, size()));
  constexpr Algorithm kPossible[] = {Algorithm::kFlat, Algorithm::kDirect, Algorithm::kNative};
  const uint64_t bytes = count * how.element();
  const bool direct = impl_->wire->all_mapped() && bytes >= 8192;
  RLX_ASSIGN(const Algorithm chosen,
             choose("reduce_scatter", algorithm, kPossible, direct ? Algorithm::kDirect : Algorithm::kFlat));
  const auto* from = static_cast<const char*>(src);
  auto* to = static_cast<char*>(dst);
  return impl_->perform("reduce_scatter", [&]() -> Status {
    const Team team = impl_->team();
    RLX_ASSIGN(const bool native,
               impl_->natively(algorithm, describe(RLX_COLLECTIVE_REDUCE_SCATTER, op, dtype, src, dst, count)));
    if (native) return {};
    impl_->last = Algorithm::kDirect;
    if (chosen == Algorithm::kDirect) {
      RLX_ASSIGN(const bool done,
                 directly(team, from, to, bytes, [&](Peers peers) { direct_reduce_scatter(team, how, peers, count); }));
      if (done) return {};
    }
    impl_->last = Algorithm::kFlat;
    // Parts go straight to who reduces them: as little traffic as a ring, and in the order of ranks.
    const std::span sends(team.wire.targets.data(), team.size());
    for (uint32_t r = 0; r < size(); ++r) sends[r] = from + r * bytes;
    return flat_reduce(team, how, sends, to, count);
  });
}

}  // namespace rlx
