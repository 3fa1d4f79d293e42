// In a file of its own: the JSON library is slow to compile.

#include <rlx/compile.hpp>

#include <nlohmann/json.hpp>

namespace rlx {

std::string CompileReport::json() const {
  using nlohmann::json;
  json op_list = json::array(), pass_list = json::array(), fusion_list = json::array(), segment_list = json::array();
  for (const Op& op : ops) {
    json& entry = op_list.emplace_back(
        json{{"op", op.op}, {"placement", name_of(op.placement)}, {"count", op.count}, {"reason", op.reason}});
    if (op.placement == Placement::kMoved) entry.update({{"device", op.device}, {"nodes", op.nodes}});
  }
  for (const Segment& s : segments)
    segment_list.push_back(
        {{"device", s.device}, {"nodes", s.nodes}, {"bytes_in", s.bytes_in}, {"bytes_out", s.bytes_out}});
  for (const Pass& p : passes)
    pass_list.push_back({{"name", p.name}, {"changes", p.changes}, {"milliseconds", p.milliseconds}});
  for (const Fusion& f : fusions)
    fusion_list.push_back({{"pattern", f.pattern}, {"done", f.done}, {"missed", f.missed}, {"hint", f.hint}});
  json report = {{"schema", 1},
                 {"device", device},
                 {"ops", op_list},
                 {"passes", pass_list},
                 {"fusions", fusion_list},
                 {"segments", segment_list},
                 {"nodes_before", nodes_before},
                 {"nodes_after", nodes_after},
                 {"kernel_count", kernel_count},
                 {"operand_bytes", operand_bytes},
                 {"weight_bytes", weight_bytes},
                 {"arena_bytes", arena_bytes},
                 {"arena_lower_bound", arena_lower_bound},
                 {"optimise_ms", optimise_ms},
                 {"compile_ms", compile_ms}};
  if (ordering) report.update({{"barriers", ordering->barriers}, {"dependencies", ordering->dependencies}});
  // Names come from model files and may be no UTF-8.
  return report.dump(1, ' ', false, json::error_handler_t::replace);
}

}  // namespace rlx
