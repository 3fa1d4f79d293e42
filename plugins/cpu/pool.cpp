#include "pool.hpp"

#include "memory_info.hpp"

namespace rlx::cpu {

Pool& pool() {
  static Pool& instance = *new Pool(read_memory_info().budget / 8);  // outlives every context, so never destroyed
  return instance;
}

}  // namespace rlx::cpu
