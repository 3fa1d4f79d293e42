// From nodes to calls of the library's functions.
#include "kernels/region.hpp"

#include "codegen/library.hpp"

#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

namespace rlx::vulkan {

using sdk::NodeView;
using Value = RegionValue;

namespace {

// What the names of the library's functions begin with.
std::string domain_of(rlx_dtype dtype) {
  if (is_float(dtype)) return "float_";
  return dtype >= RLX_DTYPE_U8 ? "unsigned_" : "signed_";
}

class Builder {
 public:
  explicit Builder(const Plan& plan) : plan_(plan) {}

  Region build() {
    const NodeView& node = plan_.node;
    const sdk::ProgramView program = node.program();
    const bool fused = node.op() == "fused_elementwise";
    const uint32_t* inputs = fused ? node.region().inputs : node.raw().inputs;
    const uint32_t* outputs = fused ? node.region().outputs : node.raw().outputs;
    for (uint32_t i = 0; i < node.input_count(); ++i) {
      if (!node.has_input(i)) continue;
      values_[inputs[i]] = {Value::Of::kInput, static_cast<uint32_t>(region_.inputs.size())};
      region_.inputs.push_back({access("read_", node.in(i).dtype), node.in(i).dtype});
    }
    if (fused)
      for (uint64_t i = 0; i < node.region().node_count; ++i) add_node(program.node(node.region(), i));
    else
      add_node(node);
    for (uint32_t i = 0; i < node.output_count(); ++i) {
      const rlx_dtype dtype = program.tensor(outputs[i]).dtype;
      region_.outputs.push_back({access("write_", dtype), dtype, values_.at(outputs[i])});
    }
    return std::move(region_);
  }

 private:
  Value value_of(const NodeView& node, uint32_t input) const { return values_.at(node.input(input)); }

  static uint32_t access(const std::string& how, rlx_dtype dtype) {
    return Library::get().find(how + (is_float(dtype) ? "float" : "int"));
  }
  // what: the kind and the dtype, for the refusal.
  Value call(const std::string& function, std::array<Value, 3> args, const std::string& what) {
    const uint32_t id = Library::get().find(function);
    if (!id) plan_.refuse("no kernel for " + what);
    region_.steps.push_back({id, args});
    return {Value::Of::kStep, static_cast<uint32_t>(region_.steps.size() - 1)};
  }
  Value call_kind(std::string_view kind, rlx_dtype dtype, std::array<Value, 3> args) {
    const std::string name(kind);
    return call(domain_of(dtype) + name, args, name + " of " + sdk::dtype_name(dtype));
  }
  // Only of functions that every library has.
  Value convert(const char* function, Value a, Value b = {}) { return call(function, {a, b, {}}, function); }

  Value constant(RegionConstant c) {
    auto& all = region_.constants;
    const auto at = std::find(all.begin(), all.end(), c);
    const auto number = static_cast<uint32_t>(at - all.begin());
    if (at == all.end()) all.push_back(c);
    return {Value::Of::kConstant, number};
  }
  Value number(uint32_t n) { return constant({RegionConstant::Type::kUint, n}); }
  Value constant(double value, rlx_dtype dtype) {
    if (is_float(dtype))
      return constant({RegionConstant::Type::kFloat, std::bit_cast<uint32_t>(static_cast<float>(value))});
    uint64_t word = 0;
    sdk::visit_dtype(dtype, [&](auto v) {
      const auto x = sdk::cast_to<decltype(v)>(value);
      if constexpr (std::is_integral_v<decltype(v)>) word = static_cast<uint64_t>(static_cast<int64_t>(x));
    });
    return constant({RegionConstant::Type::kInt, word});
  }

  // Values are wider than most integers: what overflows the dtype wraps before anyone reads it.
  Value wrapped(Value value, rlx_dtype dtype) {
    if (!is_integer(dtype) || sdk::dtype_size(dtype) == sizeof(int64_t)) return value;
    return convert("wrap_int", value, number(dtype));
  }

  // Integers beyond alpha move towards zero by beta; the others become 0.
  Value shrunk(Value x, rlx_dtype dtype, double alpha, double beta) {
    if (beta != std::trunc(beta)) plan_.refuse("no kernel for shrink of integers by a fraction");
    const Value low = constant(std::ceil(-alpha), dtype), high = constant(std::floor(alpha), dtype);
    // Negative for unsigned dtypes, too: sums wrap.
    const Value by = constant(beta, RLX_DTYPE_I64);
    const Value below = call_kind("lt", dtype, {x, low}), above = call_kind("gt", dtype, {x, high});
    const Value less = call_kind("sub", dtype, {x, by}), more = call_kind("add", dtype, {x, by});
    const Value upper = select(above, less, constant(0, dtype), dtype);
    return select(below, more, upper, dtype);
  }
  Value select(Value condition, Value yes, Value no, rlx_dtype dtype) {
    return call(is_float(dtype) ? "select_float" : "select_int", {condition, yes, no}, "where");
  }

  Value unary(const NodeView& node) {
    const rlx_dtype dtype = node.in(0).dtype;
    const std::string_view kind = node.s("kind");
    const Value x = value_of(node, 0);
    if (!is_float(dtype)) {
      if (kind == "shrink") return wrapped(shrunk(x, dtype, node.f("alpha"), node.f("beta")), dtype);
      return wrapped(call_kind(kind, dtype, {x}), dtype);
    }
    return call_kind(kind, dtype, {x, constant(node.f("alpha"), dtype), constant(node.f("beta"), dtype)});
  }

  Value binary(const NodeView& node) {
    const rlx_dtype dtype = node.in(0).dtype;
    const std::string_view kind = node.s("kind");
    const bool shifts = kind == "shl" || kind == "shr";
    const auto width = static_cast<double>(8 * sdk::dtype_size(dtype));
    const Value y = call_kind(
        kind, dtype, {value_of(node, 0), value_of(node, 1), shifts ? constant(width, RLX_DTYPE_I64) : Value{}});
    return node.op() == "compare" ? y : wrapped(y, dtype);
  }

  Value clamp(const NodeView& node) {
    const rlx_dtype dtype = node.in(0).dtype;
    const Value lo = node.has_input(1) ? value_of(node, 1) : constant(node.f("lo"), dtype);
    const Value hi = node.has_input(2) ? value_of(node, 2) : constant(node.f("hi"), dtype);
    return call_kind("clamp", dtype, {value_of(node, 0), lo, hi});
  }

  Value cast(const NodeView& node) {
    const rlx_dtype from = node.in(0).dtype, to = node.out().dtype;
    const Value x = value_of(node, 0);
    if (from == to) return x;
    if (to == RLX_DTYPE_BOOL) return convert(is_float(from) ? "cast_float_bool" : "cast_int_bool", x);
    if (!is_float(to)) return is_float(from) ? convert("cast_float_int", x, number(to)) : wrapped(x, to);
    Value y = x;
    if (!is_float(from)) y = convert(from >= RLX_DTYPE_U8 ? "cast_unsigned_float" : "cast_signed_float", x);
    // Rounds even when more steps follow: a cast to f16 and back is visible.
    if (to == RLX_DTYPE_F16) return convert("round_f16", y);
    return to == RLX_DTYPE_BF16 ? convert("round_bf16", y) : y;
  }

  Value result_of(const NodeView& node) {
    const std::string_view op = node.op();
    if (op == "where") return select(value_of(node, 0), value_of(node, 1), value_of(node, 2), node.in(1).dtype);
    for (uint32_t i = 0; i < node.input_count(); ++i) {
      if (!node.has_input(i)) continue;
      const rlx_dtype dtype = node.in(i).dtype;
      if (!is_float(dtype) && !is_integer(dtype) && dtype != RLX_DTYPE_BOOL)
        plan_.refuse("no kernel for " + std::string(op) + " of " + sdk::dtype_name(dtype));
    }
    if (op == "unary") return unary(node);
    if (op == "binary" || op == "compare") return binary(node);
    if (op == "clamp") return clamp(node);
    if (op != "cast" && op != "copy") plan_.refuse("no kernel for " + std::string(op) + " in a fused region");
    const rlx_dtype to = node.out().dtype;
    if (to == RLX_DTYPE_F64 || to == RLX_DTYPE_C64)
      plan_.refuse(std::string("no kernel for a cast to ") + sdk::dtype_name(to));
    return cast(node);
  }

  void add_node(const NodeView& node) { values_[node.output(0)] = result_of(node); }

  const Plan& plan_;
  Region region_;
  std::map<uint32_t, Value> values_;  // by tensor
};

}  // namespace

Region region_of(const Plan& plan) {
  return Builder(plan).build();
}

}  // namespace rlx::vulkan
