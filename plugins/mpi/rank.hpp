// One rank of a group under MPI: a communicator of its own and a window that all ranks open towards each other for as
// long as they live.
//
//   window: | slack | control: failure, epoch, who has left[world] | heap |
#pragma once

#include "host.hpp"

#include <atomic>
#include <map>
#include <string>
#include <vector>

namespace rlx::mpi {

// Bytes of one call at most: MPI counts in int.
constexpr uint64_t kPiece = uint64_t{1} << 30;

// What a window holds in front of the heap; each rank's is written by itself and its peers.
struct Control {
  static constexpr uint64_t kFailure = 0;  // code << 32 | culprit + 1; 0 = none
  static constexpr uint64_t kEpoch = 8;    // of the barrier that the owner entered last
  static constexpr uint64_t kEnders = 16;  // rank 0's: how many ranks have declared a failure
  // Of a rank that has left, + 1: the barriers and, behind them, the collectives that it had entered by then. What it
  // took part in may still be on its way.
  static constexpr uint64_t left(uint32_t rank) { return 24 + 16 * uint64_t{rank}; }
  static constexpr uint64_t left_collectives(uint32_t rank) { return left(rank) + 8; }
};

struct Figures {
  uint64_t latency_ns = 0, bandwidth_bytes_per_s = 0;
};

}  // namespace rlx::mpi

struct rlx_rank {
  uint32_t rank = 0, world = 1;
  uint64_t heap_bytes = 0;
  std::string group;
  MPI_Comm comm = MPI_COMM_NULL;
  MPI_Win win = MPI_WIN_NULL;
  char* control = nullptr;
  char* heap = nullptr;
  uint64_t control_bytes = 0;
  std::vector<uint64_t> control_at;  // where each rank's window has its control
  std::vector<bool> same_host;
  rlx::mpi::Figures near, far;             // of the links to ranks of this host and of others
  uint64_t epoch = 0, collectives = 0;     // entered so far
  MPI_Request barrier = MPI_REQUEST_NULL;  // one that ran into its deadline, to be resumed
  bool has_started = false;                // something asynchronous since the last flush
  uint64_t last_point = 0;
  std::map<uint64_t, std::vector<MPI_Request>> points;  // that may not have passed
  std::vector<char> staging;                            // for regions without an address
  std::vector<char> buffer;                             // for collectives
  bool has_failed = false;                              // this rank has declared a failure
  // MPI still has the buffers of a call that was given up.
  bool abandoned = false;
  bool detached = false;

  MPI_Aint at_control(uint32_t peer, uint64_t offset) const { return static_cast<MPI_Aint>(control_at[peer] + offset); }
  MPI_Aint at_heap(uint32_t peer, uint64_t offset) const { return at_control(peer, control_bytes + offset); }
  // A word of the own window that peers write.
  std::atomic_ref<uint64_t> own_word(char* base, uint64_t offset) const {
    return std::atomic_ref<uint64_t>(*reinterpret_cast<uint64_t*>(base + offset));
  }
};

namespace rlx::mpi {

// The slots of the table; what they do is in abi/rlx/transport.h.
struct Slots {
  static rlx_status* attach(const rlx_rank_options* options, rlx_rank** out_rank);  // attach.cpp
  static void detach(rlx_rank* rank);
  static rlx_status* link(rlx_rank* rank, uint32_t peer, rlx_link_info* out_info);
  static rlx_status* put(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src,
                         uint64_t size);  // access.cpp
  static rlx_status* get(rlx_rank* rank, uint32_t peer, uint64_t src_offset, void* dst, uint64_t size);
  static rlx_status* put_strided(rlx_rank* rank, uint32_t peer, const rlx_strided* layout, const void* src);
  static rlx_status* get_strided(rlx_rank* rank, uint32_t peer, const rlx_strided* layout, void* dst);
  static rlx_status* put_signal(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size,
                                uint64_t signal_offset, uint64_t value);  // signal.cpp
  static rlx_status* wait_signal(rlx_rank* rank, uint64_t signal_offset, uint64_t value, uint32_t from,
                                 uint64_t deadline_ns);
  static rlx_status* atomic_add(rlx_rank* rank, uint32_t peer, uint64_t offset, uint64_t value, uint64_t* out_old);
  static rlx_status* fence(rlx_rank* rank);
  static rlx_status* quiet(rlx_rank* rank, uint64_t deadline_ns);
  static rlx_status* barrier(rlx_rank* rank, uint64_t deadline_ns);
  static rlx_status* fail(rlx_rank* rank, rlx_code code, uint32_t culprit);
  static rlx_status* put_async(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size,
                               const rlx_point* waits, uint64_t wait_count, rlx_point* out_end);  // async.cpp
  static rlx_status* get_async(rlx_rank* rank, uint32_t peer, uint64_t src_offset, void* dst, uint64_t size,
                               const rlx_point* waits, uint64_t wait_count, rlx_point* out_end);
  static rlx_status* wait_point(rlx_rank* rank, rlx_point point, uint64_t deadline_ns);
  static rlx_status* register_region(rlx_rank* rank, const rlx_region_desc* desc,
                                     rlx_rank_memory** out_region);  // region.cpp
  static void release_region(rlx_rank* rank, rlx_rank_memory* region);
  static rlx_status* put_region(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, rlx_rank_memory* src,
                                uint64_t src_offset, uint64_t size);
  static rlx_status* get_region(rlx_rank* rank, uint32_t peer, uint64_t src_offset, rlx_rank_memory* dst,
                                uint64_t dst_offset, uint64_t size);
  static rlx_status* collective(rlx_rank* rank, const rlx_collective* what);  // collective.cpp
  // Nothing outlives a job of mpirun: there is nothing to remove.
  static rlx_status* destroy(rlx_str) { return nullptr; }
  static void* heap(rlx_rank* rank) { return rank->heap; }
};

// ---- what they share; all throw sdk::Error and are called with the lock ----
// Starts and completes; the peer's memory has the bytes on return.
void put_bytes(rlx_rank& self, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size, const char* call);
void get_bytes(rlx_rank& self, uint32_t peer, uint64_t src_offset, void* dst, uint64_t size, const char* call);
// Stores a word of a peer's window so that whoever polls it sees all of it.
void store_word(rlx_rank& self, uint32_t peer, MPI_Aint at, uint64_t value, const char* call);
// Completes everything that this rank started.
void complete(rlx_rank& self, const char* call);
// Ends the group for all because of culprit, unless it has ended already.
void end_group(rlx_rank& self, rlx_code code, uint32_t culprit);

}  // namespace rlx::mpi
