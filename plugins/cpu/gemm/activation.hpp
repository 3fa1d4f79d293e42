// Activations of finished rows, while they are still in the cache.
#pragma once

#include "gemm/gemm.hpp"

#include <string_view>

namespace rlx::cpu {

// The function of a unary kind (docs/ops.md), or NULL when there is none.
RowFunction find_row_activation(std::string_view kind);

}  // namespace rlx::cpu
