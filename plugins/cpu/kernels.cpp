// The kernel list as a table, and the one place that decides which kernel runs a node.
#include "kernel.hpp"

namespace rlx::cpu {

namespace kernels {
#define RLX_CPU_KERNEL(op, id, policy)               \
  Claim claim_##id(const NodeView&, const CpuInfo&); \
  std::unique_ptr<Kernel> make_##id(MakeContext&);
#include "kernels.inc"
#include "reference.inc"
#undef RLX_CPU_KERNEL
}  // namespace kernels

namespace {
constexpr KernelEntry kEntries[] = {
#define RLX_CPU_KERNEL(op, id, policy) {op, kernels::claim_##id, kernels::make_##id, LayoutPolicy::policy},
#include "kernels.inc"
#include "reference.inc"
#undef RLX_CPU_KERNEL
};
}  // namespace

std::span<const KernelEntry> kernel_entries() {
  return kEntries;
}

Match match_kernel(const NodeView& node, const CpuInfo& cpu, const KernelEntry* after) {
  Match best{nullptr, Claim::no("no kernel for this op on the CPU")};
  for (const KernelEntry& entry : kEntries) {
    if (entry.op != node.op() || (after && &entry <= after)) continue;
    best.claim = entry.claim(node, cpu);
    if (best.claim.level != RLX_SUPPORT_NO) {
      best.entry = &entry;
      break;
    }
  }
  return best;
}

bool MakeContext::is_weight(uint32_t i) const {
  if (!node.has_input(i)) return false;
  const rlx_tensor* t = &node.in(i);
  if (t->view_of != RLX_NO_INDEX) t = &node.program().tensor(t->view_of);
  return t->role == RLX_ROLE_PARAM || t->role == RLX_ROLE_CONSTANT;
}

}  // namespace rlx::cpu
