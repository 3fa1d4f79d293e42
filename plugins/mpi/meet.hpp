// How the ranks of a job find out that all of them want the same group, before any call of MPI that waits for ever.
#pragma once

#include "rank.hpp"

namespace rlx::mpi {

// Starts MPI unless somebody has, and ends it with the process then. FAILED_PRECONDITION: MPI has been finalized, or
// belongs to another thread.
void start_mpi();

// Returns when every rank of the job wants this group. The same error on every rank, except for the one that gave up.
// INVALID_ARGUMENT: other ranks want another name, heap or world. DEADLINE_EXCEEDED: who is missing.
void meet(const rlx_rank_options& options, const std::string& group);

}  // namespace rlx::mpi
