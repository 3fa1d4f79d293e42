// A sample of what the plugin generates: the kernels of elementwise nodes and of a fused region, made by its own
// emitter.
#include "compile/compiler.hpp"
#include "emitter.hpp"
#include "kernel.hpp"
#include "plugins/host/program.hpp"

#include <stdexcept>

namespace compile {

namespace {

using namespace tests;

// y = where(gelu(a · b) < 0, tanh(a), b) over broadcast halves, and as integers.
void add_region(Program& program, rlx_dtype dtype) {
  const Dims dims = {8, 4, 16, 5};
  const uint32_t a = program.input({dtype, dims}), b = program.input({dtype, {8, 1, 16, 1}});
  const uint32_t y = program.output({dtype, dims}), whole = program.output({kI64, dims});
  const Type scalar{dtype, {}};
  const uint32_t in_a = program.body_tensor(scalar), in_b = program.body_tensor(scalar);
  const uint32_t product = program.body_tensor(scalar), gelu = program.body_tensor(scalar);
  const uint32_t tanh = program.body_tensor(scalar), chosen = program.body_tensor(scalar);
  const uint32_t less = program.body_tensor({kBool, {}}), integer = program.body_tensor({kI64, {}});
  const uint32_t body = program.region({in_a, in_b}, {chosen, integer});
  program.node("binary", {{"kind", "mul"}}, {in_a, in_b}, {product}, {}, body);
  program.node("unary", {{"kind", "gelu"}, {"alpha", 0.0}, {"beta", 0.0}}, {product}, {gelu}, {}, body);
  program.node("unary", {{"kind", "tanh"}, {"alpha", 0.0}, {"beta", 0.0}}, {in_a}, {tanh}, {}, body);
  program.node("compare", {{"kind", "lt"}}, {gelu, in_b}, {less}, {}, body);
  program.node("where", {}, {less, tanh, in_b}, {chosen}, {}, body);
  program.node("cast", {{"to", DTypeValue{kI64}}}, {chosen}, {integer}, {}, body);
  program.node("fused_elementwise", {}, {a, b}, {y, whole}, {body});
}

}  // namespace

std::string generated_kernels() {
  Program program;
  for (const rlx_dtype dtype : {kF16, kBF16, kF32, kF64}) add_region(program, dtype);
  const uint32_t n = program.input({kI64, {3, 7}}), power = program.output({kI64, {3, 7}});
  program.node("binary", {{"kind", "pow"}}, {n, n}, {power});
  const uint32_t p = program.input({kBool, {64}}), either = program.output({kBool, {64}});
  program.node("binary", {{"kind", "or"}}, {p, p}, {either});
  // A kernel of its own kind for tensors whose elements 32 bits cannot count.
  const Type large{kU8, {uint64_t{5} << 30}};
  const uint32_t x = program.input(large), y = program.output(large);
  program.node("unary", {{"kind", "relu"}, {"alpha", 0.0}, {"beta", 0.0}}, {x}, {y});

  const rlx::sdk::ProgramView view(program.build());
  rlx::simt::Plan plan;
  const rlx::simt::Geometry geometry{32, 132, {}};
  for (uint64_t i = 0; i < view.main().node_count; ++i) {
    const rlx::simt::NodeView node = view.node(view.main(), i);
    const rlx::simt::Match match = rlx::simt::match_kernel(node);
    if (!match.entry) throw std::runtime_error(node.label() + ": " + match.claim.reason);
    rlx::simt::Emitter emitter(plan, static_cast<uint32_t>(i), geometry, nullptr);
    match.entry->emit(emitter, node);
  }
  return plan.source.text();
}

}  // namespace compile
