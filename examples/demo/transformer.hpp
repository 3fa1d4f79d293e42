// The second half of the demo: one transformer layer, built in C++ with random weights, on every device.
#pragma once

#include <rlx/session.hpp>

#include <memory>

namespace demo {

// Runs the same layer on each device and prints time and distance from the first device's result.
rlx::Status transformer(const std::shared_ptr<rlx::Registry>& registry);

}  // namespace demo
