// A process group as one more device: it runs the collectives of a program, and nothing else. The compiler hands it the
// nodes that no other device claims, so that they become segments of their own (partition.hpp), and the values between
// them and the other segments lie in host memory, in the group's heap where that has room.
#pragma once

#include "plugin/device.hpp"

#include <rlx/process_group.hpp>

#include <memory>

namespace rlx {

// The device keeps the group alive. Runs of all its contexts exclude each other: BUSY.
Device group_device(std::shared_ptr<ProcessGroup> group);

// Zeroed memory that the ranks of the group reach without copies, if the device is a group and its heap has room; else
// null. Given back when the last owner lets go.
std::shared_ptr<std::byte> allocate_in_group(const Device& device, uint64_t bytes);

}  // namespace rlx
