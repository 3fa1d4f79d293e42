// A rank whose peers' heaps are memory of this process: what the transports `local` and `shm` have in common. They
// differ in how ranks find each other (gather.hpp) and in how a peer's death shows.
#pragma once

#include "status/format.hpp"
#include "transport/segment.hpp"

#include <rlx/transport.h>

#include <memory>
#include <string>
#include <vector>

namespace rlx::transport {

struct MemoryRank {
  virtual ~MemoryRank() = default;
  // Finds the group or makes it and waits until all have come; rank, world and group are set.
  virtual Status join(const rlx_rank_options& options) = 0;
  // Asks the system. True where ranks cannot die alone.
  virtual bool is_alive(uint32_t) const { return true; }

  Place& own() const { return segment.place(rank); }

  Segment segment;
  uint32_t rank = 0, world = 1;
  bool shared = false;  // between processes
  // Polls before giving the core to others; how often to give it before sleeping, and polls in between.
  uint32_t spins = 0, yields = 0, polls = 1;
  uint32_t epoch = 0;  // of the barrier this rank is in, or was in last
  bool in_barrier = false;
  std::string group;
  std::vector<char> staging;  // for regions without an address
};

// Sets them: polling pays only while every rank has a core of its own.
void choose_patience(MemoryRank& self);

// Records the group's failure unless there is one, and wakes everybody.
void fail_group(MemoryRank& self, Code code, uint32_t culprit);
// The recorded failure, in words; `what` was not completed because of it.
Error failure_of(const MemoryRank& self, std::string_view what);
// "0, 3"
std::string list_ranks(const std::vector<uint32_t>& ranks);

// The attach slot of a transport whose ranks `make` makes.
rlx_status* attach_rank(std::unique_ptr<MemoryRank> (*make)(), const rlx_rank_options& options, rlx_rank** out_rank);

// The whole table of a transport with such ranks.
rlx_transport_table_v1 memory_table(decltype(rlx_transport_table_v1::attach) attach,
                                    decltype(rlx_transport_table_v1::destroy) destroy);

}  // namespace rlx::transport

struct rlx_rank {
  std::unique_ptr<rlx::transport::MemoryRank> memory;
};
