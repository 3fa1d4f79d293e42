// The kernel list as a table.
#include "kernel.hpp"

namespace rlx::ref {

namespace kernels {
#define RLX_REF_KERNEL(op) void op(const Call&);
#include "kernels.inc"
#undef RLX_REF_KERNEL
}  // namespace kernels

namespace {

struct Entry {
  std::string_view op;
  Kernel kernel;
};

constexpr Entry kEntries[] = {
#define RLX_REF_KERNEL(op) {#op, kernels::op},
#include "kernels.inc"
#undef RLX_REF_KERNEL
};

}  // namespace

Kernel find_kernel(std::string_view op) {
  for (const Entry& entry : kEntries)
    if (entry.op == op) return entry.kernel;
  return nullptr;
}

std::string missing_kernel(const sdk::NodeView& node) {
  if (!find_kernel(node.op())) return "no reference kernel for this op";
  for (uint32_t r = 0; r < node.raw().region_count; ++r) {
    const rlx_region& body = node.region(r);
    for (uint64_t i = 0; i < body.node_count; ++i) {
      const sdk::NodeView inner = node.program().node(body, i);
      const std::string why = missing_kernel(inner);
      if (!why.empty()) return inner.label() + ": " + why;
    }
  }
  return {};
}

uint64_t Call::checked_index(int64_t value, uint64_t limit) const {
  const int64_t size = static_cast<int64_t>(limit);
  if (value < -size || value >= size)
    throw sdk::Error(RLX_OUT_OF_RANGE, node.label() + ": index " + std::to_string(value) + " out of range for size " +
                                           std::to_string(limit));
  return static_cast<uint64_t>(value < 0 ? value + size : value);
}

void Call::bad_attribute(std::string_view name, std::string_view value) const {
  throw sdk::Error(RLX_INVALID_ARGUMENT,
                   node.label() + ": " + std::string(name) + " has the unknown value '" + std::string(value) + "'");
}

}  // namespace rlx::ref
