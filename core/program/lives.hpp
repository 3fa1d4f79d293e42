// How long each tensor of a program's main region needs its memory, and whose memory a result may take over.
#pragma once

#include "program/program.hpp"

#include <cstdint>
#include <vector>

namespace rlx {

// Step 0 is before the first node, node n is step n + 1, the last step is after all nodes.
struct Life {
  uint32_t first = UINT32_MAX;
  uint32_t last = 0;
  bool used() const { return first != UINT32_MAX; }
};

// Borrows the program, whose indices are in range.
class Lives {
 public:
  explicit Lives(const Program& program);

  // Of a tensor that is no view, its views included. Parameters, constants and the tensors of bodies have none.
  const Life& of(uint32_t tensor) const { return lives_[tensor]; }
  // The tensor whose memory this one lies in.
  uint32_t root(uint32_t tensor) const;

  // May the first output of a node be written over memory, a root that dies there? mask: inputs that the device reads
  // in step with the writing.
  bool takes_over(uint32_t node, uint32_t memory, uint32_t mask) const;

 private:
  void touch(uint32_t tensor, uint32_t step);
  bool is_whole(uint32_t tensor, uint64_t bytes) const;

  const Program& p_;
  std::vector<Life> lives_;
};

}  // namespace rlx
