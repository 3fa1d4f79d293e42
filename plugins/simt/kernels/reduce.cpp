// reduce over any axes. Rows that are long and dense in memory take a block each, others a thread each; a few long ones
// are cut into parts.
#include "kernel.hpp"
#include "row_parts.hpp"
#include "strides.hpp"

namespace rlx::simt::kernels {

namespace {

// From here on a row has work for the threads of a block.
constexpr uint64_t kBlockRow = 64;

bool is_reduced(const NodeView& n, uint32_t axis) {
  const auto axes = n.ints("axes");
  return std::find(axes.begin(), axes.end(), static_cast<int64_t>(axis)) != axes.end();
}

template <size_t kRank>
uint32_t put(Space& space, uint64_t (&dims)[kRank], int64_t (&strides)[kRank]) {
  space.collapse();
  for (size_t i = 0; i < space.dims.size(); ++i) {
    dims[i] = space.dims[i];
    strides[i] = space.operands[0][i];
  }
  return static_cast<uint32_t>(space.dims.size());
}

}  // namespace

Claim claim_reduce(const NodeView&) {
  return Claim::native();
}

void emit_reduce(Emitter& e, const NodeView& n) {
  const rlx_tensor& x = n.in(0);
  const Strides strides = row_major(x);
  Space kept{{}, {{}}}, reduced{{}, {{}}};
  for (uint32_t i = 0; i < x.rank; ++i) {
    Space& space = is_reduced(n, i) ? reduced : kept;
    space.dims.push_back(x.dims[i]);
    space.operands[0].push_back(strides[i]);
  }
  const std::string kind(n.s("kind")), type = type_name(x.dtype);
  const bool is_log = kind == "logsumexp";
  const bool dense = !reduced.dims.empty() && reduced.operands[0].back() == 1;
  const RowPlan plan(e.geometry(), kept.count(), reduced.count(), is_log || (dense && reduced.count() >= kBlockRow));
  // Of logsumexp two values, none of more than 8 bytes.
  constexpr uint64_t kPartBytes = 16;
  const auto add = [&](const std::string& kernel, auto end) {
    auto launch = e.launch<::simt::ReduceParams>(
        "reduce.hpp", kernel + "<" + type + (is_log ? ">" : ", reduce_" + kind + "<" + type + ">>"));
    launch.params.rows = plan.part.rows;
    launch.params.count = plan.part.size;
    launch.params.parts = plan.part.parts;
    launch.params.part_size = plan.part.part_size;
    launch.params.row_rank = put(kept, launch.params.row_dims, launch.params.row_strides);
    launch.params.rank = put(reduced, launch.params.dims, launch.params.strides);
    launch.point(launch.params.x, n.input(0));
    launch.point(launch.params.y, n.output(0));
    if (plan.part.parts > 1) launch.point_to_scratch(launch.params.partial, plan.of_all_parts(kPartBytes));
    end(launch);
  };
  const uint64_t work = plan.part.rows * plan.part.parts;
  if (plan.blocks)
    add(is_log ? "reduce_logsumexp" : "reduce_blocks", [&](auto& launch) { launch.rows(work, plan.part.size); });
  else
    add("reduce_threads", [&](auto& launch) { launch.threads(work); });
  if (plan.part.parts > 1)
    add(is_log ? "join_logsumexp" : "reduce_join", [&](auto& launch) { launch.threads(plan.part.rows); });
}

}  // namespace rlx::simt::kernels
