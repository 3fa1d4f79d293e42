// A compiled program: a copy of it, a kernel for each node, and the weights. Shared by its contexts; immutable and
// free-threaded after finalize. Counted: it goes when the host released it and its last context is gone.
#pragma once

#include "host.hpp"
#include "kernel.hpp"
#include "program_copy.hpp"

#include <rlx/sdk/counted.hpp>

#include <string_view>

namespace rlx::ref {

struct Step {
  sdk::NodeView node;
  Kernel kernel;
  std::string kernel_name;  // for profiles

  // What it reads and writes.
  uint64_t operand_bytes() const;
};

class Executable : public sdk::Counted<Executable> {
 public:
  // Throws UNIMPLEMENTED naming the node that has no kernel.
  explicit Executable(const rlx_program& program);

  void set_param(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes);
  void finalize();
  void set_param_range(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                       uint64_t first_elem);
  void stats(rlx_executable_stats& out) const;

  bool finalized() const { return finalized_; }
  sdk::ProgramView program() const { return program_.view(); }
  const std::vector<Step>& steps() const { return steps_; }
  // Bytes of a parameter, a constant or the first value of a state; NULL for other tensors and states that start as
  // zeros.
  std::byte* stored(uint32_t tensor) const { return stored_[tensor].data(); }

 private:
  ProgramCopy program_;
  std::vector<Step> steps_;
  std::vector<HostBuffer> stored_;  // by tensor
  std::vector<bool> is_set_;        // by tensor: parameters that have their bytes
  bool finalized_ = false;
};

}  // namespace rlx::ref
