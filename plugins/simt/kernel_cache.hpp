// Compiled kernels on disk, in the directory that the host gives. A file that is not what was written counts as none; a
// directory that cannot be written keeps nothing. Neither is an error.
#pragma once

#include "build.hpp"

namespace rlx::simt {

// Empty when there is none. Threads: any, processes: any.
std::string load_kernel(const BuildRequest& request);
void keep_kernel(const BuildRequest& request, const std::string& code);

}  // namespace rlx::simt
