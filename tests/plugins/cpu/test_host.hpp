// A host for tests that talk to the plugin's objects directly: statuses, counted memory and a first-fit planner.
#pragma once

#include <rlx/plugin.h>

#include <cstdint>

namespace tests {

// Installs the host (once) and returns it.
const rlx_host_v1& cpu_test_host();

// Bytes of host memory that the plugin holds now.
uint64_t host_bytes_in_use();

}  // namespace tests
