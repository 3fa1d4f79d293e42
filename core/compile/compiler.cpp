// The order of passes, and nothing else.

#include "compile/compiler.hpp"

#include <chrono>
#include <span>

#include "compile/legalise.hpp"
#include "compile/pass.hpp"

namespace rlx {
namespace {

constexpr Pass kClean[] = {
    {"canonicalise", canonicalise},
    {"fold constants", fold_constants},
    {"common subexpressions", eliminate_common},
    {"dead code", eliminate_dead},
};

// Activations first: norms and attention look for what they leave; linear and conv then take up bias and activation.
// What a fusion leaves dead still counts as a user, so it goes before the next pattern looks.
constexpr Pass kFuse[] = {
    {"fuse activation", fuse_activation},
    {"dead code", eliminate_dead},
    {"fuse norm", fuse_norm},
    {"dead code", eliminate_dead},
    {"fuse attention", fuse_attention},
    {"dead code", eliminate_dead},
    {"fuse conv", fuse_conv},
    {"dead code", eliminate_dead},
    {"fuse linear", fuse_linear},
    {"dead code", eliminate_dead},
    {"fuse residual norm", fuse_residual_norm},
    {"fuse swiglu", fuse_swiglu},
    {"dead code", eliminate_dead},
};

constexpr Pass kRegions[] = {
    {"fuse elementwise", fuse_elementwise},
    {"dead code", eliminate_dead},
};

// Each round can only shrink or simplify; real graphs settle in two.
constexpr int kMaxRounds = 8;

// A fusion moves nodes together; where something between them hangs on both, that closes a cycle (a state that is read
// before its write is the usual case). Such a pass is undone as a whole.
Result<size_t> run_or_undo(const Pass& pass, Graph& g, PassContext& context) {
  const Graph before = g;
  RLX_ASSIGN(const size_t changes, pass.run(g, context));
  if (changes == 0 || g.order()) return changes;
  g = before;
  context.missed(pass.name, "would have closed a cycle");
  return size_t{0};
}

Result<size_t> run_passes(std::span<const Pass> passes, Graph& g, PassContext& context) {
  size_t total = 0;
  for (const Pass& pass : passes) {
    const auto start = std::chrono::steady_clock::now();
    RLX_ASSIGN(size_t changes, run_or_undo(pass, g, context));
    const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    CompileReport::Pass* entry = nullptr;
    for (CompileReport::Pass& p : context.report.passes)
      if (p.name == pass.name) entry = &p;
    if (entry == nullptr)
      entry = &context.report.passes.emplace_back(CompileReport::Pass{std::string(pass.name), 0, 0});
    entry->changes += changes;
    entry->milliseconds += ms;
    total += changes;
  }
  return total;
}

Status clean(Graph& g, PassContext& context) {
  for (int round = 0; round < kMaxRounds; ++round) {
    RLX_ASSIGN(size_t changes, run_passes(kClean, g, context));
    if (changes == 0) break;
  }
  return {};
}

size_t live_nodes(const Graph& g) {
  size_t n = 0;
  for (NodeId id = 0; id < g.node_count(); ++id) n += !g.node(id).erased() && !(g.node(id).schema->flags & kOpLeaf);
  return n;
}

}  // namespace

Result<Graph> optimise(Graph g, const CompileOptions& options, const Target& target, CompileReport& report) {
  RLX_ASSIGN(Assigned assigned, optimise_over(std::move(g), options, std::span(&target, 1), report));
  return std::move(assigned.graph);
}

Result<Assigned> optimise_over(Graph g, const CompileOptions& options, std::span<const Target> targets,
                               CompileReport& report) {
  const Target& target = targets.front();
  RLX_TRY(verify(g));
  if (!g.is_static()) {
    std::string symbols;
    for (const std::string& symbol : g.symbols()) symbols += (symbols.empty() ? "" : ", ") + symbol;
    return error(Code::kFailedPrecondition, "graph '" + g.name() +
                                                "' has symbolic or unknown dims; bind its symbols (" +
                                                (symbols.empty() ? "none" : symbols) + ") first");
  }
  report.device = target.device;
  report.nodes_before = live_nodes(g);
  const auto start = std::chrono::steady_clock::now();
  PassContext context{options, target.evaluate, target.supports_op, report};
  RLX_TRY(clean(g, context));
  if (options.fuse) {
    RLX_TRY(run_passes(kFuse, g, context));
    RLX_TRY(clean(g, context));
  }
  RLX_ASSIGN(context.devices, legalise(g, targets, report));
  RLX_TRY(clean(g, context));
  if (options.fuse) RLX_TRY(run_passes(kRegions, g, context));
  // Cleaning and regions may have made nodes that the device has not been asked about.
  RLX_ASSIGN(context.devices, legalise(g, targets, report));
  RLX_TRY(run_passes(std::span(kClean).last(1), g, context));
  RLX_TRY(verify(g));
  for (NodeId id = 0; id < g.node_count(); ++id)
    if (g.node(id).erased()) context.devices[id] = kNoDevice;
  report.nodes_after = live_nodes(g);
  report.optimise_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return Assigned{std::move(g), std::move(context.devices)};
}

}  // namespace rlx
