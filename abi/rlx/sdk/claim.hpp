// What a kernel says to a node, and the answer to query made of it. For plugins whose kernels come from a list that
// query and compile both read.
#pragma once

#include <rlx/sdk/program_view.hpp>

#include <rlx/device.h>

#include <cstdint>
#include <string>
#include <utility>

namespace rlx::sdk {

struct Claim {
  uint32_t level = RLX_SUPPORT_NATIVE;  // RLX_SUPPORT_*
  uint32_t overwrites = 0;              // bit i: output 0 may lie in the memory of input i (same size, dies here)
  std::string reason;                   // without the op's name: "dtype i8 not supported"

  static Claim native(uint32_t overwrites = 0) { return {RLX_SUPPORT_NATIVE, overwrites, {}}; }
  static Claim slow(std::string why, uint32_t overwrites = 0) { return {RLX_SUPPORT_SLOW, overwrites, std::move(why)}; }
  static Claim no(std::string why) { return {RLX_SUPPORT_NO, 0, std::move(why)}; }
};

// Fills the answers of device.query: claim_of(node) for each node of the main region. Throws INVALID_ARGUMENT when
// there is no room for as many answers as nodes.
template <typename ClaimOf>
void answer_query(const rlx_host_v1& host, const rlx_program& program, rlx_node_support* out_support,
                  uint64_t support_count, ClaimOf&& claim_of) {
  const ProgramView view(program);
  const rlx_region& main = view.main();
  if (support_count != main.node_count)
    throw Error(RLX_INVALID_ARGUMENT, "query: room for " + std::to_string(support_count) + " answers, program has " +
                                          std::to_string(main.node_count) + " nodes");
  for (uint64_t i = 0; i < main.node_count; ++i) {
    const NodeView node = view.node(main, i);
    const Claim claim = claim_of(node);
    out_support[i].level = claim.level;
    out_support[i].overwrites = claim.overwrites;
    if (claim.level != RLX_SUPPORT_NATIVE)
      out_support[i].reason = make_status(host, RLX_UNIMPLEMENTED, std::string(node.op()) + ": " + claim.reason);
  }
}

}  // namespace rlx::sdk
