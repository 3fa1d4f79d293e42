#include "runtime/build.hpp"

#include "plugin/abi_call.hpp"
#include "program/default_plan.hpp"
#include "program/lower.hpp"
#include "program/views.hpp"
#include "runtime/partition.hpp"
#include "runtime/target.hpp"

#include <rlx/sdk/error.hpp>

#include <chrono>

namespace rlx {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

std::string label(const rlx_node& node) {
  const std::string op(sdk::view(node.op));
  return node.name.size ? op + " '" + std::string(sdk::view(node.name)) + "'" : op;
}

// One line for each different reason, so that a large graph gives a short message.
Status check_support(const Device& device, const Program& program, const Support& support) {
  std::vector<std::pair<std::string, std::pair<std::string, size_t>>> refused;  // op: reason -> first node, count
  for (size_t i = 0; i < support.nodes.size(); ++i) {
    if (support.nodes[i].level != RLX_SUPPORT_NO) continue;
    const rlx_node& node = program.nodes()[i];
    const std::string reason = support.reasons[i].empty() ? "no kernel" : support.reasons[i];
    const std::string key = std::string(sdk::view(node.op)) + ": " + reason;
    bool known = false;
    for (auto& [k, first] : refused) {
      if (k != key) continue;
      ++first.second;
      known = true;
    }
    if (!known) refused.push_back({key, {label(node), 1}});
  }
  if (refused.empty()) return {};
  std::string text = device.id() + " cannot run";
  for (const auto& [key, first] : refused) {
    text += (&key == &refused.front().first ? " " : "; ") + first.first;
    if (first.second > 1) text += " and " + std::to_string(first.second - 1) + " more";
    text += key.substr(key.find(": "));
  }
  return error(Code::kUnimplemented, text, "choose another device");
}

tl::unexpected<Error> nothing_stays(const Device& device, const CompileReport& report) {
  std::string ops;
  for (const CompileReport::Op& op : report.ops)
    if (op.placement == Placement::kMoved) ops += (ops.empty() ? "" : "; ") + op.op + ": " + op.reason;
  return error(Code::kUnimplemented, device.id() + " can run no part of the program: " + ops,
               "choose another device, or list those that may run it all");
}

}  // namespace

Result<Support> query_support(const DeviceImpl& device, const Program& program) {
  Support support;
  support.nodes.resize(program.nodes().size());
  support.reasons.resize(support.nodes.size());
  const Status asked = plugin::call("query", device.device_table.query, device.handle, &program.raw(),
                                    support.nodes.data(), uint64_t{support.nodes.size()});
  for (size_t i = 0; i < support.nodes.size(); ++i) {
    const Status reason = plugin::to_status(support.nodes[i].reason);
    support.nodes[i].reason = nullptr;
    if (!reason) support.reasons[i] = reason.error().message;
  }
  if (!asked) return with_context(asked.error(), "query");
  return support;
}

Result<std::shared_ptr<ExecutableImpl>> build_executable(Graph graph, const BuildRequest& request) {
  CompileReport report;
  report.device = request.device.id();
  if (request.progress) request.progress("optimise", 0, 0);
  if (!request.optimise) return build_for_device(graph, request, std::move(report));
  std::vector<Target> targets;
  const Evaluator evaluate = request.options.fold_constants ? request.evaluate : Evaluator();
  targets.push_back(make_target(request.device, evaluate));
  for (const Device& d : request.fallback) targets.push_back(make_target(d, evaluate));
  RLX_ASSIGN(const Assigned assigned, optimise_over(std::move(graph), request.options, targets, report));
  bool stays = false, moves = false;
  for (NodeId id = 0; id < assigned.devices.size(); ++id) {
    if (assigned.devices[id] == kNoDevice) continue;
    moves = moves || assigned.devices[id] != 0;
    const Node& node = assigned.graph.node(id);
    // A collective runs on the group whatever device was chosen.
    stays = stays || (node.schema->flags & kOpCollective) ||
            (assigned.devices[id] == 0 && !view_offset(assigned.graph, node));
  }
  if (!moves) return build_for_device(assigned.graph, request, std::move(report));
  if (!stays && !request.may_move_all) return nothing_stays(request.device, report);
  return build_partition(assigned, request, std::move(report));
}

Result<std::shared_ptr<ExecutableImpl>> build_for_device(const Graph& graph, const BuildRequest& request,
                                                         CompileReport report) {
  const auto progress = [&](std::string_view phase, uint64_t done, uint64_t total) {
    if (request.progress) request.progress(phase, done, total);
  };
  const DeviceImpl& device = *request.device.impl();
  const auto begin = Clock::now();
  RLX_ASSIGN(Lowered lowered, lower(graph));
  RLX_ASSIGN(const Support support, query_support(device, lowered.program));
  RLX_TRY(check_support(request.device, lowered.program, support));
  RLX_TRY(plan_arena(lowered.program, support.nodes));
  report.arena_bytes = lowered.program.raw().arena_bytes;
  report.arena_lower_bound = lowered.program.raw().arena_lower_bound;

  progress("compile", 0, 0);
  auto executable = std::make_shared<ExecutableImpl>(request.device, std::move(lowered.program), request.progress);
  rlx_compile_options options{};
  options.struct_size = sizeof options;
  options.threads = request.options.threads;
  rlx_ext_precision precision{{sizeof precision, RLX_EXT_PRECISION, 0, 0, executable->progress_extension()}, 0, 0};
  precision.f32_products = request.options.f32_products == Precision::kTf32 ? RLX_F32_TF32 : RLX_F32_FULL;
  options.next = &precision.ext;
  RLX_TRY(plugin::call("compile", device.executable_table.compile, device.handle, &executable->program.raw(), &options,
                       &executable->handle));
  report.compile_ms = ms_since(begin);
  executable->set_report(std::move(report));
  progress("compile", 1, 1);
  return executable;
}

}  // namespace rlx
