// The copy that ends a run when a state could not be updated in place.
#pragma once

#include "kernel.hpp"

namespace rlx::cpu {

std::unique_ptr<Kernel> make_state_commit(uint64_t bytes);

}  // namespace rlx::cpu
