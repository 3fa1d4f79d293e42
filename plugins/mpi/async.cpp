// Transfers that go on while the caller works: each is a point on the rank's own timeline.
#include "wait.hpp"

#include <algorithm>

namespace rlx::mpi {
namespace {

constexpr uint64_t kTimeline = 1;

bool has_passed(rlx_rank& self, rlx_point point) {
  const auto at = self.points.find(point.value);
  if (at == self.points.end()) return true;
  int done = 0;
  check(MPI_Testall(static_cast<int>(at->second.size()), at->second.data(), &done, MPI_STATUSES_IGNORE), "wait",
        "MPI_Testall");
  if (done) self.points.erase(at);
  return done != 0;
}

void await(rlx_rank& self, rlx_point point, uint64_t deadline_ns) {
  const auto nobody = [] { return RLX_ANY_RANK; };
  if (!wait_until(
          self, "wait", deadline_ns, [&] { return has_passed(self, point); }, nobody))
    throw sdk::Error(RLX_DEADLINE_EXCEEDED, "wait: point " + std::to_string(point.value) + " of rank " +
                                                std::to_string(self.rank) + " in group '" + self.group +
                                                "' did not pass in time");
}

// start(at, piece, request) for each piece of a message.
template <typename Start>
rlx_point begin(rlx_rank& self, uint64_t size, const rlx_point* waits, uint64_t wait_count, Start start) {
  for (uint64_t i = 0; i < wait_count; ++i) await(self, waits[i], RLX_FOREVER);
  if (size == 0) return {0, 0};
  self.has_started = true;
  std::vector<MPI_Request>& requests = self.points[++self.last_point];
  for (uint64_t at = 0; at < size; at += kPiece)
    start(at, static_cast<int>(std::min(kPiece, size - at)), requests.emplace_back(MPI_REQUEST_NULL));
  return {kTimeline, self.last_point};
}

}  // namespace

rlx_status* Slots::put_async(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size,
                             const rlx_point* waits, uint64_t wait_count, rlx_point* out_end) {
  return enter([&] {
    *out_end = begin(*rank, size, waits, wait_count, [&](uint64_t at, int piece, MPI_Request& request) {
      check(MPI_Rput(static_cast<const char*>(src) + at, piece, MPI_BYTE, static_cast<int>(peer),
                     rank->at_heap(peer, dst_offset + at), piece, MPI_BYTE, rank->win, &request),
            "put_async", "MPI_Rput");
    });
  });
}

rlx_status* Slots::get_async(rlx_rank* rank, uint32_t peer, uint64_t src_offset, void* dst, uint64_t size,
                             const rlx_point* waits, uint64_t wait_count, rlx_point* out_end) {
  return enter([&] {
    *out_end = begin(*rank, size, waits, wait_count, [&](uint64_t at, int piece, MPI_Request& request) {
      check(MPI_Rget(static_cast<char*>(dst) + at, piece, MPI_BYTE, static_cast<int>(peer),
                     rank->at_heap(peer, src_offset + at), piece, MPI_BYTE, rank->win, &request),
            "get_async", "MPI_Rget");
    });
  });
}

rlx_status* Slots::wait_point(rlx_rank* rank, rlx_point point, uint64_t deadline_ns) {
  return enter([&] { await(*rank, point, deadline_ns); });
}

}  // namespace rlx::mpi
