// What a kernel is: a function that computes the outputs of one node. A new kernel is one function in kernels/ and one
// line in kernels.inc; query, compile and run all read that list, so a claim cannot drift from what runs.
// Kernels keep nothing between calls, allocate freely and report mistakes by throwing sdk::Error.
#pragma once

#include "tensor.hpp"

#include <string>
#include <vector>

namespace rlx::ref {

// One node with its operands. The host has checked ops, attributes, dtypes and shapes; kernels trust them, and check
// only what depends on values: indices. Shapes come from the tensors here, never from the node: the body of a
// fused_elementwise runs with other ones.
struct Call {
  sdk::NodeView node;
  std::vector<Tensor> inputs;  // an absent optional input has no data
  std::vector<Tensor> outputs;
  uint64_t run;  // 0 in a context's first run

  bool has(uint32_t i) const { return i < inputs.size() && inputs[i].data; }
  const Tensor& in(uint32_t i) const { return inputs[i]; }
  const Tensor& out(uint32_t i = 0) const { return outputs[i]; }

  // An index into `limit` entries, where a negative one counts from the end. Throws OUT_OF_RANGE.
  uint64_t checked_index(int64_t value, uint64_t limit) const;
  // For attribute values that no kernel knows, which the host does not let through.
  [[noreturn]] void bad_attribute(std::string_view name, std::string_view value) const;
};

using Kernel = void (*)(const Call&);

// NULL for an op without a kernel.
Kernel find_kernel(std::string_view op);
// Why a node cannot run: which op has no kernel, the node's or one in its body. Empty when it can.
std::string missing_kernel(const sdk::NodeView& node);

}  // namespace rlx::ref
