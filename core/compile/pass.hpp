// One rewriting of a graph. A pass leaves a valid graph behind and says how many things it changed; it never removes
// what has a side effect.
#pragma once

#include "compile/compiler.hpp"

#include <rlx/compile.hpp>
#include <rlx/session.hpp>

#include <functional>
#include <string_view>

namespace rlx {

struct PassContext {
  const CompileOptions& options;
  const Evaluator& evaluate;                                    // may be empty: then nothing is folded
  const std::function<bool(std::string_view op)>& supports_op;  // may be empty: no fused op is known
  CompileReport& report;
  // Of each node, as far as it was asked about: the device that runs it. No fusion reaches across devices.
  std::vector<uint32_t> devices = {};

  bool is_moved(NodeId id) const { return id < devices.size() && devices[id] != 0 && devices[id] != kNoDevice; }
  bool supports(std::string_view op) const { return supports_op && supports_op(op); }

  // Counts a fusion, or a pattern that was nearly one; the first hint is kept.
  void fused(std::string_view pattern) { entry(pattern).done++; }
  void missed(std::string_view pattern, std::string_view hint) {
    CompileReport::Fusion& f = entry(pattern);
    if (f.missed++ == 0) f.hint = hint;
  }

 private:
  CompileReport::Fusion& entry(std::string_view pattern) {
    for (CompileReport::Fusion& f : report.fusions)
      if (f.pattern == pattern) return f;
    report.fusions.push_back({std::string(pattern), 0, 0, {}});
    return report.fusions.back();
  }
};

struct Pass {
  std::string_view name;
  Result<size_t> (*run)(Graph& graph, PassContext& context);
};

// Each in a file of its name.
Result<size_t> canonicalise(Graph& graph, PassContext& context);
Result<size_t> fold_constants(Graph& graph, PassContext& context);
Result<size_t> eliminate_common(Graph& graph, PassContext& context);
Result<size_t> eliminate_dead(Graph& graph, PassContext& context);
Result<size_t> fuse_activation(Graph& graph, PassContext& context);
Result<size_t> fuse_norm(Graph& graph, PassContext& context);
Result<size_t> fuse_residual_norm(Graph& graph, PassContext& context);
Result<size_t> fuse_attention(Graph& graph, PassContext& context);
Result<size_t> fuse_conv(Graph& graph, PassContext& context);
Result<size_t> fuse_linear(Graph& graph, PassContext& context);
Result<size_t> fuse_swiglu(Graph& graph, PassContext& context);
Result<size_t> fuse_elementwise(Graph& graph, PassContext& context);

}  // namespace rlx
