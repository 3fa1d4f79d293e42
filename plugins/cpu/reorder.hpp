// Copies a tensor from one layout to another; the compiler places these between kernels that disagree.
#pragma once

#include "kernel.hpp"

namespace rlx::cpu {

// True when make_reorder can do it: f32, rank 3 to 5.
bool can_reorder(const rlx_tensor& desc);

std::unique_ptr<Kernel> make_reorder(const rlx_tensor& desc, Layout from, Layout to);

}  // namespace rlx::cpu
