// Waiting for submitted runs, with a deadline, from any thread.
#include "runtime/pending.hpp"

#include "plugin/abi_call.hpp"
#include "runtime/context.hpp"

#include <rlx/guard.hpp>

namespace rlx {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr nanoseconds kForever = nanoseconds::max();
// Later moments would overflow the clock; nobody waits longer.
constexpr nanoseconds kLongest = std::chrono::hours(24 * 365 * 10);

tl::unexpected<Error> too_late(nanoseconds deadline) {
  return error(Code::kDeadlineExceeded, "the run has not ended within " + std::to_string(deadline.count()) + " ns");
}

Status wait_for_thread(PendingState& state, nanoseconds deadline) {
  std::unique_lock lock(state.mutex);
  if (!state.ended.wait_for(lock, std::min(deadline, kLongest), [&] { return state.done; })) return too_late(deadline);
  return state.result;
}

Status wait_for_plugin(PendingState& state, nanoseconds deadline) {
  const auto result = [&]() -> std::optional<Status> {
    std::lock_guard lock(state.mutex);
    return state.done ? std::optional<Status>(state.result) : std::nullopt;
  };
  if (const auto known = result()) return *known;
  ContextCore& core = *state.core;
  const auto begin = Clock::now();
  std::unique_lock lock(core.wait_mutex, std::defer_lock);
  if (!lock.try_lock_for(std::min(deadline, kLongest))) return too_late(deadline);
  if (const auto known = result()) return *known;
  const nanoseconds left = std::max(nanoseconds(0), deadline - (Clock::now() - begin));
  if (!core.collect(deadline == kForever ? RLX_FOREVER : static_cast<uint64_t>(left.count())))
    return too_late(deadline);
  core.release();
  return *result();
}

}  // namespace

void PendingState::finish(Status status) {
  std::lock_guard lock(mutex);
  result = std::move(status);
  done = true;
  ended.notify_all();
}

Status Pending::wait(nanoseconds deadline) const {
  if (!state_) return error(Code::kFailedPrecondition, "nothing was submitted");
  return guarded([&]() -> Status {
    const nanoseconds positive = std::max(deadline, nanoseconds(0));
    return state_->core ? wait_for_plugin(*state_, positive) : wait_for_thread(*state_, positive);
  });
}

bool ContextCore::take_over() {
  std::unique_lock lock(wait_mutex, std::try_to_lock);
  return lock && in_flight && collect(0);
}

bool ContextCore::collect(uint64_t deadline_ns) {
  Status status = plugin::call("wait", plugin().executable_table.wait, handle, end, deadline_ns);
  if (!status && status.error().code == Code::kDeadlineExceeded) return false;
  in_flight = false;
  has_run = status.has_value();
  if (const auto state = waiter.lock()) state->finish(std::move(status));
  return true;
}

}  // namespace rlx
