// What tests of the vendors' libraries share.
#pragma once

#include "plugins/host/node_runner.hpp"

#include <string>
#include <vector>

namespace tests {

// Small whole numbers: exact in every dtype, and so are sums of a few hundred products of them.
Value digits(rlx_dtype dtype, Dims dims, int seed);

// The kernels of one more run, which is profiled.
std::vector<std::string> kernels_of(Runner& runner);

// What a profile says of a node of this dtype that a library ran: CUDA's or ROCm's.
std::string by_library(const char* cuda, const char* rocm, rlx_dtype dtype);

}  // namespace tests
