// Ranks and their symmetric heap: a program that outgrows one device runs as several ranks; each owns a heap of the
// same size, an offset is valid on every rank, and one rank reads and writes another's heap without its help.
// Collectives (rlx/process_group.hpp) are built on this. docs/distributed.md has the picture.
//
// Errors of every call, beside its own: INVALID_ARGUMENT (unknown rank, misaligned), OUT_OF_RANGE (rank, offset,
// length, heap size), DEADLINE_EXCEEDED (which ranks are missing), PEER_LOST (rank; sticky: the group is over).
#pragma once

#include <rlx/transport.h>

#include <rlx/status.hpp>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace rlx {

class Registry;

// Deadlines are relative, in nanoseconds: 0 does not wait, kForever does.
inline constexpr uint64_t kForever = RLX_FOREVER;

struct RankOptions {
  uint32_t rank = 0;
  uint32_t world_size = 1;
  uint64_t heap_bytes = uint64_t{1} << 20;  // the same on every rank
  uint64_t deadline_ns = 30'000'000'000;    // for the group to come together, and of every call that names none
  std::string group = "rlx";                // ranks with this name find each other

  // RLX_RANK, RLX_WORLD_SIZE and RLX_GROUP as rlx-launch sets them, else rank and size as mpirun sets them; without
  // those, rank 0 of 1. INVALID_ARGUMENT names the variable that is no number, or missing.
  RLX_API static Result<RankOptions> from_environment();
};

struct Link {
  bool same_process = false, same_host = false;
  bool mapped = false;                                 // peer() answers
  uint64_t latency_ns = 0, bandwidth_bytes_per_s = 0;  // 0 = unknown
};

// Memory outside of the heap that put and get move without a copy of their own; releases itself. Must not outlive its
// Rank.
class Region {
 public:
  Region() = default;
  Region(Region&& other) noexcept { *this = std::move(other); }
  RLX_API Region& operator=(Region&& other) noexcept;
  RLX_API ~Region();
  uint64_t size() const { return size_; }

 private:
  friend class Rank;
  const rlx_transport_table_v1* table_ = nullptr;
  rlx_rank* rank_ = nullptr;
  rlx_rank_memory* handle_ = nullptr;
  uint64_t size_ = 0;
};

// One rank's view of its group. Detaches when destroyed: a peer that still waits for it gets PEER_LOST. Threads: one at
// a time.
class Rank {
 public:
  Rank() = default;
  Rank(Rank&& other) noexcept { *this = std::move(other); }
  RLX_API Rank& operator=(Rank&& other) noexcept;
  RLX_API ~Rank();

  uint32_t rank() const { return options_.rank; }
  uint32_t world_size() const { return options_.world_size; }
  uint64_t heap_bytes() const { return options_.heap_bytes; }
  uint64_t deadline_ns() const { return options_.deadline_ns; }
  const std::string& group() const { return options_.group; }

  // The own heap: zeros at first, aligned to 4096, borrowed while attached.
  void* heap() const { return heap_; }
  // A peer's heap as memory of this process; nullptr where loads and stores do not reach it.
  RLX_API void* peer(uint32_t rank) const;
  RLX_API Result<Link> link(uint32_t peer) const;

  // Offset of fresh heap memory, aligned to 64. Ranks that make the same calls in the same order get the same offsets.
  // RESOURCE_EXHAUSTED names what is left.
  RLX_API Result<uint64_t> allocate(uint64_t bytes);
  // INVALID_ARGUMENT when nothing was allocated there.
  RLX_API Status release(uint64_t offset);

  // src may be reused on return; the peer sees it after fence + flag, a signal, quiet or a barrier.
  RLX_API Status put(uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size);
  RLX_API Status get(uint32_t peer, uint64_t src_offset, void* dst, uint64_t size);
  // count blocks of block_bytes; strides are between starts of blocks, in bytes, and at least block_bytes.
  struct Strided {
    uint64_t count = 0, block_bytes = 0, heap_offset = 0, heap_stride = 0, local_stride = 0;
  };
  RLX_API Status put(uint32_t peer, const Strided& layout, const void* src);
  RLX_API Status get(uint32_t peer, const Strided& layout, void* dst);
  // Puts, then stores value into the signal (8 bytes, aligned to 8) at signal_offset.
  RLX_API Status put_signal(uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size, uint64_t signal_offset,
                            uint64_t value);
  // Until the own signal is >= value. from: who will send it, so that its loss ends the wait.
  Status wait_signal(uint64_t signal_offset, uint64_t value, uint32_t from = RLX_ANY_RANK) {
    return wait_signal(signal_offset, value, from, options_.deadline_ns);
  }
  RLX_API Status wait_signal(uint64_t signal_offset, uint64_t value, uint32_t from, uint64_t deadline_ns);
  // What was there before.
  RLX_API Result<uint64_t> atomic_add(uint32_t peer, uint64_t offset, uint64_t value);
  // Orders puts to each peer; completes all puts; brings all ranks together (and completes). A barrier that ran into
  // its deadline is resumed by the next call.
  RLX_API Status fence();
  RLX_API Status quiet();
  Status barrier() { return barrier(options_.deadline_ns); }
  RLX_API Status barrier(uint64_t deadline_ns);

  // Start after the wait points, of this rank's own timeline; src and dst are borrowed until the point has passed.
  RLX_API Result<rlx_point> put_async(uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size,
                                      std::span<const rlx_point> waits = {});
  RLX_API Result<rlx_point> get_async(uint32_t peer, uint64_t src_offset, void* dst, uint64_t size,
                                      std::span<const rlx_point> waits = {});
  Status wait(rlx_point point) { return wait(point, options_.deadline_ns); }
  RLX_API Status wait(rlx_point point, uint64_t deadline_ns);

  // desc.ctx and desc.address stay valid while the region lives.
  RLX_API Result<Region> register_region(rlx_region_desc desc);
  RLX_API Status put(uint32_t peer, uint64_t dst_offset, const Region& src, uint64_t src_offset, uint64_t size);
  RLX_API Status get(uint32_t peer, uint64_t src_offset, const Region& dst, uint64_t dst_offset, uint64_t size);

  // Ends all waits of all ranks with this error, because of this rank. The first one counts.
  RLX_API Status fail(Code code, uint32_t culprit);
  // A collective over all ranks that the transport executes by itself; UNIMPLEMENTED, on every rank, where the host
  // does it better. what.deadline_ns and what.struct_size are filled in here.
  RLX_API Status collective(rlx_collective what);

 private:
  friend class Transport;
  Status check(std::string_view call, uint32_t peer, uint64_t offset, uint64_t size) const;
  Status refuse(std::string_view call, uint32_t peer, uint64_t offset, uint64_t size) const;
  Status check_word(std::string_view call, uint32_t peer, uint64_t offset) const;
  Status check_strided(std::string_view call, uint32_t peer, const Strided& layout) const;
  Status check_region(std::string_view call, const Region& region, uint64_t offset, uint64_t size) const;

  const rlx_transport_table_v1* table_ = nullptr;
  rlx_rank* handle_ = nullptr;
  void* heap_ = nullptr;
  RankOptions options_;
  std::map<uint64_t, uint64_t> used_;  // offset -> bytes
};

// A way to reach other ranks: built in, or of a plugin. A cheap handle.
class Transport {
 public:
  // Ranks are threads of this process; each attaches by itself.
  RLX_API static Transport local();
  // Ranks are processes of one host and user. A rank's death is PEER_LOST for the others within some 20 ms. The child
  // of a fork keeps its parent's rank alive until it calls exec.
  RLX_API static Transport shm();
  // RLX_TRANSPORT; without it, shm under rlx-launch, mpi under mpirun, else local.
  RLX_API static Result<Transport> from_environment();
  // local, shm, or the id of a plugin, which is looked for as a registry does. NOT_FOUND lists those that exist and
  // says why the plugin was refused.
  RLX_API static Result<Transport> find(std::string_view name);
  // Among the plugins of this registry.
  RLX_API static Result<Transport> find(std::string_view name, const Registry& registry);

  const std::string& name() const { return name_; }
  // Returns when all ranks attached. Errors: ALREADY_EXISTS (the rank is taken), INVALID_ARGUMENT (another heap or
  // world size than the group's), RESOURCE_EXHAUSTED, ABI_MISMATCH.
  RLX_API Result<Rank> attach(const RankOptions& options) const;
  // Removes what a crashed job left behind under this name; BUSY while a rank lives.
  RLX_API Status destroy(std::string_view group) const;

  // For tests and plugins: the table must be complete and outlive every rank.
  Transport(std::string name, const rlx_transport_table_v1& table) : name_(std::move(name)), table_(&table) {}

 private:
  std::string name_;
  const rlx_transport_table_v1* table_;
};

}  // namespace rlx
