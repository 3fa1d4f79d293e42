// The memory plan that every program carries: row-major tensors, each alive from its write to its last read. A plugin
// with layouts of its own plans for itself.
#pragma once

#include "program/program.hpp"

#include <rlx/device.h>
#include <rlx/status.hpp>

namespace rlx {

inline constexpr uint64_t kTensorAlign = 64;

// support: the device's answer for each node of region 0 (its overwrites masks allow in-place results); empty = none.
Status plan_arena(Program& program, std::span<const rlx_node_support> support);

}  // namespace rlx
