// Runs the generated body of an elementwise kernel from its text, with the scalar functions that a GPU would run. The
// walk over the elements is the kernel's own (device/elementwise.hpp).
#pragma once

#include "emulation/kernel.hpp"

#include <cstdint>
#include <string>

namespace emulation {

// body: what stands between the braces of apply(). rank and narrow: the kernel's template arguments. Throws
// std::runtime_error naming the line that it cannot read.
Kernel read_region(const std::string& body, uint32_t rank, bool narrow);

// A scalar function by its name and the types of its arguments: "binary_add f32 f32". Values are the low bytes of
// words.
using Scalar = void (*)(const uint64_t* const* arguments, uint64_t* result);
Scalar find_scalar(const std::string& signature);

}  // namespace emulation
