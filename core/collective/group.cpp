// Groups, subgroups, failing together, and messages between two.
#include "collective/group.hpp"

#include "transport/memory_rank.hpp"

#include <algorithm>
#include <numeric>

namespace rlx {

using namespace collective;

ProcessGroup::ProcessGroup(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ProcessGroup::ProcessGroup(ProcessGroup&&) noexcept = default;
ProcessGroup& ProcessGroup::operator=(ProcessGroup&&) noexcept = default;
ProcessGroup::~ProcessGroup() = default;

Result<ProcessGroup> ProcessGroup::create(const Transport& transport, RankOptions options,
                                          const GroupOptions& group_options) {
  auto impl = std::make_unique<Impl>();
  impl->me = options.rank;
  impl->members.resize(options.world_size);
  std::iota(impl->members.begin(), impl->members.end(), 0u);
  RLX_ASSIGN(impl->wire, Wire::attach(transport, std::move(options), group_options));
  return ProcessGroup(std::move(impl));
}

uint32_t ProcessGroup::rank() const {
  return impl_->me;
}
uint32_t ProcessGroup::size() const {
  return static_cast<uint32_t>(impl_->members.size());
}
Rank& ProcessGroup::heap() {
  return impl_->wire->rank();
}
Algorithm ProcessGroup::last_algorithm() const {
  return impl_->last;
}
uint64_t ProcessGroup::last_moved_bytes() const {
  return impl_->moved;
}

Result<ProcessGroup> ProcessGroup::subgroup(std::span<const uint32_t> members) const {
  auto impl = std::make_unique<Impl>();
  impl->wire = impl_->wire;
  bool found = false;
  for (const uint32_t m : members) {
    if (m >= size()) return fail(Code::kInvalidArgument, "subgroup: rank {} is unknown in a group of {}", m, size());
    if (m == rank()) {
      impl->me = static_cast<uint32_t>(impl->members.size());
      found = true;
    }
    const uint32_t world = impl_->members[m];
    if (std::find(impl->members.begin(), impl->members.end(), world) != impl->members.end())
      return fail(Code::kInvalidArgument, "subgroup: rank {} is named twice", m);
    impl->members.push_back(world);
  }
  if (!found) return fail(Code::kInvalidArgument, "subgroup: rank {} calls but is no member", rank());
  return ProcessGroup(std::move(impl));
}

bool ProcessGroup::Impl::is_world() const {
  if (members.size() != wire->rank().world_size()) return false;
  for (uint32_t r = 0; r < members.size(); ++r)
    if (members[r] != r) return false;
  return true;
}

Result<bool> ProcessGroup::Impl::natively(Algorithm asked, const rlx_collective& what) {
  if (asked != Algorithm::kNative && (asked != Algorithm::kAuto || wire->all_mapped() || !is_world())) return false;
  if (!is_world())
    return error(Code::kUnimplemented, "algorithm 'native': the transport's own collectives are over all ranks");
  if (Status done = wire->rank().collective(what); !done) {
    if (asked == Algorithm::kAuto && done.error().code == Code::kUnimplemented) return false;
    return tl::unexpected<Error>(std::move(done).error());
  }
  last = Algorithm::kNative;
  return true;
}

Status ProcessGroup::Impl::give_up(std::string_view name, Error e) {
  Rank& rank = wire->rank();
  uint32_t culprit = rank.rank();
  if (e.code == Code::kDeadlineExceeded) {
    // The rank this one waited for may itself be waiting: those who have not come at all are to blame.
    const std::vector<uint32_t> late = wire->find_late(members);
    if (!late.empty()) {
      culprit = late.front();
      e.message = fmt::format("rank{} {} of {} did not arrive in time", late.size() > 1 ? "s" : "",
                              transport::list_ranks(late), rank.world_size());
    }
  }
  // A lost peer is on record already. That the others cannot be told changes nothing here.
  (void)rank.fail(e.code, culprit);
  return with_context(std::move(e), name);
}

Status ProcessGroup::barrier() {
  return impl_->perform("barrier", [&]() -> Status {
    impl_->last = impl_->is_world() ? Algorithm::kNative : Algorithm::kFlat;
    if (impl_->is_world()) return impl_->wire->rank().barrier();
    return meet(impl_->team());
  });
}

Status ProcessGroup::send(uint32_t peer, const void* src, uint64_t bytes) {
  RLX_TRY(impl_->check_root("send", peer));
  if (peer == rank()) return error(Code::kInvalidArgument, "send: to itself nobody would receive");
  const Transfer give{peer, static_cast<const char*>(src), bytes, nullptr, 0, true, false};
  return impl_->perform("send", [&] { return transfer_all(impl_->team(), {&give, 1}); });
}

Status ProcessGroup::receive(uint32_t peer, void* dst, uint64_t bytes) {
  RLX_TRY(impl_->check_root("receive", peer));
  if (peer == rank()) return error(Code::kInvalidArgument, "receive: from itself nobody sends");
  const Transfer take{peer, nullptr, 0, static_cast<char*>(dst), bytes, false, true};
  return impl_->perform("receive", [&] { return transfer_all(impl_->team(), {&take, 1}); });
}

}  // namespace rlx
