// What the command line of a test program asked for, for tests that depend on it. Defined by tests/main.cpp, which
// fills it before the first test runs; constant from then on, so any thread may read it.
#pragma once

#include <cstdint>
#include <string>

namespace tests {

// The device given with --device, such as "cpu:0"; empty when every device found is to be tested.
const std::string& device_filter();

// The seed for random inputs. It is the same in every run unless --rng-seed N (or --rng-seed time) says otherwise, so
// a failure repeats; the program prints it first. Mix in the test's own parameters to get different streams.
std::uint32_t seed();

}  // namespace tests
