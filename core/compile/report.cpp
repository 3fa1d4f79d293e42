// The compile report as text and JSON.

#include <rlx/compile.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rlx {

std::string_view name_of(Placement placement) {
  switch (placement) {
    case Placement::kNative:
      return "native";
    case Placement::kSlow:
      return "slow";
    case Placement::kDecomposed:
      return "decomposed";
    case Placement::kMoved:
      return "moved";
    case Placement::kUnsupported:
      return "unsupported";
  }
  return "?";
}

std::string CompileReport::text() const {
  std::string s = fmt::format("report   device {}: {} nodes became {}\n", device, nodes_before, nodes_after);
  for (const Op& op : ops) {
    s += fmt::format("  {:<11} {:>5} x {}", name_of(op.placement), op.count, op.op);
    if (!op.device.empty()) s += fmt::format(" to {}: {}", op.device, fmt::join(op.nodes, ", "));
    s += op.reason.empty() ? "\n" : " (" + op.reason + ")\n";
  }
  for (size_t i = 0; i < segments.size(); ++i)
    s += fmt::format("  segment {} on {}: {} nodes, {:.2f} MiB from and {:.2f} MiB to other segments\n", i + 1,
                     segments[i].device, segments[i].nodes, static_cast<double>(segments[i].bytes_in) / 0x1p20,
                     static_cast<double>(segments[i].bytes_out) / 0x1p20);
  for (const Fusion& f : fusions) {
    s += fmt::format("  fused {:>5} x {}", f.done, f.pattern);
    if (f.missed > 0) s += fmt::format(", missed {}: {}", f.missed, f.hint);
    s += "\n";
  }
  for (const Pass& p : passes)
    if (p.changes > 0 || p.milliseconds >= 1)
      s += fmt::format("  pass {:<24} {:>5} changes {:>8.2f} ms\n", p.name, p.changes, p.milliseconds);
  const double ratio =
      arena_lower_bound ? static_cast<double>(arena_bytes) / static_cast<double>(arena_lower_bound) : 1;
  s += fmt::format("  weights {:.2f} MiB, arena {:.2f} MiB (lower bound {:.2f} MiB, ratio {:.3f})\n",
                   static_cast<double>(weight_bytes) / 0x1p20, static_cast<double>(arena_bytes) / 0x1p20,
                   static_cast<double>(arena_lower_bound) / 0x1p20, ratio);
  s += fmt::format("  {} launches", kernel_count);
  if (operand_bytes > 0) s += fmt::format(" over operands of {:.2f} MB", static_cast<double>(operand_bytes) / 1e6);
  if (ordering) s += fmt::format(", {} barriers for {} dependencies", ordering->barriers, ordering->dependencies);
  s += "\n";
  s += fmt::format("  optimise {:.1f} ms, compile {:.1f} ms\n", optimise_ms, compile_ms);
  return s;
}

}  // namespace rlx
