// Which algorithm when. The thresholds are where the curves of `rlx-bench collective` cross; docs/performance.md has
// machine and date.
#include "collective/group.hpp"

#include <rlx/sdk/convert.hpp>

#include <algorithm>

namespace rlx {

std::string_view name_of(Reduction reduction) {
  constexpr std::string_view kNames[] = {"?", "sum", "prod", "min", "max", "mean", "and", "or"};
  const auto at = static_cast<size_t>(reduction);
  return kNames[at < std::size(kNames) ? at : 0];
}

std::string_view name_of(Algorithm algorithm) {
  constexpr std::string_view kNames[] = {"auto", "flat",  "doubling", "halving", "ring",
                                         "tree", "chain", "direct",   "native",  "staged"};
  const auto at = static_cast<size_t>(algorithm);
  return at < std::size(kNames) ? kNames[at] : "?";
}

namespace collective {

namespace {
// Up to here a message is on its way before it is worth asking where buffers are.
constexpr uint64_t kDirectFrom = 8192;
constexpr uint64_t kFlatUpTo = 8192, kDoublingUpTo = 16384, kHalvingUpTo = 262144;
// From here on a copy into the own heap costs less than sending every byte.
constexpr uint64_t kStagedFrom = 32768;
}  // namespace

Result<Algorithm> choose(std::string_view name, Algorithm asked, std::span<const Algorithm> possible,
                         Algorithm automatic) {
  if (asked == Algorithm::kAuto) return automatic;
  if (std::find(possible.begin(), possible.end(), asked) != possible.end()) return asked;
  std::string list;
  for (const Algorithm a : possible) list += (list.empty() ? "" : ", ") + std::string(name_of(a));
  return fail(Code::kInvalidArgument, "{}: there is no algorithm '{}'; there are {}", name, name_of(asked), list);
}

Algorithm choose_all_reduce_by_wire(const Wire& wire, uint32_t ranks, uint64_t bytes) {
  if (wire.all_mapped() && bytes >= kStagedFrom) return Algorithm::kStaged;
  if (bytes * (ranks - 1) <= kFlatUpTo) return Algorithm::kFlat;
  if (bytes <= kDoublingUpTo) return Algorithm::kDoubling;
  return bytes <= kHalvingUpTo ? Algorithm::kHalving : Algorithm::kRing;
}

Algorithm choose_all_reduce(const Wire& wire, uint32_t ranks, uint64_t bytes) {
  if (wire.all_mapped() && bytes >= kDirectFrom) return Algorithm::kDirect;
  return choose_all_reduce_by_wire(wire, ranks, bytes);
}

Widened::Widened(const Fold& how, const void* src, uint64_t count) : how_(how), values_(count) {
  sdk::convert(static_cast<rlx_dtype>(how.dtype), src, RLX_DTYPE_F32, values_.data(), count);
}

void Widened::narrow(void* dst) const {
  sdk::convert(RLX_DTYPE_F32, values_.data(), static_cast<rlx_dtype>(how_.dtype), dst, values_.size());
}

}  // namespace collective
}  // namespace rlx
