// Builds an rlx_program by hand for tests below the host: tensors and nodes in order, attributes by name.
#pragma once

#include <rlx/sdk/program_view.hpp>

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <string>
#include <variant>
#include <vector>

namespace tests {

struct Dtype {
  int64_t value;
};

struct AttrValue {
  std::string name;
  std::variant<int64_t, double, std::string, std::vector<int64_t>, std::vector<double>, Dtype> value;
};

class ProgramBuilder {
 public:
  using Dims = std::vector<uint64_t>;

  uint32_t input(Dims dims, std::string name = "x", rlx_dtype dtype = RLX_DTYPE_F32) {
    const uint32_t t = tensor(std::move(dims), RLX_ROLE_INPUT, dtype, std::move(name));
    inputs_.push_back(t);
    return t;
  }
  uint32_t param(Dims dims, std::string name, rlx_dtype dtype = RLX_DTYPE_F32) {
    return tensor(std::move(dims), RLX_ROLE_PARAM, dtype, std::move(name));
  }
  uint32_t state(Dims dims, std::string name, const void* init = nullptr, rlx_dtype dtype = RLX_DTYPE_F32) {
    const uint32_t t = tensor(std::move(dims), RLX_ROLE_STATE, dtype, std::move(name));
    tensors_[t].data = init;
    return t;
  }
  // data is borrowed.
  uint32_t constant(Dims dims, const void* data, rlx_dtype dtype = RLX_DTYPE_F32) {
    const uint32_t t = tensor(std::move(dims), RLX_ROLE_CONSTANT, dtype, "");
    tensors_[t].data = data;
    return t;
  }
  uint32_t temporary(Dims dims, rlx_dtype dtype = RLX_DTYPE_F32) {
    return tensor(std::move(dims), RLX_ROLE_TEMPORARY, dtype, "");
  }
  uint32_t view(uint32_t of, Dims dims, uint64_t offset_bytes = 0) {
    const uint32_t t = tensor(std::move(dims), tensors_[of].role, tensors_[of].dtype, "");
    tensors_[t].view_of = of;
    tensors_[t].view_offset = offset_bytes;
    return t;
  }
  void output(uint32_t t, std::string name = "y") {
    names_.push_back(std::move(name));
    tensors_[t].name = rlx::sdk::str(names_.back());
    tensors_[t].flags |= RLX_TENSOR_OUTPUT;
    outputs_.push_back(t);
  }
  void node(std::string op, std::vector<uint32_t> inputs, std::vector<uint32_t> outputs,
            std::vector<AttrValue> attrs = {}, std::string name = "") {
    nodes_.push_back({std::move(op), std::move(name), std::move(inputs), std::move(outputs), std::move(attrs), {}});
  }
  // Valid while the builder lives and does not change.
  const rlx_program& build();

 private:
  struct NodeData {
    std::string op, name;
    std::vector<uint32_t> inputs, outputs;
    std::vector<AttrValue> values;
    std::vector<rlx_attr> attrs;
  };
  uint32_t tensor(Dims dims, uint32_t role, rlx_dtype dtype, std::string name);

  std::vector<rlx_tensor> tensors_;
  std::deque<std::string> names_;
  std::deque<NodeData> nodes_;
  std::vector<rlx_node> raw_nodes_;
  std::vector<uint32_t> inputs_, outputs_;
  rlx_region region_{};
  rlx_program program_{};
};

}  // namespace tests
