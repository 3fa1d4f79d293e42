// How the ranks of a group come together in a segment. The caller holds the group's lock, a mutex or a file lock, where
// it says so.
#pragma once

#include "transport/wait.hpp"

#include <functional>

namespace rlx::transport {

Status check_options(const rlx_rank_options& options, Layout& out_layout);

// Under the lock: writes the header of a segment that is all zeros.
void make_header(const Segment& segment, const rlx_rank_options& options, const Layout& layout);

// Under the lock: the group was made for the same sizes. A mismatch fails the whole group, which can never be complete;
// ALREADY_EXISTS, when the rank is taken, does not: another job uses this name.
Status check_header(MemoryRank& self, const rlx_rank_options& options);

// Under the lock, after check_header.
void take_place(MemoryRank& self);

// Under the lock, when the own heap is ready: from now on others may write to it. The last rank to come calls close
// before any rank knows that the group is complete: whoever is attached finds the name free.
void arrive(MemoryRank& self, const std::function<void()>& close);

// Waits until everybody has come.
Status await_all(MemoryRank& self, uint64_t deadline_ns);

// Under the lock, when the heap could not be made or await_all failed. False: the group became complete after all.
bool give_up_place(MemoryRank& self);

// Orderly end: whoever waits for this rank finds out at once.
void leave(MemoryRank& self);

}  // namespace rlx::transport
