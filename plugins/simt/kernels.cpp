// The kernel list as a table, and the one place that decides which kernel runs a node.
#include "kernel.hpp"

namespace rlx::simt {

namespace kernels {
#define SIMT_KERNEL(op, id)          \
  Claim claim_##id(const NodeView&); \
  void emit_##id(Emitter&, const NodeView&);
#include "kernels.inc"
#undef SIMT_KERNEL
}  // namespace kernels

namespace {
constexpr KernelEntry kEntries[] = {
#define SIMT_KERNEL(op, id) {op, kernels::claim_##id, kernels::emit_##id},
#include "kernels.inc"
#undef SIMT_KERNEL
};
}  // namespace

std::span<const KernelEntry> kernel_entries() {
  return kEntries;
}

Match match_kernel(const NodeView& node) {
  Match best{nullptr, Claim::no("no kernel for this op on GPUs")};
  for (const KernelEntry& entry : kEntries) {
    if (entry.op != node.op()) continue;
    best.claim = entry.claim(node);
    if (best.claim.level != RLX_SUPPORT_NO) {
      best.entry = &entry;
      break;
    }
  }
  return best;
}

}  // namespace rlx::simt
