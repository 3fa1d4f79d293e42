#include "region.hpp"

#include "emitter.hpp"

#include <rlx/sdk/convert.hpp>

#include <map>

namespace rlx::simt {

namespace {

using sdk::NodeView;

struct ScalarOp {
  std::string_view kind;
  char domain;
};
#define SIMT_UNARY(kind, domain) {#kind, #domain[0]},
#define SIMT_BINARY(kind, domain)
#define SIMT_COMPARE(kind)
constexpr ScalarOp kUnary[] = {
#include "device/scalar_ops.inc"
};
#undef SIMT_UNARY
#undef SIMT_BINARY
#define SIMT_UNARY(kind, domain)
#define SIMT_BINARY(kind, domain) {#kind, #domain[0]},
constexpr ScalarOp kBinary[] = {
#include "device/scalar_ops.inc"
};
#undef SIMT_UNARY
#undef SIMT_BINARY
#undef SIMT_COMPARE
#define SIMT_UNARY(kind, domain)
#define SIMT_BINARY(kind, domain)
#define SIMT_COMPARE(kind) {#kind, 'N'},
constexpr ScalarOp kCompare[] = {
#include "device/scalar_ops.inc"
};
#undef SIMT_UNARY
#undef SIMT_BINARY
#undef SIMT_COMPARE

bool is_half(rlx_dtype t) {
  return t == RLX_DTYPE_F16 || t == RLX_DTYPE_BF16;
}
bool is_float(rlx_dtype t) {
  return is_half(t) || t == RLX_DTYPE_F32 || t == RLX_DTYPE_F64;
}
// The dtype that a thread computes in.
rlx_dtype lane_of(rlx_dtype t) {
  return is_half(t) ? static_cast<rlx_dtype>(RLX_DTYPE_F32) : t;
}

template <size_t kCount>
bool takes(const ScalarOp (&list)[kCount], std::string_view kind, rlx_dtype dtype) {
  for (const ScalarOp& op : list) {
    if (op.kind != kind) continue;
    if (dtype == RLX_DTYPE_BOOL) return op.domain == 'B' || std::data(list) == std::data(kCompare);
    if (is_float(dtype)) return op.domain == 'F' || op.domain == 'N' || op.domain == 'P';
    return op.domain == 'I' || op.domain == 'N';
  }
  return false;
}

class Generator {
 public:
  explicit Generator(std::string& why) : why_(why) {}

  std::string run(const NodeView& node) {
    const sdk::ProgramView program = node.program();
    const bool fused = node.op() == "fused_elementwise";
    const uint32_t* inputs = fused ? node.region().inputs : node.raw().inputs;
    const uint32_t* outputs = fused ? node.region().outputs : node.raw().outputs;
    for (uint32_t i = 0; i < node.input_count(); ++i)
      if (inputs[i] != RLX_NO_INDEX) sources_.emplace(inputs[i], i);
    if (fused) {
      for (uint64_t i = 0; i < node.region().node_count; ++i)
        if (!add(program.node(node.region(), i))) return {};
    } else if (!add(node)) {
      return {};
    }
    for (uint32_t i = 0; i < node.output_count(); ++i) {
      const rlx_tensor& t = program.tensor(outputs[i]);
      line("store<" + type_name(t.dtype) + ">(p.outputs[" + std::to_string(i) + "], element, " +
           value(program, outputs[i]) + ")");
    }
    return text(node.input_count());
  }

  std::string run(std::string_view kind, rlx_dtype dtype) {
    const std::string type = type_name(dtype);
    const std::string x = assign(lane_of(dtype), "load<" + type + ">(p.inputs[0], at[0])"),
                      zero = constant(0, lane_of(dtype));
    const std::string y =
        assign(lane_of(dtype), "unary_" + std::string(kind) + "(" + x + ", " + zero + ", " + zero + ")");
    line("store<" + type + ">(p.outputs[0], element, " + y + ")");
    return text(1);
  }

 private:
  std::string text(uint32_t inputs) const {
    return "{\n  static constexpr u32 kInputs = " + std::to_string(inputs) +
           ";\n  SIMT_DEVICE static void apply(const ElementwiseParams& p, i64 element, const i64* at) {\n" + lines_ +
           "  }\n}";
  }
  void line(const std::string& statement) { lines_ += "    " + statement + ";\n"; }
  std::string assign(rlx_dtype lane, const std::string& expression) {
    const std::string name = "v" + std::to_string(next_++);
    line("const " + type_name(lane) + " " + name + " = " + expression);
    return name;
  }
  std::string constant(double number, rlx_dtype lane) {
    uint64_t bits = 0;
    sdk::visit_dtype(lane, [&](auto v) {
      const auto x = sdk::cast_to<decltype(v)>(number);
      std::memcpy(&bits, &x, sizeof x);
    });
    return assign(lane, "constant<" + type_name(lane) + ">(" + word_name(lane) + "(" + std::to_string(bits) + "))");
  }
  // The name of a tensor's value, which is loaded where it is first read.
  std::string value(const sdk::ProgramView& program, uint32_t tensor) {
    const auto known = values_.find(tensor);
    if (known != values_.end()) return known->second;
    const rlx_dtype dtype = program.tensor(tensor).dtype;
    const std::string input = std::to_string(sources_.at(tensor));
    return values_[tensor] =
               assign(lane_of(dtype), "load<" + type_name(dtype) + ">(p.inputs[" + input + "], at[" + input + "])");
  }
  bool no(const NodeView& n, std::string_view kind) {
    why_ = std::string(n.op()) + (kind.empty() ? "" : " " + std::string(kind)) + " of " +
           sdk::dtype_name(n.in(0).dtype) + " not supported";
    return false;
  }

  bool add(const NodeView& n) {
    const rlx_dtype dtype = n.in(0).dtype, lane = lane_of(dtype);
    const std::string_view op = n.op();
    if (dtype == RLX_DTYPE_C64 && (op == "unary" || op == "binary" || op == "compare" || op == "clamp"))
      return no(n, {});
    const auto in = [&](uint32_t i) { return value(n.program(), n.input(i)); };
    const auto result = [&](const std::string& expression) {
      values_[n.output(0)] = assign(lane_of(n.out().dtype), expression);
      return true;
    };
    if (op == "unary") {
      const std::string kind(n.s("kind"));
      if (!takes(kUnary, kind, dtype)) return no(n, kind);
      // Integers take alpha and beta in double: 0.5 is a limit for them, too.
      const rlx_dtype args = is_float(dtype) ? lane : static_cast<rlx_dtype>(RLX_DTYPE_F64);
      const std::string x = in(0), alpha = constant(n.f("alpha"), args), beta = constant(n.f("beta"), args);
      return result("unary_" + kind + "(" + x + ", " + alpha + ", " + beta + ")");
    }
    if (op == "binary" || op == "compare") {
      const std::string kind(n.s("kind"));
      if (op == "binary" ? !takes(kBinary, kind, dtype) : !takes(kCompare, kind, dtype)) return no(n, kind);
      const std::string a = in(0), b = in(1);
      return result(std::string(op) + "_" + kind + "(" + a + ", " + b + ")");
    }
    if (op == "where") {
      const std::string c = in(0), a = in(1), b = in(2);
      return result("where(" + c + ", " + a + ", " + b + ")");
    }
    if (op == "clamp") {
      const std::string x = in(0), lo = n.has_input(1) ? in(1) : constant(n.f("lo"), lane),
                        hi = n.has_input(2) ? in(2) : constant(n.f("hi"), lane);
      return result("clamp(" + x + ", " + lo + ", " + hi + ")");
    }
    if (op == "conjugate" || op == "complex_norm_sq") return result(std::string(op) + "(" + in(0) + ")");
    if (op == "complex_norm_sq_backward") {
      const std::string z = in(0), dy = in(1);
      return result("complex_norm_sq_backward(" + z + ", " + dy + ")");
    }
    if (op == "cast") return result("cast<" + type_name(n.out().dtype) + ">(" + in(0) + ")");
    if (op == "copy") {
      values_[n.output(0)] = in(0);
      return true;
    }
    if (op == "relu_backward") {
      const std::string x = in(0), dy = in(1), zero = constant(0, lane);
      const std::string positive = assign(RLX_DTYPE_BOOL, "compare_gt(" + x + ", " + zero + ")");
      return result("where(" + positive + ", " + dy + ", " + zero + ")");
    }
    return no(n, {});
  }

  std::string& why_;
  std::string lines_;
  std::map<uint32_t, uint32_t> sources_;    // tensor to the kernel's input
  std::map<uint32_t, std::string> values_;  // tensor to its name
  unsigned next_ = 0;
};

}  // namespace

std::string generate_region(const sdk::NodeView& node, std::string& why) {
  return Generator(why).run(node);
}

std::string generate_unary(std::string_view kind, rlx_dtype dtype) {
  std::string why;
  return Generator(why).run(kind, dtype);
}

}  // namespace rlx::simt
