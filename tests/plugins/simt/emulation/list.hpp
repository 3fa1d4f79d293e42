// Everything that the emulator has compiled, for those who compile it again with another compiler.
#pragma once

#include <string>
#include <vector>

namespace emulation {

// The entries of all fixed kernels: "SoftmaxParams, softmax<f32>".
std::vector<std::string> all_instances();
// All scalar functions with the types of their arguments: "binary_add f32 f32".
std::vector<std::string> all_scalars();

}  // namespace emulation
