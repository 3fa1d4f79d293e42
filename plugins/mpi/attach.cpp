// Making a group's window, and taking it apart when the last rank has left.
#include "meet.hpp"

#include "wait.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace rlx::mpi {
namespace {

constexpr uint64_t kPage = 4096;

// All groups of this process whose window lives, in the order of attach, which is the same on every rank. Freeing a
// window takes all ranks, so a rank that leaves only says so; whenever all meet, what all have left is freed.
std::mutex& attach_mutex() {
  static auto& mutex = *new std::mutex;
  return mutex;
}
std::vector<rlx_rank*>& groups() {
  static auto& all = *new std::vector<rlx_rank*>;
  return all;
}

void free_left_groups(MPI_Comm comm) {
  std::vector<rlx_rank*>& all = groups();
  std::vector<unsigned char> left(all.size() + 1, 0);
  for (size_t i = 0; i < all.size(); ++i) left[i] = all[i]->detached && !all[i]->abandoned;
  check(MPI_Allreduce(MPI_IN_PLACE, left.data(), static_cast<int>(left.size()), MPI_UNSIGNED_CHAR, MPI_MIN, comm),
        "attach", "MPI_Allreduce");
  std::vector<rlx_rank*> kept;
  for (size_t i = 0; i < all.size(); ++i) {
    if (!left[i]) {
      kept.push_back(all[i]);
      continue;
    }
    const std::unique_ptr<rlx_rank> group(all[i]);
    check(MPI_Win_free(&group->win), "attach", "MPI_Win_free");
    check(MPI_Comm_free(&group->comm), "attach", "MPI_Comm_free");
  }
  all = std::move(kept);
}

void find_neighbours(rlx_rank& self) {
  MPI_Comm host = MPI_COMM_NULL;
  check(MPI_Comm_split_type(self.comm, MPI_COMM_TYPE_SHARED, static_cast<int>(self.rank), MPI_INFO_NULL, &host),
        "attach", "MPI_Comm_split_type");
  MPI_Group near = MPI_GROUP_NULL, all = MPI_GROUP_NULL;
  MPI_Comm_group(host, &near);
  MPI_Comm_group(self.comm, &all);
  std::vector<int> ranks(self.world), there(self.world);
  for (uint32_t r = 0; r < self.world; ++r) ranks[r] = static_cast<int>(r);
  MPI_Group_translate_ranks(all, static_cast<int>(self.world), ranks.data(), near, there.data());
  for (const int r : there) self.same_host.push_back(r != MPI_UNDEFINED);
  MPI_Group_free(&near);
  MPI_Group_free(&all);
  check(MPI_Comm_free(&host), "attach", "MPI_Comm_free");
}

sdk::Error no_window(const rlx_rank& self, int code) {
  char text[MPI_MAX_ERROR_STRING] = "another rank has none";
  int error_class = MPI_SUCCESS, length = 0;
  MPI_Error_class(code, &error_class);
  if (code != MPI_SUCCESS) MPI_Error_string(code, text, &length);
  return {error_class == MPI_ERR_NO_MEM ? RLX_RESOURCE_EXHAUSTED : RLX_UNAVAILABLE,
          "attach: a window of " + std::to_string(self.heap_bytes) + " bytes on each of " + std::to_string(self.world) +
              " ranks: MPI_Win_allocate: " + text,
          "use smaller heaps; between hosts that share a TCP network only, Open MPI 4 needs: mpirun --mca osc pt2pt",
          code, "mpi"};
}

void make_window(rlx_rank& self) {
  self.control_bytes = (Control::left(self.world) + kPage - 1) / kPage * kPage;
  const uint64_t bytes = kPage + self.control_bytes + std::max<uint64_t>(1, self.heap_bytes);
  void* base = nullptr;
  const int made = MPI_Win_allocate(static_cast<MPI_Aint>(bytes), 1, MPI_INFO_NULL, self.comm, &base, &self.win);
  int all_made = made == MPI_SUCCESS;
  check(MPI_Allreduce(MPI_IN_PLACE, &all_made, 1, MPI_INT, MPI_MIN, self.comm), "attach", "MPI_Allreduce");
  if (!all_made) throw no_window(self, made);
  check(MPI_Win_set_errhandler(self.win, MPI_ERRORS_RETURN), "attach", "MPI_Win_set_errhandler");
  int* model = nullptr;
  int found = 0;
  MPI_Win_get_attr(self.win, MPI_WIN_MODEL, &model, &found);
  if (!found || *model != MPI_WIN_UNIFIED)
    throw sdk::Error(RLX_UNIMPLEMENTED, "attach: this MPI keeps a second copy of windows (MPI_WIN_SEPARATE)");
  const auto start = reinterpret_cast<uintptr_t>(base), aligned = (start + kPage - 1) / kPage * kPage;
  self.control = reinterpret_cast<char*>(aligned);
  self.heap = self.control + self.control_bytes;
  std::memset(self.control, 0, self.control_bytes + self.heap_bytes);
  const uint64_t mine = aligned - start;
  self.control_at.resize(self.world);
  check(MPI_Allgather(&mine, 1, MPI_UINT64_T, self.control_at.data(), 1, MPI_UINT64_T, self.comm), "attach",
        "MPI_Allgather");
  check(MPI_Win_lock_all(MPI_MODE_NOCHECK, self.win), "attach", "MPI_Win_lock_all");
  check(MPI_Win_sync(self.win), "attach", "MPI_Win_sync");
  check(MPI_Barrier(self.comm), "attach", "MPI_Barrier");
}

// Reads a peer's zeros: nobody else's data are touched.
Figures measure(rlx_rank& self, uint32_t peer) {
  using Clock = std::chrono::steady_clock;
  const auto fastest = [&](uint64_t size, int rounds) {
    std::vector<char> into(size);
    double best = 1e9;
    for (int i = 0; i < rounds; ++i) {
      const auto start = Clock::now();
      get_bytes(self, peer, 0, into.data(), size, "attach");
      best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
    }
    return std::max(best, 1e-9);
  };
  if (self.heap_bytes < 8) return {};
  const uint64_t large = std::min<uint64_t>(self.heap_bytes, uint64_t{1} << 20);
  return {static_cast<uint64_t>(fastest(8, 10) * 1e9) + 1,
          static_cast<uint64_t>(static_cast<double>(large) / fastest(large, 3))};
}

// The first neighbour and the first stranger stand for all. Everybody stays in MPI until all have measured.
void measure_links(rlx_rank& self) {
  for (const bool same_host : {true, false})
    for (uint32_t step = 1; step < self.world; ++step) {
      const uint32_t peer = (self.rank + step) % self.world;
      if (self.same_host[peer] != same_host) continue;
      (same_host ? self.near : self.far) = measure(self, peer);
      break;
    }
  check(MPI_Barrier(self.comm), "attach", "MPI_Barrier");
}

void check_options(const rlx_rank_options& options) {
  for (const rlx_ext* e = options.next; e; e = e->next)
    if (e->flags & RLX_EXT_MUST_UNDERSTAND)
      throw sdk::Error(RLX_UNIMPLEMENTED, "attach: extension " + std::to_string(e->type) + " is not known to mpi");
  int rank = 0, world = 0;
  check(MPI_Comm_rank(MPI_COMM_WORLD, &rank), "attach", "MPI_Comm_rank");
  check(MPI_Comm_size(MPI_COMM_WORLD, &world), "attach", "MPI_Comm_size");
  if (options.rank != static_cast<uint32_t>(rank) || options.world_size != static_cast<uint32_t>(world))
    throw sdk::Error(RLX_INVALID_ARGUMENT,
                     "attach: this process is rank " + std::to_string(rank) + " of " + std::to_string(world) +
                         " under MPI, not rank " + std::to_string(options.rank) + " of " +
                         std::to_string(options.world_size),
                     "start as many processes with mpirun as the group has ranks");
  if (options.heap_bytes > PTRDIFF_MAX / 2)
    throw sdk::Error(RLX_RESOURCE_EXHAUSTED,
                     "attach: a heap of " + std::to_string(options.heap_bytes) + " bytes exceeds the address space");
}

}  // namespace

rlx_status* Slots::attach(const rlx_rank_options* options, rlx_rank** out_rank) {
  // Before the lock that waiting gives away and takes again.
  const std::lock_guard one_at_a_time(attach_mutex());
  return enter([&] {
    start_mpi();
    check_options(*options);
    auto self = std::make_unique<rlx_rank>();
    self->rank = options->rank;
    self->world = options->world_size;
    self->heap_bytes = options->heap_bytes;
    self->group = std::string(sdk::view(options->group));
    meet(*options, self->group);
    check(MPI_Comm_dup(MPI_COMM_WORLD, &self->comm), "attach", "MPI_Comm_dup");
    check(MPI_Comm_set_errhandler(self->comm, MPI_ERRORS_RETURN), "attach", "MPI_Comm_set_errhandler");
    free_left_groups(self->comm);
    find_neighbours(*self);
    make_window(*self);
    measure_links(*self);
    groups().push_back(self.get());
    *out_rank = self.release();
  });
}

void Slots::detach(rlx_rank* rank) {
  if (!rank) return;
  rlx_status* failed = enter([&] {
    rlx_rank& self = *rank;
    // At the end of the process MPI may be gone already, and it does not bear being called then.
    int over = 0;
    MPI_Finalized(&over);
    if (over) return;
    if (!self.abandoned) complete(self, "detach");
    for (uint32_t r = 0; r < self.world; ++r) {
      if (r == self.rank) continue;
      store_word(self, r, self.at_control(r, Control::left_collectives(self.rank)), self.collectives + 1, "detach");
      store_word(self, r, self.at_control(r, Control::left(self.rank)), self.epoch + 1, "detach");
    }
    check(MPI_Win_unlock_all(self.win), "detach", "MPI_Win_unlock_all");
  });
  if (failed) host().status_release(host().ctx, failed);
  const std::lock_guard lock(mpi_mutex());
  // A barrier that nobody resumes is still MPI's.
  rank->abandoned = rank->abandoned || rank->barrier != MPI_REQUEST_NULL;
  rank->detached = true;
}

rlx_status* Slots::link(rlx_rank* rank, uint32_t peer, rlx_link_info* out_info) {
  return enter([&] {
    rlx_link_info info{};
    info.struct_size = out_info->struct_size;
    if (rank->same_host[peer]) info.flags |= RLX_LINK_SAME_HOST;
    if (peer == rank->rank) info.flags |= RLX_LINK_SAME_PROCESS;
    const Figures& figures = rank->same_host[peer] ? rank->near : rank->far;
    info.latency_ns = figures.latency_ns;
    info.bandwidth_bytes_per_s = figures.bandwidth_bytes_per_s;
    std::memcpy(out_info, &info, std::min<size_t>(out_info->struct_size, sizeof info));
  });
}

}  // namespace rlx::mpi
