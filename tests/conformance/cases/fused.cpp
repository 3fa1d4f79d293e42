// Fused blocks. fused_conv_bias_act is with the convolutions.
#include "../case.hpp"

namespace conformance {
namespace {

using rlx::Graph;
using rlx::ValueId;

// Adds one step to a body; the bodies here are correct by construction.
ValueId step(Graph& body, const char* op, std::initializer_list<ValueId> inputs, Attrs attrs = {}) {
  return *body.add(op, inputs, std::move(attrs));
}

// (a + b)·silu(a − c), and whether a > b
Graph two_outputs(DType dtype, Shape a, Shape b, Shape c) {
  Graph body("body");
  const ValueId x = *body.input("a", {dtype, a}), y = *body.input("b", {dtype, b}), z = *body.input("c", {dtype, c});
  const ValueId sum = step(body, "binary", {x, y}, {attr("kind", "add")});
  const ValueId difference = step(body, "binary", {x, z}, {attr("kind", "sub")});
  const ValueId gate = step(body, "unary", {difference}, {attr("kind", "silu")});
  (void)body.add_output("y", step(body, "binary", {sum, gate}, {attr("kind", "mul")}));
  (void)body.add_output("greater", step(body, "compare", {x, y}, {attr("kind", "gt")}));
  return body;
}

// A long chain through every elementwise op; the result has another dtype.
Graph chain(DType dtype, Shape shape) {
  Graph body("body");
  const ValueId x = *body.input("x", {dtype, shape});
  ValueId y = x;
  for (const char* kind : {"tanh", "exp", "sqrt", "log", "sigmoid", "neg", "abs"})
    y = step(body, "unary", {y}, {attr("kind", kind)});
  y = step(body, "clamp", {y}, {attr("lo", 0.1), attr("hi", 0.8)});
  const ValueId above = step(body, "compare", {x, y}, {attr("kind", "ge")});
  y = step(body, "where", {above, y, step(body, "copy", {x})});
  (void)body.add_output("y", step(body, "cast", {y}, {attr("to", DType::kF64)}));
  return body;
}

void add_regions(CaseList& list) {
  struct Shapes {
    Shape a, b, c;
  };
  const std::vector<Shapes> shapes = {{{4, 9}, {4, 9}, {4, 9}},
                                      {{4, 1, 5}, {3, 1}, {5}},
                                      {{}, {7}, {}},
                                      {{2, 1, 3, 1, 2, 1, 3, 1}, {3, 1}, {1, 5}},
                                      {{0, 3}, {3}, {1}}};
  for (const DType dtype : kFloats)
    for (const Shapes& s : shapes) {
      Case& c = list.add("fused_elementwise", {uniform(dtype, s.a), uniform(dtype, s.b), uniform(dtype, s.c)});
      c.body = [dtype, s] { return two_outputs(dtype, s.a, s.b, s.c); };
      c.outputs = 2;
      c.tolerance = 4;
    }
  for (const DType dtype : kFloats) {
    Case& c = list.add("fused_elementwise", {uniform(dtype, {3, 37})});
    c.body = [dtype] { return chain(dtype, {3, 37}); };
    // The result is f64, its steps are not; a device may keep them in f32.
    c.tolerance = dtype == DType::kF16 ? 4e10 : dtype == DType::kBF16 ? 4e11 : dtype == DType::kF32 ? 4e7 : 4;
    c.note = "chain";
  }
}

}  // namespace

void add_fused_cases(CaseList& list) {
  add_regions(list);
  for (const char* kind : {"layer", "rms"})
    for (const DType dtype : kFloats) {
      const Input x = uniform(dtype, {3, 5, 33});
      list.add("fused_residual_norm", {x, x, uniform(dtype, {33}), uniform(dtype, {33})}, {attr("kind", kind)})
          .tolerance = 8;
      list.add("fused_residual_norm", {x, x, uniform(dtype, {33})}, {attr("kind", kind), attr("eps", 0.01)}).tolerance =
          8;
      list.add("fused_residual_norm", {x, x, absent(), uniform(dtype, {5, 33})}, {attr("kind", kind), attr("axis", 1)})
          .tolerance = 8;
    }
  for (const int gate_first : {0, 1})
    for (const DType dtype : kFloats) {
      list.add("fused_swiglu", {uniform(dtype, {3, 34})}, {attr("gate_first", gate_first)}).tolerance = 2;
      list.add("fused_swiglu", {uniform(dtype, {2, 0, 6})}, {attr("gate_first", gate_first)});
    }
}

}  // namespace conformance
