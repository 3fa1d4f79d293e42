// How operands repeat over an output: the axes of a broadcast, merged where no operand tells them apart.
#pragma once

#include <rlx/sdk/program_view.hpp>

#include <array>
#include <cstdint>
#include <vector>

namespace rlx::cpu {

struct Broadcast {
  uint32_t rank = 0;  // 0: one element
  std::array<uint64_t, RLX_MAX_RANK> dims{};
  std::vector<std::array<uint64_t, RLX_MAX_RANK>> strides;  // per operand, in elements; 0 where it repeats
};

// Operands are dense and broadcast to out as in numpy.
Broadcast make_broadcast(const rlx_tensor& out, const std::vector<const rlx_tensor*>& operands);

}  // namespace rlx::cpu
