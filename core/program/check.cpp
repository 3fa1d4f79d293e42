// Tensors and structure are checked here, nodes by adding them to a small graph: the schemas stay the only rules.
#include "program/check.hpp"

#include <rlx/graph.hpp>
#include <rlx/sdk/error.hpp>

#include <set>

namespace rlx {
namespace {

tl::unexpected<Error> broken(const std::string& what) {
  return error(Code::kInvalidArgument, "program: " + what);
}

TensorType type_of(const rlx_tensor& t) {
  TensorType type{static_cast<DType>(t.dtype), {}};
  for (uint32_t d = 0; d < t.rank; ++d) type.shape.push_back(static_cast<int64_t>(t.dims[d]));
  return type;
}

class Checker {
 public:
  explicit Checker(const Program& program) : p_(program) {}

  Status run() {
    RLX_TRY(check_tensors());
    RLX_TRY(check_interface());
    RLX_TRY(check_nodes());
    return {};
  }

 private:
  size_t tensor_count() const { return p_.tensors().size(); }
  const rlx_tensor& tensor(uint32_t t) const { return p_.tensors()[t]; }
  uint32_t root(uint32_t t) const { return tensor(t).view_of == RLX_NO_INDEX ? t : tensor(t).view_of; }

  Status check_tensors() const {
    for (uint32_t i = 0; i < tensor_count(); ++i) {
      const rlx_tensor& t = tensor(i);
      const std::string name = "tensor " + std::to_string(i);
      if (t.role < RLX_ROLE_TEMPORARY || t.role > RLX_ROLE_STATE) return broken(name + " has no known role");
      if (t.flags & ~uint32_t{RLX_TENSOR_OUTPUT}) return broken(name + " has unknown flags");
      if (t.role == RLX_ROLE_CONSTANT && t.size_bytes && !t.data) return broken(name + " is a constant without bytes");
      if (t.data && t.role != RLX_ROLE_CONSTANT && t.role != RLX_ROLE_STATE)
        return broken(name + " has bytes but is neither constant nor state");
      RLX_TRY(check_memory(t, name));
    }
    return {};
  }

  Status check_memory(const rlx_tensor& t, const std::string& name) const {
    if (t.view_of != RLX_NO_INDEX) {
      if (t.view_of >= tensor_count()) return broken(name + " is a view of a tensor that does not exist");
      const rlx_tensor& of = tensor(t.view_of);
      if (of.view_of != RLX_NO_INDEX) return broken(name + " is a view of a view");
      if (t.role != RLX_ROLE_TEMPORARY) return broken(name + " is a view with a role of its own");
      if (t.view_offset > of.size_bytes || t.size_bytes > of.size_bytes - t.view_offset)
        return broken(name + " ends beyond the tensor that it views");
    }
    const uint64_t arena = p_.raw().arena_bytes;
    if (t.plan_offset != RLX_NO_OFFSET && (t.plan_offset > arena || t.size_bytes > arena - t.plan_offset))
      return broken(name + " ends beyond the arena");
    return {};
  }

  Status check_interface() const {
    const rlx_region& main = p_.regions()[0];
    std::vector<bool> is_input(tensor_count()), is_output(tensor_count());
    for (uint32_t i = 0; i < main.input_count; ++i) {
      const uint32_t t = main.inputs[i];
      if (is_input[t]) return broken("tensor " + std::to_string(t) + " is listed as input twice");
      if (tensor(t).role != RLX_ROLE_INPUT) return broken("input " + std::to_string(i) + " has another role");
      is_input[t] = true;
    }
    for (uint32_t i = 0; i < main.output_count; ++i) {
      const rlx_tensor& t = tensor(main.outputs[i]);
      if (is_output[main.outputs[i]] || t.view_of != RLX_NO_INDEX || t.role != RLX_ROLE_TEMPORARY)
        return broken("output " + std::to_string(i) + " has no memory of its own");
      is_output[main.outputs[i]] = true;
    }
    for (uint32_t t = 0; t < tensor_count(); ++t) {
      const bool marked = (tensor(t).flags & RLX_TENSOR_OUTPUT) != 0;
      if (tensor(t).role == RLX_ROLE_INPUT && !is_input[t])
        return broken("tensor " + std::to_string(t) + " is an input that is not listed");
      if (marked != static_cast<bool>(is_output[t]))
        return broken("tensor " + std::to_string(t) +
                      (marked ? " is an output that is not listed" : " is listed as output and not marked so"));
    }
    for (const auto* ports : {&p_.inputs(), &p_.outputs(), &p_.params(), &p_.states()}) {
      std::set<std::string_view> names;
      for (const ProgramPort& port : *ports)
        if (!names.insert(port.name).second) return broken("the name '" + port.name + "' is used twice");
    }
    return {};
  }

  Status check_nodes() {
    written_.assign(tensor_count(), false);
    used_regions_.assign(p_.regions().size(), false);
    used_regions_[0] = true;
    for (uint32_t t = 0; t < tensor_count(); ++t) {
      const uint32_t role = tensor(root(t)).role;
      written_[t] = role != RLX_ROLE_TEMPORARY;
    }
    for (const rlx_node& node : p_.nodes()) {
      Graph scratch;
      RLX_TRY(check_node(scratch, node, 0));
    }
    const rlx_region& main = p_.regions()[0];
    for (uint32_t i = 0; i < main.output_count; ++i)
      if (!written_[main.outputs[i]]) return broken("output " + std::to_string(i) + " is never written");
    return {};
  }

  // Adds the node to a graph of its own, with inputs of the tensors' types.
  Status check_node(Graph& graph, const rlx_node& node, uint32_t region) {
    std::vector<ValueId> inputs;
    for (uint32_t i = 0; i < node.input_count; ++i) {
      const uint32_t t = node.inputs[i];
      if (t == RLX_NO_INDEX) {
        inputs.push_back(kNoValue);
        continue;
      }
      RLX_TRY(check_read(t, node));
      const std::string name = std::to_string(i);
      const bool is_state = tensor(t).role == RLX_ROLE_STATE;
      RLX_ASSIGN(const ValueId v,
                 is_state ? graph.state(name, type_of(tensor(t))) : graph.input(name, type_of(tensor(t))));
      inputs.push_back(v);
    }
    RLX_ASSIGN(const NodeId added, add(graph, node, inputs, region));
    return check_outputs(graph, added, node, inputs.empty() ? kNoValue : inputs[0]);
  }

  Status check_read(uint32_t t, const rlx_node& node) const {
    if (t >= tensor_count()) return broken(std::string(sdk::view(node.op)) + " reads a tensor that does not exist");
    if (!written_[t])
      return broken(std::string(sdk::view(node.op)) + " reads tensor " + std::to_string(t) + " before it is written");
    return {};
  }

  Result<NodeId> add(Graph& graph, const rlx_node& node, const std::vector<ValueId>& inputs, uint32_t region) {
    // Bodies of bodies: each level is a level of this recursion.
    if (node.region_count && ++depth_ > kMaxDepth)
      return broken("regions are nested deeper than " + std::to_string(kMaxDepth));
    Attrs attrs;
    for (uint32_t i = 0; i < node.attr_count; ++i) RLX_TRY(add_attr(attrs, node.attrs[i]));
    const Attrs given = attrs;
    std::vector<Graph> bodies;
    for (uint32_t i = 0; i < node.region_count; ++i) {
      const uint32_t r = node.regions[i];
      if (r >= p_.regions().size() || r <= region || used_regions_[r])
        return broken(std::string(sdk::view(node.op)) + " uses a region that is not its own");
      used_regions_[r] = true;
      RLX_ASSIGN(Graph body, build_body(r));
      bodies.push_back(std::move(body));
    }
    if (node.region_count) --depth_;
    const OpSchema* schema = find_op(sdk::view(node.op));
    if (!schema || (schema->flags & kOpLeaf)) return broken("'" + std::string(sdk::view(node.op)) + "' is no op");
    RLX_ASSIGN(const NodeId added,
               graph.add_node(sdk::view(node.op), inputs, std::move(attrs), {}, node.output_count, std::move(bodies)));
    // A plugin finds every attribute, defaults too, in the form that inference leaves.
    if (!(graph.node(added).attrs == given))
      return broken(std::string(sdk::view(node.op)) + ": attributes are not complete");
    return added;
  }

  static Status add_attr(Attrs& attrs, const rlx_attr& a) {
    const std::string name(sdk::view(a.name));
    if (attrs.has(name)) return broken("attribute '" + name + "' is given twice");
    const auto* ints = static_cast<const int64_t*>(a.data);
    const auto* floats = static_cast<const double*>(a.data);
    const bool scalar = a.type == RLX_ATTR_INT || a.type == RLX_ATTR_FLOAT || a.type == RLX_ATTR_DTYPE;
    if (scalar && a.count != 1) return broken("attribute '" + name + "' is no single value");
    if (a.type == RLX_ATTR_INT) attrs.set(name, ints[0]);
    if (a.type == RLX_ATTR_INTS) attrs.set(name, std::vector<int64_t>(ints, ints + a.count));
    if (a.type == RLX_ATTR_FLOAT) attrs.set(name, floats[0]);
    if (a.type == RLX_ATTR_FLOATS) attrs.set(name, std::vector<double>(floats, floats + a.count));
    if (a.type == RLX_ATTR_STRING) attrs.set(name, std::string(static_cast<const char*>(a.data), a.count));
    if (a.type == RLX_ATTR_DTYPE) attrs.set(name, static_cast<DType>(ints[0]));
    if (a.type == RLX_ATTR_BYTES) return broken("attribute '" + name + "' has a type that no op takes");
    return {};
  }

  Status check_outputs(const Graph& graph, NodeId added, const rlx_node& node, ValueId first) {
    const std::vector<ValueId>& values = graph.node(added).outputs;
    const std::string op(sdk::view(node.op));
    if (values.size() != node.output_count) return broken(op + " has the wrong number of outputs");
    for (uint32_t i = 0; i < node.output_count; ++i) {
      const uint32_t t = node.outputs[i];
      if (t >= tensor_count()) return broken(op + " writes a tensor that does not exist");
      if (graph.type(values[i]) != type_of(tensor(t)))
        return broken(op + ": output " + std::to_string(i) + " has another type");
      const bool to_state = op == "state_write" && first != kNoValue && tensor(root(t)).role == RLX_ROLE_STATE &&
                            root(t) == root(node.inputs[0]);
      if (!to_state && written_[t]) return broken(op + " writes tensor " + std::to_string(t) + ", which has a value");
      if (!to_state && tensor(root(t)).role != RLX_ROLE_TEMPORARY) return broken(op + " writes to a leaf");
      mark_written(t);
    }
    return {};
  }

  // Writing a tensor gives a value to what shares its memory: its views, or the tensor it is a view of.
  void mark_written(uint32_t written) {
    written_[written] = true;
    if (views_.empty()) {
      views_.resize(tensor_count());
      for (uint32_t t = 0; t < tensor_count(); ++t)
        if (root(t) != t) views_[root(t)].push_back(t);
    }
    written_[root(written)] = true;
    for (uint32_t t : views_[root(written)]) written_[t] = true;
  }

  Result<Graph> build_body(uint32_t region) {
    const rlx_region& r = p_.regions()[region];
    Graph body;
    std::vector<ValueId> value(tensor_count(), kNoValue);
    for (uint32_t i = 0; i < r.input_count; ++i) {
      if (r.inputs[i] >= tensor_count()) return broken("a region has an input that does not exist");
      RLX_ASSIGN(value[r.inputs[i]], body.input(std::to_string(i), type_of(tensor(r.inputs[i]))));
      written_[r.inputs[i]] = true;
    }
    for (const rlx_node& node : p_.nodes(region)) {
      std::vector<ValueId> inputs;
      for (uint32_t i = 0; i < node.input_count; ++i) {
        const uint32_t t = node.inputs[i];
        if (t != RLX_NO_INDEX) RLX_TRY(check_read(t, node));
        if (t != RLX_NO_INDEX && value[t] == kNoValue) {
          if (tensor(t).role != RLX_ROLE_CONSTANT) return broken("a region reads a tensor from outside");
          RLX_ASSIGN(value[t], body.constant({type_of(tensor(t)), Bytes::copy(tensor(t).data, tensor(t).size_bytes)}));
        }
        inputs.push_back(t == RLX_NO_INDEX ? kNoValue : value[t]);
      }
      RLX_ASSIGN(const NodeId added, add(body, node, inputs, region));
      RLX_TRY(check_outputs(body, added, node, kNoValue));
      for (uint32_t i = 0; i < node.output_count; ++i) value[node.outputs[i]] = body.node(added).outputs[i];
    }
    for (uint32_t i = 0; i < r.output_count; ++i) {
      if (r.outputs[i] >= tensor_count() || value[r.outputs[i]] == kNoValue)
        return broken("a region has an output that it does not write");
      RLX_TRY(body.add_output(std::to_string(i), value[r.outputs[i]]));
    }
    return body;
  }

  const Program& p_;
  static constexpr int kMaxDepth = 16;
  int depth_ = 0;
  std::vector<bool> written_, used_regions_;
  std::vector<std::vector<uint32_t>> views_;  // of each root
};

}  // namespace

Status check_indices(ProgramBuilder& builder) {
  const rlx_region& main = builder.region(0);
  for (uint32_t i = 0; i < main.input_count; ++i)
    if (main.inputs[i] >= builder.tensor_count()) return broken("an input that does not exist");
  for (uint32_t i = 0; i < main.output_count; ++i)
    if (main.outputs[i] >= builder.tensor_count()) return broken("an output that does not exist");
  return {};
}

Status check_program(const Program& program) {
  return Checker(program).run();
}

}  // namespace rlx
