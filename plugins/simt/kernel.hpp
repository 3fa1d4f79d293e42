// What a kernel is on the host: a claim and a function that turns a node into launches. A new kernel is device code,
// one file in kernels/ and one line in kernels.inc: query, compile and tests all read that list, so a claim cannot
// drift from the kernel behind it.
#pragma once

#include "emitter.hpp"

#include <rlx/sdk/claim.hpp>

#include <span>

namespace rlx::simt {

using sdk::Claim;
using sdk::NodeView;

struct KernelEntry {
  std::string_view op;
  Claim (*claim)(const NodeView&);
  void (*emit)(Emitter&, const NodeView&);  // only for nodes that it claims
};

// All kernels, best first per op.
std::span<const KernelEntry> kernel_entries();

// The first entry of the list that takes a node, and its claim; entry is NULL when none does, and then claim.reason
// says why.
struct Match {
  const KernelEntry* entry;
  Claim claim;
};
Match match_kernel(const NodeView& node);

}  // namespace rlx::simt
