// An elementwise node, or a fused region of them, as a straight line of steps over registers: what elementwise.comp
// runs.
#pragma once

#include "kernels/plan.hpp"
#include "shaders/ops.h"

#include <map>

namespace rlx::vulkan {

// The number of a unary, binary or compare kind; 0 for an unknown one.
uint32_t op_number(std::string_view kind);

class Steps {
 public:
  // Refuses through the plan what has no step.
  explicit Steps(const Plan& plan);

  // Registers are assigned; outputs are in the last ones.
  const std::vector<gpu::ElementwiseStep>& list() const { return steps_; }

 private:
  // A value until registers are assigned: the input's number, or kFirstMade + the number of the step that made it.
  using Value = uint32_t;

  void add_node(const sdk::NodeView& node);
  void add_unary(const sdk::NodeView& node);
  void add_binary(const sdk::NodeView& node);
  void add_clamp(const sdk::NodeView& node);
  void add_cast(const sdk::NodeView& node);
  Value value_of(const sdk::NodeView& node, uint32_t input) const { return values_.at(node.input(input)); }
  Value add_step(uint32_t op, uint32_t domain, std::initializer_list<Value> inputs, uint32_t alpha = 0,
                 uint32_t beta = 0);
  Value constant(double value, rlx_dtype dtype);
  Value wrapped(Value value, rlx_dtype dtype);
  Value shrunk(Value x, rlx_dtype dtype, double alpha, double beta);
  void assign_registers(const std::vector<Value>& outputs);

  const Plan& plan_;
  std::vector<gpu::ElementwiseStep> steps_;
  std::map<uint32_t, Value> values_;  // by tensor
};

}  // namespace rlx::vulkan
