// Reductions, scans and softmax.
#include "kernels/rows.hpp"

#include <algorithm>

namespace rlx::vulkan::kernels {

namespace {

struct Kind {
  std::string_view name;
  uint32_t number;
};

uint32_t reduction_of(const Plan& plan) {
  constexpr Kind kKinds[] = {{"sum", RLX_REDUCE_SUM},       {"mean", RLX_REDUCE_MEAN},
                             {"max", RLX_REDUCE_MAX},       {"min", RLX_REDUCE_MIN},
                             {"prod", RLX_REDUCE_PROD},     {"l1", RLX_REDUCE_L1},
                             {"l2", RLX_REDUCE_L2},         {"logsumexp", RLX_REDUCE_LOGSUMEXP},
                             {"sum_sq", RLX_REDUCE_SUM_SQ}, {"any", RLX_REDUCE_MAX},
                             {"all", RLX_REDUCE_MIN}};
  const std::string_view kind = plan.node.s("kind");
  const rlx_dtype dtype = plan.node.in(0).dtype;
  for (const Kind& k : kKinds) {
    if (k.name != kind) continue;
    const bool float_only = kind == "mean" || kind == "l2" || kind == "logsumexp";
    if (float_only && !is_float(dtype)) break;
    return k.number;
  }
  plan.refuse("no kernel for " + std::string(kind) + " of " + sdk::dtype_name(dtype));
}

void scan(Plan& plan, bool product) {
  plan.need_number(0);
  const sdk::NodeView& node = plan.node;
  gpu::ScanParams p{};
  put_rows(plan, p, node.in(0), static_cast<size_t>(node.i("axis")));
  p.product = product;
  p.exclusive = node.flag("exclusive");
  p.reverse = node.flag("reverse");
  const bool by_group = worth_a_group(p.rows, p.size);
  plan.dispatch({Shader::k_scan, {by_group}}, groups_of(p.rows, by_group), p,
                {{&p.src, node.input(0)}, {&p.dst, node.output(0), true}});
}

}  // namespace

void reduce(Plan& plan) {
  plan.need_number(0);
  const sdk::NodeView& node = plan.node;
  const rlx_tensor& x = node.in(0);
  const std::span<const int64_t> axes = node.ints("axes");
  const Strides own = row_major(sdk::dims(x));
  Layout layout{{}, std::vector<Strides>(1)};
  gpu::ReduceParams p{};
  p.kind = reduction_of(plan);
  p.outputs = plan.count_of(node.out());
  p.depth = 1;
  plan.count_of(x);
  for (const bool reduced : {false, true})
    for (size_t d = 0; d < x.rank; ++d) {
      if ((std::find(axes.begin(), axes.end(), static_cast<int64_t>(d)) != axes.end()) != reduced) continue;
      layout.dims.push_back(x.dims[d]);
      layout.strides[0].push_back(own[d]);
      if (reduced) p.depth *= static_cast<uint32_t>(x.dims[d]);
    }
  p.kept = static_cast<uint32_t>(layout.collapse(x.rank - axes.size()));
  p.rank = static_cast<uint32_t>(layout.rank());
  p.dtype = x.dtype;
  p.out_dtype = node.out().dtype;
  put(plan, p.dims, layout.dims);
  put(plan, p.strides, layout.strides[0]);
  p.by_group = worth_a_group(p.outputs, p.depth);
  plan.dispatch({Shader::k_reduce}, groups_of(p.outputs, p.by_group), p,
                {{&p.src, node.input(0)}, {&p.dst, node.output(0), true}});
}

void arg_reduce(Plan& plan) {
  plan.need_number(0);
  const sdk::NodeView& node = plan.node;
  gpu::ArgReduceParams p{};
  put_rows(plan, p, node.in(0), static_cast<size_t>(node.i("axis")));
  p.largest = node.s("kind") == "argmax";
  p.last = node.flag("last_index");
  p.by_group = worth_a_group(p.rows, p.size);
  plan.dispatch({Shader::k_arg_reduce}, groups_of(p.rows, p.by_group), p,
                {{&p.src, node.input(0)}, {&p.dst, node.output(0), true}});
}

void cumsum(Plan& plan) {
  scan(plan, false);
}

void cumprod(Plan& plan) {
  scan(plan, true);
}

void softmax(Plan& plan) {
  plan.need_float(0);
  const sdk::NodeView& node = plan.node;
  gpu::SoftmaxParams p{};
  put_rows(plan, p, node.in(0), static_cast<size_t>(node.i("axis")));
  p.logarithm = node.op() == "log_softmax";
  plan.dispatch({Shader::k_softmax}, Plan::groups_for(p.rows), p,
                {{&p.src, node.input(0)}, {&p.dst, node.output(0), true}});
  // A workgroup reads an element for the last time where it writes it.
  plan.may_overwrite(0);
}

void log_softmax(Plan& plan) {
  softmax(plan);
}

}  // namespace rlx::vulkan::kernels
