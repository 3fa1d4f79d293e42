// A host for tests that talk to a plugin without librlx: statuses, counted memory and a first-fit planner.
#pragma once

#include <rlx/plugin.h>

#include <cstdint>

namespace tests {

const rlx_host_v1& test_host();

// Bytes of host memory that plugins hold now.
uint64_t host_bytes_in_use();

}  // namespace tests
