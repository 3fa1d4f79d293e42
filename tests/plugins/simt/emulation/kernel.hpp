// What a module's source says, as kernels that can run: fixed ones are compiled into the emulator (instances.cpp), the
// bodies of elementwise regions are read from the text (region.hpp).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace emulation {

// A kernel and the size of its one parameter, which a real driver knows from the machine code.
struct Kernel {
  size_t params_bytes = 0;
  std::function<void(const void* params)> run = {};  // as one thread of a block
};

// The kernels of a source by the names of their entries. Throws std::runtime_error with what a compiler would say: a
// kernel that nobody compiled, a line that is no statement of a region.
std::map<std::string, Kernel> read_source(const std::string& source);

// A fixed kernel by the text of its entry, "SoftmaxParams, softmax<f32>"; without run when there is none.
Kernel find_instance(const std::string& entry);

}  // namespace emulation
