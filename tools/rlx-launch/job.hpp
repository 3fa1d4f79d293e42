// The ranks of one job as child processes.
#pragma once

#include "lines.hpp"

#include <sys/types.h>
#include <cstdint>
#include <vector>

namespace rlx::tools {

struct JobOptions {
  uint32_t ranks = 1;
  std::string group, transport = "shm";
  bool prefix = true;
  uint32_t grace_ms = 2000;  // between asking the rest to end and killing it
  std::vector<std::string> command;
};

// Starts all ranks, forwards their output and signals, and stops the rest when one fails. The exit code of the first
// rank that failed (128 + its signal), or 0.
int run_job(const JobOptions& options);

}  // namespace rlx::tools
