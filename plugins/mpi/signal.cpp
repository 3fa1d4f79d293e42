// Signals, counters, order, barriers, and the end of a group.
#include "wait.hpp"

namespace rlx::mpi {
namespace {

// How long a rank that ran into its deadline asks the others whether they are at the barrier.
constexpr uint64_t kAskNs = 50'000'000;

// Those that have not entered the barrier of this epoch, or do not answer.
std::vector<uint32_t> find_missing(rlx_rank& self) {
  auto* epochs = new std::vector<uint64_t>(self.world, 0);
  std::vector<MPI_Request> asked(self.world, MPI_REQUEST_NULL);
  for (uint32_t r = 0; r < self.world; ++r) {
    if (r == self.rank) continue;
    check(MPI_Rget(&(*epochs)[r], 1, MPI_UINT64_T, static_cast<int>(r), self.at_control(r, Control::kEpoch), 1,
                   MPI_UINT64_T, self.win, &asked[r]),
          "barrier", "MPI_Rget");
  }
  std::vector<bool> answered(self.world, false);
  bool all = false;
  const Deadline deadline(kAskNs);
  for (uint32_t round = 1; !all && !deadline.passed(); ++round) {
    progress(self, round);
    all = true;
    for (uint32_t r = 0; r < self.world; ++r) {
      int done = 0;
      // A request that is done becomes MPI_REQUEST_NULL, which is always done.
      check(MPI_Test(&asked[r], &done, MPI_STATUS_IGNORE), "barrier", "MPI_Test");
      answered[r] = done;
      all = all && done;
    }
  }
  std::vector<uint32_t> missing;
  for (uint32_t r = 0; r < self.world; ++r)
    if (r != self.rank && (!answered[r] || (*epochs)[r] < self.epoch)) missing.push_back(r);
  // Answers may still arrive there.
  if (all) delete epochs;
  return missing;
}

}  // namespace

void store_word(rlx_rank& self, uint32_t peer, MPI_Aint at, uint64_t value, const char* call) {
  check(MPI_Accumulate(&value, 1, MPI_UINT64_T, static_cast<int>(peer), at, 1, MPI_UINT64_T, MPI_REPLACE, self.win),
        call, "MPI_Accumulate");
  check(MPI_Win_flush(static_cast<int>(peer), self.win), call, "MPI_Win_flush");
}

void complete(rlx_rank& self, const char* call) {
  // Everything else is complete when its call returns.
  if (!self.has_started) return;
  self.has_started = false;
  check(MPI_Win_flush_all(self.win), call, "MPI_Win_flush_all");
  for (auto& [point, requests] : self.points)
    check(MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE), call, "MPI_Waitall");
  self.points.clear();
}

// The first to draw a number tells all, and those who come later hear from it. (Open MPI 4 crashes in a
// compare-and-swap of a rank's own window.)
void end_group(rlx_rank& self, rlx_code code, uint32_t culprit) {
  if (self.has_failed) return;
  self.has_failed = true;
  const uint64_t failure = uint64_t{code} << 32 | (culprit + 1), one = 1;
  uint64_t before = 0;
  check(MPI_Fetch_and_op(&one, &before, MPI_UINT64_T, 0, self.at_control(0, Control::kEnders), MPI_SUM, self.win),
        "fail", "MPI_Fetch_and_op");
  check(MPI_Win_flush(0, self.win), "fail", "MPI_Win_flush");
  if (before != 0) return;
  for (uint32_t r = 0; r < self.world; ++r)
    if (r != self.rank) store_word(self, r, self.at_control(r, Control::kFailure), failure, "fail");
  self.own_word(self.control, Control::kFailure).store(failure, std::memory_order_release);
}

rlx_status* Slots::put_signal(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size,
                              uint64_t signal_offset, uint64_t value) {
  return enter([&] {
    put_bytes(*rank, peer, dst_offset, src, size, "put_signal");
    if (peer == rank->rank)
      rank->own_word(rank->heap, signal_offset).store(value, std::memory_order_release);
    else
      store_word(*rank, peer, rank->at_heap(peer, signal_offset), value, "put_signal");
  });
}

rlx_status* Slots::wait_signal(rlx_rank* rank, uint64_t signal_offset, uint64_t value, uint32_t from,
                               uint64_t deadline_ns) {
  return enter([&] {
    const auto signal = rank->own_word(rank->heap, signal_offset);
    const auto done = [&] { return signal.load(std::memory_order_acquire) >= value; };
    const auto lost = [&]() -> uint32_t {
      if (from != RLX_ANY_RANK) return has_left(*rank, from) ? from : RLX_ANY_RANK;
      // Any of them may be the one; only when all are gone is nobody left to wait for.
      uint32_t gone = RLX_ANY_RANK;
      for (uint32_t r = 0; r < rank->world; ++r) {
        if (r == rank->rank) continue;
        if (!has_left(*rank, r)) return RLX_ANY_RANK;
        gone = r;
      }
      return gone;
    };
    if (!wait_until(*rank, "wait_signal", deadline_ns, done, lost))
      throw timed_out(*rank, "wait_signal",
                      from == RLX_ANY_RANK ? std::vector<uint32_t>{} : std::vector<uint32_t>{from});
    check(MPI_Win_sync(rank->win), "wait_signal", "MPI_Win_sync");
  });
}

rlx_status* Slots::atomic_add(rlx_rank* rank, uint32_t peer, uint64_t offset, uint64_t value, uint64_t* out_old) {
  return enter([&] {
    uint64_t old = 0;
    check(MPI_Fetch_and_op(&value, &old, MPI_UINT64_T, static_cast<int>(peer), rank->at_heap(peer, offset), MPI_SUM,
                           rank->win),
          "atomic_add", "MPI_Fetch_and_op");
    check(MPI_Win_flush(static_cast<int>(peer), rank->win), "atomic_add", "MPI_Win_flush");
    if (out_old) *out_old = old;
  });
}

rlx_status* Slots::fence(rlx_rank* rank) {
  return enter([&] { complete(*rank, "fence"); });
}

// MPI's flush knows no deadline.
rlx_status* Slots::quiet(rlx_rank* rank, uint64_t) {
  return enter([&] { complete(*rank, "quiet"); });
}

rlx_status* Slots::barrier(rlx_rank* rank, uint64_t deadline_ns) {
  return enter([&] {
    rlx_rank& self = *rank;
    if (self.barrier == MPI_REQUEST_NULL) {
      check_group(self, "barrier");
      complete(self, "barrier");
      ++self.epoch;
      self.own_word(self.control, Control::kEpoch).store(self.epoch, std::memory_order_release);
      check(MPI_Win_sync(self.win), "barrier", "MPI_Win_sync");
      check(MPI_Ibarrier(self.comm, &self.barrier), "barrier", "MPI_Ibarrier");
    }
    const auto done = [&] {
      int flag = 0;
      check(MPI_Test(&self.barrier, &flag, MPI_STATUS_IGNORE), "barrier", "MPI_Test");
      return flag != 0;
    };
    const auto lost = [&] { return missing_at_barrier(self); };
    if (!wait_until(self, "barrier", deadline_ns, done, lost)) throw timed_out(self, "barrier", find_missing(self));
    check(MPI_Win_sync(self.win), "barrier", "MPI_Win_sync");
  });
}

rlx_status* Slots::fail(rlx_rank* rank, rlx_code code, uint32_t culprit) {
  return enter([&] { end_group(*rank, code, culprit); });
}

}  // namespace rlx::mpi
