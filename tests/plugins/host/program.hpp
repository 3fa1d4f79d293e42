// Builds an rlx_program by hand, which is what a host gives to a plugin: tensors, nodes in order, attributes by name.
#pragma once

#include "plugins/host/value.hpp"

#include <deque>
#include <string>
#include <variant>
#include <vector>

namespace tests {

// An attribute of type dtype.
struct DTypeValue {
  int64_t dtype;
};

struct Attr {
  std::string name;
  std::variant<int64_t, double, std::string, std::vector<int64_t>, std::vector<double>, DTypeValue> value;

  Attr(std::string n, int v) : name(std::move(n)), value(int64_t{v}) {}
  Attr(std::string n, bool v) : name(std::move(n)), value(int64_t{v}) {}
  Attr(std::string n, int64_t v) : name(std::move(n)), value(v) {}
  Attr(std::string n, double v) : name(std::move(n)), value(v) {}
  Attr(std::string n, std::string v) : name(std::move(n)), value(std::move(v)) {}
  Attr(std::string n, const char* v) : name(std::move(n)), value(std::string(v)) {}
  Attr(std::string n, std::vector<int64_t> v) : name(std::move(n)), value(std::move(v)) {}
  Attr(std::string n, std::vector<double> v) : name(std::move(n)), value(std::move(v)) {}
  Attr(std::string n, DTypeValue v) : name(std::move(n)), value(v) {}
};
using Attrs = std::vector<Attr>;

class Program {
 public:
  uint32_t input(Type type, std::string name = "");
  uint32_t output(Type type, std::string name = "");
  // Makes a tensor an output as well.
  void mark_output(uint32_t tensor, std::string name);
  uint32_t temporary(Type type);
  uint32_t param(Type type, std::string name);
  // The value is copied; an empty one gives zeros.
  uint32_t state(Type type, std::string name, Value first = {});
  uint32_t constant(Value value);
  uint32_t view(uint32_t of, Type type, uint64_t offset_bytes = 0);

  const rlx_tensor& at(uint32_t tensor) const { return tensors_[tensor]; }

  // In region 0 unless another one was added. An index of RLX_NO_INDEX is an absent input.
  void node(std::string op, Attrs attrs, std::vector<uint32_t> inputs, std::vector<uint32_t> outputs,
            std::vector<uint32_t> regions = {}, uint32_t region = 0, std::string name = "");
  // A body; its inputs and results are temporaries without a place in the arena.
  uint32_t region(std::vector<uint32_t> inputs, std::vector<uint32_t> outputs);
  uint32_t body_tensor(Type type);

  // Plans the arena: every tensor has memory of its own. Valid while the program lives and does not change.
  const rlx_program& build();

 private:
  struct NodeData {
    std::string op, name;
    Attrs attrs;
    std::vector<uint32_t> inputs, outputs, regions;
    std::vector<rlx_attr> raw_attrs;
  };
  struct RegionData {
    std::vector<uint32_t> inputs, outputs;
    std::deque<NodeData> nodes;
    std::vector<rlx_node> raw_nodes;
  };
  uint32_t add(const Type& type, uint32_t role, std::string name);
  rlx_node raw(NodeData& node);

  std::vector<rlx_tensor> tensors_;
  std::vector<bool> in_arena_;
  std::deque<std::string> names_;
  std::deque<Value> values_;
  std::deque<RegionData> regions_{1};
  std::vector<rlx_region> raw_regions_;
  rlx_program program_{};
};

}  // namespace tests
