// The last resort for an op that has neither a fast kernel nor a decomposition: the reference plugin's kernel, compiled
// into this plugin. Right by definition and slow, and claimed so. These kernels allocate, run on one thread, and report
// bad indices by throwing: the run ends there, and the edge of the ABI turns the error into a status.
#include "kernel.hpp"

#include <ref/kernel.hpp>
#include <ref/program_copy.hpp>

#include <vector>

namespace rlx::cpu {

namespace {

// One node in a program of its own, with copies of its tensors' descriptions: what a reference kernel reads while it
// runs.
class OneNode {
 public:
  explicit OneNode(const NodeView& n) : node_(n.raw()) {
    for (uint32_t i = 0; i < n.input_count(); ++i) inputs_.push_back(n.has_input(i) ? add(n.in(i)) : RLX_NO_INDEX);
    for (uint32_t i = 0; i < n.output_count(); ++i) outputs_.push_back(add(n.out(i)));
    node_.inputs = inputs_.data();
    node_.outputs = outputs_.data();
    node_.regions = nullptr;
    node_.region_count = 0;
    region_.nodes = &node_;
    region_.node_count = 1;
    program_ = n.program().raw();
    program_.tensors = tensors_.data();
    program_.tensor_count = tensors_.size();
    program_.tensor_stride = sizeof(rlx_tensor);
    program_.regions = &region_;
    program_.region_count = 1;
    program_.region_stride = sizeof(rlx_region);
    program_.node_stride = sizeof(rlx_node);
  }
  OneNode(const OneNode&) = delete;
  const rlx_program& program() const { return program_; }

 private:
  uint32_t add(rlx_tensor t) {
    t.view_of = RLX_NO_INDEX;
    tensors_.push_back(t);
    return static_cast<uint32_t>(tensors_.size() - 1);
  }
  rlx_node node_;
  rlx_region region_{};
  rlx_program program_{};
  std::vector<rlx_tensor> tensors_;
  std::vector<uint32_t> inputs_, outputs_;
};

class ReferenceKernel final : public Kernel {
 public:
  explicit ReferenceKernel(const NodeView& node)
      : Kernel("ref:" + std::string(node.op())), copy_(OneNode(node).program()), kernel_(ref::find_kernel(node.op())) {}

  void run(const Run& run) const override {
    const sdk::ProgramView program = copy_.view();
    const NodeView node = program.node(program.main(), 0);
    ref::Call call{node, {}, {}, run.run_counter};
    for (uint32_t i = 0; i < node.input_count(); ++i) {
      if (!node.has_input(i)) {
        call.inputs.push_back({});
        continue;
      }
      // The reference's operands are one type for both directions; inputs are only read.
      call.inputs.push_back({node.in(i).dtype, sdk::dims(node.in(i)), const_cast<std::byte*>(run.inputs[i])});
    }
    for (uint32_t i = 0; i < node.output_count(); ++i)
      call.outputs.push_back({node.out(i).dtype, sdk::dims(node.out(i)), run.outputs[i]});
    kernel_(call);
  }

 private:
  ref::ProgramCopy copy_;
  ref::Kernel kernel_;
};

}  // namespace

namespace kernels {

Claim claim_reference(const NodeView& node, const CpuInfo&) {
  if (!ref::find_kernel(node.op()) || node.raw().region_count > 0) return Claim::no("no kernel for this op on the CPU");
  return Claim::slow("runs the reference kernel, on one thread");
}

std::unique_ptr<Kernel> make_reference(MakeContext& context) {
  return std::make_unique<ReferenceKernel>(context.node);
}

}  // namespace kernels

}  // namespace rlx::cpu
