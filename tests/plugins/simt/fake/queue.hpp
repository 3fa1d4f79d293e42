// A queue keeps what is enqueued until somebody waits for it. Any thread may come to it then: the one that has the
// queue, or one whose own queue waits for an event of it.
#pragma once

#include "fake/objects.hpp"

#include <functional>

namespace fake {

// A piece of work; its result is a vendor's number.
using Work = std::function<int()>;

int enqueue(void* stream, Work work);
DeviceState& device_of(void* stream);

}  // namespace fake
