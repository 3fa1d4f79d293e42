// reduce over any axes. Rows that are long and dense in memory take a block each, others a thread each.
#include "kernel.hpp"
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
  const bool dense = !reduced.dims.empty() && reduced.operands[0].back() == 1;
  const bool blocks = kind == "logsumexp" || (dense && reduced.count() >= kBlockRow);
  const std::string body = kind == "logsumexp" ? "reduce_logsumexp<" + type + ">"
                                               : std::string(blocks ? "reduce_blocks<" : "reduce_threads<") + type +
                                                     ", reduce_" + kind + "<" + type + ">>";
  auto launch = e.launch<::simt::ReduceParams>("reduce.hpp", body);
  launch.params.rows = kept.count();
  launch.params.count = reduced.count();
  launch.params.row_rank = put(kept, launch.params.row_dims, launch.params.row_strides);
  launch.params.rank = put(reduced, launch.params.dims, launch.params.strides);
  launch.point(launch.params.x, n.input(0));
  launch.point(launch.params.y, n.output(0));
  if (blocks)
    launch.rows(launch.params.rows, launch.params.count);
  else
    launch.threads(launch.params.rows);
}

}  // namespace rlx::simt::kernels
