// From nodes to steps, then from values to registers.
#include "kernels/steps.hpp"

#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace rlx::vulkan {

using sdk::NodeView;

namespace {

constexpr uint32_t kFirstMade = 1u << 16;  // values below are inputs
constexpr uint32_t kNoValue = UINT32_MAX;

struct Kind {
  std::string_view name;
  uint32_t number;
};

constexpr Kind kKinds[] = {
#define RLX_KIND(name) {#name, RLX_OP_##name},
    RLX_KIND(gelu) RLX_KIND(gelu_tanh) RLX_KIND(silu) RLX_KIND(relu) RLX_KIND(leaky_relu) RLX_KIND(elu) RLX_KIND(selu)
        RLX_KIND(celu) RLX_KIND(hard_sigmoid) RLX_KIND(hard_swish) RLX_KIND(mish) RLX_KIND(softplus) RLX_KIND(softsign)
            RLX_KIND(thresholded_relu) RLX_KIND(shrink) RLX_KIND(sigmoid) RLX_KIND(tanh) RLX_KIND(exp) RLX_KIND(log)
                RLX_KIND(log1p) RLX_KIND(expm1) RLX_KIND(sqrt) RLX_KIND(rsqrt) RLX_KIND(recip) RLX_KIND(neg)
                    RLX_KIND(abs) RLX_KIND(sign) RLX_KIND(floor) RLX_KIND(ceil) RLX_KIND(round) RLX_KIND(trunc)
                        RLX_KIND(sin) RLX_KIND(cos) RLX_KIND(tan) RLX_KIND(asin) RLX_KIND(acos) RLX_KIND(atan)
                            RLX_KIND(sinh) RLX_KIND(cosh) RLX_KIND(asinh) RLX_KIND(acosh) RLX_KIND(atanh) RLX_KIND(erf)
                                RLX_KIND(bit_not) RLX_KIND(is_nan) RLX_KIND(is_inf) RLX_KIND(add) RLX_KIND(sub)
                                    RLX_KIND(mul) RLX_KIND(div) RLX_KIND(max) RLX_KIND(min) RLX_KIND(pow) RLX_KIND(mod)
                                        RLX_KIND(fmod) RLX_KIND(atan2) RLX_KIND(bit_and) RLX_KIND(bit_or)
                                            RLX_KIND(bit_xor) RLX_KIND(shl) RLX_KIND(shr) RLX_KIND(eq) RLX_KIND(ne)
                                                RLX_KIND(lt) RLX_KIND(le) RLX_KIND(gt) RLX_KIND(ge)
#undef RLX_KIND
    // These names are operators in C++.
    {"not", RLX_OP_not},
    {"and", RLX_OP_bit_and},
    {"or", RLX_OP_bit_or},
    {"xor", RLX_OP_bit_xor},
};

uint32_t domain_of(rlx_dtype dtype) {
  if (is_float(dtype)) return RLX_DOMAIN_FLOAT;
  return dtype >= RLX_DTYPE_U8 ? RLX_DOMAIN_UNSIGNED : RLX_DOMAIN_SIGNED;
}

uint32_t bits(double value) {
  return std::bit_cast<uint32_t>(static_cast<float>(value));
}

}  // namespace

uint32_t op_number(std::string_view kind) {
  for (const Kind& k : kKinds)
    if (k.name == kind) return k.number;
  return RLX_OP_none;
}

Steps::Steps(const Plan& plan) : plan_(plan) {
  const NodeView& node = plan.node;
  const sdk::ProgramView program = node.program();
  const bool fused = node.op() == "fused_elementwise";
  const uint32_t* inputs = fused ? node.region().inputs : node.raw().inputs;
  const uint32_t* outputs = fused ? node.region().outputs : node.raw().outputs;
  for (uint32_t i = 0, n = 0; i < node.input_count(); ++i)
    if (node.has_input(i)) values_.emplace(inputs[i], n++);
  if (fused)
    for (uint64_t i = 0; i < node.region().node_count; ++i) add_node(program.node(node.region(), i));
  else
    add_node(node);
  std::vector<Value> results;
  for (uint32_t i = 0; i < node.output_count(); ++i) results.push_back(values_.at(outputs[i]));
  assign_registers(results);
}

Steps::Value Steps::add_step(uint32_t op, uint32_t domain, std::initializer_list<Value> inputs, uint32_t alpha,
                             uint32_t beta) {
  gpu::ElementwiseStep s{};
  s.op = op | domain << 16;
  s.a = s.b = s.c = kNoValue;
  uint32_t* const operands[] = {&s.a, &s.b, &s.c};
  size_t n = 0;
  for (const Value v : inputs) *operands[n++] = v;
  s.alpha = alpha;
  s.beta = beta;
  steps_.push_back(s);
  return kFirstMade + static_cast<Value>(steps_.size() - 1);
}

Steps::Value Steps::constant(double value, rlx_dtype dtype) {
  uint64_t word = 0;
  if (is_float(dtype)) {
    word = bits(value);
  } else {
    sdk::visit_dtype(dtype, [&](auto v) {
      const auto x = sdk::cast_to<decltype(v)>(value);
      if constexpr (std::is_integral_v<decltype(v)>) word = static_cast<uint64_t>(static_cast<int64_t>(x));
    });
  }
  return add_step(RLX_OP_constant, 0, {}, static_cast<uint32_t>(word), static_cast<uint32_t>(word >> 32));
}

// Registers are wider than most integers: what overflows them wraps before anyone reads it.
Steps::Value Steps::wrapped(Value value, rlx_dtype dtype) {
  if (!is_integer(dtype) || sdk::dtype_size(dtype) == sizeof(int64_t)) return value;
  return add_step(RLX_OP_wrap, domain_of(dtype), {value}, 0, dtype);
}

// Integers beyond alpha move towards zero by beta; the others become 0.
Steps::Value Steps::shrunk(Value x, rlx_dtype dtype, double alpha, double beta) {
  if (beta != std::trunc(beta)) plan_.refuse("no kernel for shrink of integers by a fraction");
  const uint32_t domain = domain_of(dtype);
  const Value low = constant(std::ceil(-alpha), dtype), high = constant(std::floor(alpha), dtype);
  // Negative for unsigned dtypes, too: sums wrap.
  const Value by = constant(beta, RLX_DTYPE_I64);
  const Value below = add_step(RLX_OP_lt, domain, {x, low}), above = add_step(RLX_OP_gt, domain, {x, high});
  const Value less = add_step(RLX_OP_sub, domain, {x, by}), more = add_step(RLX_OP_add, domain, {x, by});
  const Value upper = add_step(RLX_OP_where, 0, {above, less, constant(0, dtype)});
  return add_step(RLX_OP_where, 0, {below, more, upper});
}

void Steps::add_unary(const NodeView& node) {
  const rlx_dtype dtype = node.in(0).dtype;
  const std::string_view kind = node.s("kind");
  const uint32_t op = op_number(kind), domain = domain_of(dtype);
  if (!op) plan_.refuse("no kernel for " + std::string(kind));
  if (op == RLX_OP_shrink && domain != RLX_DOMAIN_FLOAT) {
    const Value y = shrunk(value_of(node, 0), dtype, node.f("alpha"), node.f("beta"));
    values_[node.output(0)] = wrapped(y, dtype);
    return;
  }
  const Value y = add_step(op, domain, {value_of(node, 0)}, bits(node.f("alpha")), bits(node.f("beta")));
  values_[node.output(0)] = wrapped(y, dtype);
}

void Steps::add_binary(const NodeView& node) {
  const rlx_dtype dtype = node.in(0).dtype;
  const std::string_view kind = node.s("kind");
  const uint32_t op = op_number(kind);
  if (!op || (!is_float(dtype) && kind == "atan2"))
    plan_.refuse("no kernel for " + std::string(kind) + " of " + sdk::dtype_name(dtype));
  // Only shifts read it.
  const uint32_t width = static_cast<uint32_t>(8 * sdk::dtype_size(dtype));
  const Value y = add_step(op, domain_of(dtype), {value_of(node, 0), value_of(node, 1)}, width);
  values_[node.output(0)] = node.op() == "compare" ? y : wrapped(y, dtype);
}

void Steps::add_clamp(const NodeView& node) {
  const rlx_dtype dtype = node.in(0).dtype;
  const Value lo = node.has_input(1) ? value_of(node, 1) : constant(node.f("lo"), dtype);
  const Value hi = node.has_input(2) ? value_of(node, 2) : constant(node.f("hi"), dtype);
  values_[node.output(0)] = add_step(RLX_OP_clamp, domain_of(dtype), {value_of(node, 0), lo, hi});
}

void Steps::add_cast(const NodeView& node) {
  const rlx_dtype from = node.in(0).dtype, to = node.out().dtype;
  const uint32_t domain = domain_of(from);
  Value y = value_of(node, 0);
  if (to == RLX_DTYPE_BOOL && from != to) {
    y = add_step(RLX_OP_to_bool, domain, {y});
  } else if (is_float(from) && !is_float(to)) {
    y = add_step(RLX_OP_float_to_int, domain, {y}, 0, to);
  } else if (!is_float(to) && from != to) {
    y = wrapped(y, to);
  } else if (is_float(to)) {
    if (!is_float(from)) y = add_step(RLX_OP_int_to_float, domain, {y});
    // Rounds even when more steps follow: a cast to f16 and back is visible.
    if (to == RLX_DTYPE_F16 && from != to) y = add_step(RLX_OP_to_f16, RLX_DOMAIN_FLOAT, {y});
    if (to == RLX_DTYPE_BF16 && from != to) y = add_step(RLX_OP_to_bf16, RLX_DOMAIN_FLOAT, {y});
  }
  values_[node.output(0)] = y;
}

void Steps::add_node(const NodeView& node) {
  const std::string_view op = node.op();
  if (op == "where") {
    values_[node.output(0)] = add_step(RLX_OP_where, 0, {value_of(node, 0), value_of(node, 1), value_of(node, 2)});
    return;
  }
  for (uint32_t i = 0; i < node.input_count(); ++i) {
    if (!node.has_input(i)) continue;
    const rlx_dtype dtype = node.in(i).dtype;
    if (!is_float(dtype) && !is_integer(dtype) && dtype != RLX_DTYPE_BOOL)
      plan_.refuse("no kernel for " + std::string(op) + " of " + sdk::dtype_name(dtype));
  }
  if (op == "unary") return add_unary(node);
  if (op == "binary" || op == "compare") return add_binary(node);
  if (op == "clamp") return add_clamp(node);
  if (op != "cast" && op != "copy") plan_.refuse("no kernel for " + std::string(op) + " in a fused region");
  const rlx_dtype to = node.out().dtype;
  if (to == RLX_DTYPE_F64 || to == RLX_DTYPE_C64)
    plan_.refuse(std::string("no kernel for a cast to ") + sdk::dtype_name(to));
  add_cast(node);
}

// Linear scan: a register is free again after the last step that reads it. Outputs are copied to the last registers.
void Steps::assign_registers(const std::vector<Value>& outputs) {
  // x | x: a copy of all 64 bits.
  for (const Value value : outputs) add_step(RLX_OP_bit_or, RLX_DOMAIN_UNSIGNED, {value, value});
  std::map<Value, size_t> last_read;
  for (size_t n = 0; n < steps_.size(); ++n)
    for (const Value v : {steps_[n].a, steps_[n].b, steps_[n].c}) last_read[v] = n;
  std::vector<bool> taken(RLX_REGISTERS);
  std::map<Value, uint32_t> place;
  for (const auto& [tensor, value] : values_)
    if (value < kFirstMade) place[value] = value;
  for (const auto& [value, reg] : place) taken[reg] = true;
  for (size_t i = 0; i < outputs.size(); ++i) taken[RLX_REGISTERS - 1 - i] = true;
  const size_t first_output = steps_.size() - outputs.size();
  for (size_t n = 0; n < steps_.size(); ++n) {
    gpu::ElementwiseStep& s = steps_[n];
    uint32_t* const operands[] = {&s.a, &s.b, &s.c};
    const Value read[] = {s.a, s.b, s.c};
    for (uint32_t* operand : operands) *operand = *operand == kNoValue ? 0 : place.at(*operand);
    for (size_t i = 0; i < 3; ++i)
      if (read[i] != kNoValue && last_read[read[i]] == n) taken[*operands[i]] = false;
    if (n >= first_output) {
      s.dst = static_cast<uint32_t>(RLX_REGISTERS - 1 - (n - first_output));
      continue;
    }
    const auto free = std::find(taken.begin(), taken.end(), false);
    if (free == taken.end()) plan_.refuse("a fused region with more values than registers");
    s.dst = static_cast<uint32_t>(free - taken.begin());
    const Value made = kFirstMade + static_cast<Value>(n);
    place[made] = s.dst;
    *free = last_read.count(made) != 0;
  }
}

}  // namespace rlx::vulkan
