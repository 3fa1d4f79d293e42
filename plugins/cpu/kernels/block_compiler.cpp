// From nodes to steps: finds the step of every elementwise op and puts conversions around f16 and bf16.
#include "kernels/block_program.hpp"

#include <rlx/sdk/convert.hpp>

#include <cstring>
#include <iterator>
#include <map>

namespace rlx::cpu {

using sdk::NodeView;

class BlockCompiler {
 public:
  BlockCompiler(BlockProgram& program, std::string& why) : p_(program), why_(why) {}

  bool compile(const NodeView& node) {
    const sdk::ProgramView program = node.program();
    const bool fused = node.op() == "fused_elementwise";
    const rlx_node& raw = node.raw();
    const uint32_t* inputs = fused ? node.region().inputs : raw.inputs;
    const uint32_t* outputs = fused ? node.region().outputs : raw.outputs;
    p_.inputs_ = node.input_count();
    p_.outputs_ = node.output_count();
    for (uint32_t i = 0; i < node.input_count(); ++i)
      if (inputs[i] != RLX_NO_INDEX && !memory_.count(inputs[i]))
        memory_[inputs[i]] = add_value(Where::kInput, program.tensor(inputs[i]).dtype, i);
    if (fused) {
      for (uint64_t i = 0; i < node.region().node_count; ++i)
        if (!add_node(program.node(node.region(), i))) return false;
    } else if (!add_node(node)) {
      return false;
    }
    for (uint32_t i = 0; i < node.output_count(); ++i) write_output(outputs[i], program.tensor(outputs[i]).dtype, i);
    drop_unread();
    if (p_.values_.size() + p_.outputs_ > BlockProgram::kMaxValues) return no("a body of more than 160 values");
    return true;
  }

 private:
  using Where = BlockProgram::Where;

  bool no(std::string why) {
    why_ = std::move(why);
    return false;
  }
  uint32_t add_value(Where where, rlx_dtype dtype, uint64_t index) {
    p_.values_.push_back({where, false, dtype, index});
    return static_cast<uint32_t>(p_.values_.size() - 1);
  }
  uint32_t temporary(rlx_dtype dtype) { return add_value(Where::kTemporary, dtype, 0); }

  uint32_t constant(double value, rlx_dtype lane) {
    uint64_t bits = 0;
    sdk::visit_dtype(lane, [&](auto v) {
      const auto x = sdk::cast_to<decltype(v)>(value);
      std::memcpy(&bits, &x, sizeof x);
    });
    p_.constants_.push_back(bits);
    return add_value(Where::kConstant, lane, p_.constants_.size() - 1);
  }

  uint32_t add_step(StepFn fn, std::vector<uint32_t> in, uint32_t out, double alpha = 0, double beta = 0) {
    StepArgs args{};
    args.alpha = alpha;
    args.beta = beta;
    p_.steps_.push_back({fn, std::move(in), out, args});
    return out;
  }

  // The value of a tensor in the dtype that steps compute in.
  uint32_t lanes(const NodeView& node, uint32_t input) {
    const uint32_t t = node.input(input);
    const auto known = lanes_.find(t);
    if (known != lanes_.end()) return known->second;
    const rlx_dtype dtype = node.in(input).dtype, lane = lane_dtype(dtype);
    uint32_t v = memory_.at(t);
    if (lane != dtype) v = add_step(find_convert_step(dtype, lane), {v}, temporary(lane));
    return lanes_[t] = v;
  }

  bool add_node(const NodeView& n) {
    const rlx_dtype from = n.in(0).dtype, lane = lane_dtype(from);
    const rlx_dtype to = n.out().dtype, out_lane = lane_dtype(to);
    const std::string_view op = n.op();
    StepFn fn = nullptr;
    double alpha = 0, beta = 0;
    std::string what(op);
    std::vector<uint32_t> in;
    if (op == "relu_backward") {
      const uint32_t positive = temporary(RLX_DTYPE_BOOL), zero = constant(0, lane);
      add_step(find_compare_step("gt", lane), {lanes(n, 0), zero}, positive);
      lanes_[n.output(0)] = add_step(find_where_step(lane), {positive, lanes(n, 1), zero}, temporary(lane));
      return true;
    }
    if (op == "clamp") {
      fn = find_clamp_step(lane);
      in = {lanes(n, 0), n.has_input(1) ? lanes(n, 1) : constant(n.f("lo"), lane),
            n.has_input(2) ? lanes(n, 2) : constant(n.f("hi"), lane)};
    } else {
      for (uint32_t i = 0; i < n.input_count(); ++i) in.push_back(lanes(n, i));
    }
    if (op == "unary") {
      what += " " + std::string(n.s("kind"));
      fn = find_unary_step(n.s("kind"), lane);
      alpha = n.f("alpha");
      beta = n.f("beta");
    } else if (op == "binary") {
      what += " " + std::string(n.s("kind"));
      fn = find_binary_step(n.s("kind"), lane);
    } else if (op == "compare") {
      what += " " + std::string(n.s("kind"));
      fn = find_compare_step(n.s("kind"), lane);
    } else if (op == "where") {
      fn = find_where_step(out_lane);
    } else if (op == "copy" || op == "cast") {
      return add_cast(n, from, to, in[0]);
    }
    if (!fn) return no(what + " of " + sdk::dtype_name(from) + " not supported");
    lanes_[n.output(0)] = add_step(fn, std::move(in), temporary(out_lane), alpha, beta);
    return true;
  }

  // Rounds to the target dtype even when its lanes are wider: a cast to f16 and back is visible.
  bool add_cast(const NodeView& n, rlx_dtype from, rlx_dtype to, uint32_t x) {
    const rlx_dtype lane = lane_dtype(from), out_lane = lane_dtype(to);
    uint32_t y = x;
    if (from != to) y = add_step(find_convert_step(lane, to), {x}, temporary(to));
    if (from == to) y = add_step(find_convert_step(lane, lane), {x}, temporary(lane));
    if (from != to && out_lane != to) {
      memory_[n.output(0)] = y;  // an output of this dtype needs no second conversion
      y = add_step(find_convert_step(to, out_lane), {y}, temporary(out_lane));
    }
    lanes_[n.output(0)] = y;
    return true;
  }

  void write_output(uint32_t tensor, rlx_dtype dtype, uint32_t index) {
    const auto rounded = memory_.find(tensor);
    const rlx_dtype lane = lane_dtype(dtype);
    const bool in_memory_dtype = rounded != memory_.end();
    const uint32_t from = in_memory_dtype ? rounded->second : lanes_.at(tensor);
    const rlx_dtype have = in_memory_dtype ? dtype : lane;
    const uint32_t out = add_value(Where::kOutput, dtype, index);
    if (have == dtype && p_.values_[from].where == Where::kTemporary) {
      for (BlockProgram::Step& step : p_.steps_) {
        for (uint32_t& v : step.in)
          if (v == from) v = out;
        if (step.out == from) step.out = out;
      }
      for (auto& [t, v] : lanes_)
        if (v == from) v = out;
      for (auto& [t, v] : memory_)
        if (v == from) v = out;
      return;
    }
    add_step(find_convert_step(have, dtype), {from}, out);
  }

  // What nobody reads: the way back from a rounding cast when the cast is an output and nothing else follows.
  void drop_unread() {
    std::vector<bool> read(p_.values_.size());
    std::vector<BlockProgram::Step> kept;
    for (size_t i = p_.steps_.size(); i-- > 0;) {
      BlockProgram::Step& step = p_.steps_[i];
      if (p_.values_[step.out].where == Where::kTemporary && !read[step.out]) continue;
      for (uint32_t v : step.in) read[v] = true;
      kept.push_back(std::move(step));
    }
    p_.steps_.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
  }

  BlockProgram& p_;
  std::string& why_;
  std::map<uint32_t, uint32_t> memory_;  // tensor: the value that has its dtype in memory
  std::map<uint32_t, uint32_t> lanes_;   // tensor: the value that has its lane dtype
};

bool BlockProgram::compile(const NodeView& node, std::string& why) {
  return BlockCompiler(*this, why).compile(node);
}

}  // namespace rlx::cpu
