// Multiply-adds from shapes.

#include "work.hpp"

namespace rlx::tools {
namespace {

double elements(const Graph& g, ValueId v) {
  return static_cast<double>(g.shape(v).elements());
}

double node_flops(const Graph& g, const Node& n) {
  const auto op = n.op();
  if (op == "matmul") {
    const Shape& a = g.shape(n.inputs[0]);
    const size_t r = a.rank();
    const double k = r == 0 ? 1 : static_cast<double>(r == 1 ? a[0] : a[r - (n.attrs.flag("trans_a") ? 2 : 1)]);
    return 2 * elements(g, n.outputs[0]) * k;
  }
  if (op == "linear") {
    const Shape& x = g.shape(n.inputs[0]);
    return 2 * elements(g, n.outputs[0]) * static_cast<double>(x[x.rank() - 1]);
  }
  if (op == "conv" || op == "fused_conv_bias_act") {
    const Shape& w = g.shape(n.inputs[1]);
    return 2 * elements(g, n.outputs[0]) * elements(g, n.inputs[1]) / static_cast<double>(w[0]);
  }
  if (op == "conv_transpose") {
    const Shape& w = g.shape(n.inputs[1]);
    return 2 * elements(g, n.inputs[0]) * elements(g, n.inputs[1]) / static_cast<double>(w[0]);
  }
  if (op == "attention") {
    // Two products over the same three extents: heads x Sq x Sk x head_dim.
    const double rows = elements(g, n.inputs[0]) / static_cast<double>(n.attrs.i("head_dim", 1));
    const double keys = elements(g, n.inputs[1]) /
                        static_cast<double>(n.attrs.i("kv_heads", 1) * n.attrs.i("head_dim", 1)) /
                        static_cast<double>(g.shape(n.inputs[0])[0]);
    return 4 * rows * keys * static_cast<double>(n.attrs.i("head_dim", 1));
  }
  return 0;
}

}  // namespace

Work count_work(const Graph& graph) {
  Work work;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& n = graph.node(id);
    if (n.erased()) continue;
    work.flops += node_flops(graph, n);
    if (n.is("constant") || n.is("param")) work.weight_bytes += static_cast<double>(graph.type(n.outputs[0]).bytes());
  }
  for (ValueId v : graph.inputs()) work.io_bytes += static_cast<double>(graph.type(v).bytes());
  for (const GraphOutput& o : graph.outputs()) work.io_bytes += static_cast<double>(graph.type(o.value).bytes());
  return work;
}

}  // namespace rlx::tools
