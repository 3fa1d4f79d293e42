#include "compile/assign.hpp"

#include "program/views.hpp"
#include "status/format.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace rlx {
namespace {

using Level = NodeSupport::Level;

// Up to this size the fixed cost of a transfer outweighs the bytes: a counter that every layer reads must not pull the
// whole network off the device.
constexpr int64_t kSmallState = 4096;

std::string label(const Node& n) {
  return n.name.empty() ? std::string(n.op()) : fmt::format("{} '{}'", n.op(), n.name);
}

std::string_view reason_of(const NodeSupport& s) {
  return s.reason.empty() ? std::string_view("not supported") : std::string_view(s.reason);
}

class Assigner {
 public:
  Assigner(const Graph& g, Claims& claims) : g_(g), claims_(claims), devices_(g.node_count(), kNoDevice) {}

  Result<std::vector<uint32_t>> run(CompileReport& report) {
    RLX_TRY(place_nodes());
    if (claims_.device_count() > 1) {
      RLX_TRY(place_views());
      RLX_TRY(place_states());
    }
    RLX_TRY(tell(report));
    return std::move(devices_);
  }

 private:
  Status place_nodes() {
    RLX_ASSIGN(const std::span<const NodeSupport> first, claims_.of(0));
    std::vector<NodeId> refused;
    for (NodeId id = 0; id < g_.node_count(); ++id) {
      if (first[id].node == kNoNode) continue;
      devices_[id] = 0;
      if (first[id].level != Level::kNo) continue;
      RLX_ASSIGN(devices_[id], claims_.first_for({&id, 1}, 1));
      if (devices_[id] == kNoDevice) refused.push_back(id);
    }
    return refused.empty() ? Status() : refusal(refused);
  }

  Status refusal(const std::vector<NodeId>& refused) {
    const auto count = static_cast<uint32_t>(claims_.device_count());
    std::string list, names;
    for (uint32_t d = 0; d < count; ++d) names += (d ? ", " : "") + claims_.target(d).device;
    for (NodeId id : refused) {
      list += (list.empty() ? "" : "; ") + label(g_.node(id)) + ": ";
      for (uint32_t d = 0; d < count; ++d) {
        RLX_ASSIGN(const std::span<const NodeSupport> answers, claims_.of(d));
        if (count > 1) list += (d ? ", " : "") + claims_.target(d).device + ": ";
        list += reason_of(answers[id]);
      }
    }
    const std::string nodes = fmt::format("{} node{}: {}", refused.size(), refused.size() == 1 ? "" : "s", list);
    tl::unexpected<Error> error = count == 1
                                      ? fail(Code::kUnimplemented, "device {} cannot run {}", names, nodes)
                                      : fail(Code::kUnimplemented, "none of the devices {} can run {}", names, nodes);
    for (NodeId id : refused)
      if (g_.node(id).schema->flags & kOpCollective) error.value().remedy = "give the session a process group";
    return error;
  }

  // What only renames bytes runs nowhere: it goes with what makes the bytes, or, where they are a leaf, with what reads
  // them.
  Status place_views() {
    RLX_ASSIGN(const std::vector<NodeId> order, g_.order());
    const auto source = [&](NodeId id) { return g_.value(g_.node(id).inputs[0]).producer; };
    const auto is_view = [&](NodeId id) { return devices_[id] != kNoDevice && view_offset(g_, g_.node(id)); };
    for (size_t i = order.size(); i-- > 0;) {
      const std::vector<Use>* uses = is_view(order[i]) ? &g_.value(g_.node(order[i]).outputs[0]).uses : nullptr;
      if (uses && !uses->empty()) devices_[order[i]] = devices_[uses->front().node];
    }
    for (NodeId id : order)
      if (is_view(id) && devices_[source(id)] != kNoDevice) devices_[id] = devices_[source(id)];
    return {};
  }

  // What reads or writes a state, through views of it, too.
  std::vector<NodeId> members(ValueId state) const {
    std::vector<NodeId> nodes;
    std::vector<ValueId> aliases = {state};
    for (size_t i = 0; i < aliases.size(); ++i) {
      for (const Use& use : g_.value(aliases[i]).uses) {
        const Node& n = g_.node(use.node);
        if (std::find(nodes.begin(), nodes.end(), use.node) != nodes.end()) continue;
        nodes.push_back(use.node);
        if (use.input == 0 && (n.is("state_write") || view_offset(g_, n))) aliases.push_back(n.outputs[0]);
      }
    }
    return nodes;
  }

  // States that share a node pull on each other, so it goes on until nothing moves; nodes only move down the list.
  Status place_states() {
    for (bool moved = true; moved;) {
      moved = false;
      for (NodeId id = 0; id < g_.node_count(); ++id) {
        const Node& n = g_.node(id);
        if (n.is("state") && g_.type(n.outputs[0]).bytes() > kSmallState) {
          RLX_ASSIGN(const bool now, pull_together(n));
          moved = moved || now;
        }
      }
    }
    return {};
  }

  Result<bool> pull_together(const Node& state) {
    const std::vector<NodeId> nodes = members(state.outputs[0]);
    uint32_t lowest = kNoDevice, highest = 0;
    for (NodeId id : nodes) {
      lowest = std::min(lowest, devices_[id]);
      highest = std::max(highest, devices_[id]);
    }
    if (nodes.empty() || lowest == highest) return false;
    RLX_ASSIGN(const uint32_t device, claims_.first_for(nodes, highest));
    if (device == kNoDevice) return false;
    for (NodeId id : nodes) {
      if (devices_[id] == device) continue;
      devices_[id] = device;
      pulled_[id] = fmt::format("state '{}' is used there", state.attrs.str("name"));
    }
    return true;
  }

  Status tell(CompileReport& report) {
    std::map<std::tuple<std::string_view, Placement, uint32_t>, CompileReport::Op> ops;
    RLX_ASSIGN(const std::span<const NodeSupport> first, claims_.of(0));
    for (NodeId id = 0; id < g_.node_count(); ++id) {
      if (devices_[id] == kNoDevice) continue;
      const Node& n = g_.node(id);
      const bool slow = first[id].level == Level::kSlow, stays = devices_[id] == 0 || view_offset(g_, n);
      const Placement placement = !stays ? Placement::kMoved : slow ? Placement::kSlow : Placement::kNative;
      CompileReport::Op& op = ops[{n.op(), placement, stays ? 0 : devices_[id]}];
      op.op = n.op();
      op.placement = placement;
      ++op.count;
      const auto pulled = pulled_.find(id);
      if (op.reason.empty()) op.reason = pulled == pulled_.end() ? first[id].reason : pulled->second;
      if (stays) continue;
      op.device = claims_.target(devices_[id]).device;
      op.nodes.push_back(n.name.empty() ? fmt::format("node {}", id) : n.name);
    }
    for (auto& [key, op] : ops) report.ops.push_back(std::move(op));
    return {};
  }

  const Graph& g_;
  Claims& claims_;
  std::vector<uint32_t> devices_;
  std::map<NodeId, std::string> pulled_;  // moved for the sake of a state
};

}  // namespace

Result<std::vector<uint32_t>> assign_devices(const Graph& graph, Claims& claims, CompileReport& report) {
  return Assigner(graph, claims).run(report);
}

}  // namespace rlx
