// Program to schedule: one step per node, plus the reorders between kernels that want different layouts, plus the
// copies that commit states which could not be updated in place.
#include "schedule.hpp"

#include "kernels/state_write.hpp"
#include "reorder.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace rlx::cpu {

using sdk::Error;
using sdk::ProgramView;

namespace {

class Compiler {
 public:
  Compiler(const rlx_program& program, const CpuInfo& cpu, unsigned threads)
      : program_(program), cpu_(cpu), threads_(threads) {}

  Schedule compile() {
    collect_tensors();
    const rlx_region& main = program_.main();
    for (uint64_t i = 0; i < main.node_count; ++i) add_node(program_.node(main, i), i);
    for (const auto& [state, value] : commits_)
      add_step("state_write", make_state_commit(tensors()[state].bytes), value, state);
    plan_arena(schedule_);
    return std::move(schedule_);
  }

 private:
  std::vector<TensorPlan>& tensors() { return schedule_.tensors; }

  void collect_tensors() {
    const uint64_t count = program_.tensor_count();
    tensors().resize(count);
    viewed_.resize(count);
    for (uint32_t i = 0; i < count; ++i) {
      const rlx_tensor& t = program_.tensor(i);
      TensorPlan& p = tensors()[i];
      p.desc = t;
      p.name = std::string(sdk::view(t.name));
      p.desc.name = {};
      p.desc.data = nullptr;
      p.root = t.view_of == RLX_NO_INDEX ? i : t.view_of;
      p.root_offset = t.view_of == RLX_NO_INDEX ? 0 : t.view_offset;
      p.bytes = t.size_bytes;
      if (t.view_of != RLX_NO_INDEX) viewed_[t.view_of] = true;
    }
    const rlx_region& main = program_.main();
    schedule_.inputs.assign(main.inputs, main.inputs + main.input_count);
    schedule_.outputs.assign(main.outputs, main.outputs + main.output_count);
    for (uint32_t i = 0; i < count; ++i) {
      if (tensors()[i].desc.role == RLX_ROLE_STATE && tensors()[i].root == i) schedule_.states.push_back(i);
      if (tensors()[i].desc.role != RLX_ROLE_TEMPORARY) use(i);
    }
    for (uint64_t n = 0; n < main.node_count; ++n) {
      const NodeView node = program_.node(main, n);
      for (uint32_t i = 0; i < node.input_count(); ++i)
        if (node.has_input(i)) {
          use(node.input(i));
          last_reader_[tensors()[node.input(i)].root] = n;
        }
      for (uint32_t i = 0; i < node.output_count(); ++i) use(node.output(i));
    }
  }

  void use(uint32_t tensor) {
    tensors()[tensor].in_main = true;
    tensors()[tensors()[tensor].root].in_main = true;
  }

  void add_node(const NodeView& node, uint64_t position) {
    Match match = match_kernel(node, cpu_);
    if (!match.entry) throw Error(RLX_UNIMPLEMENTED, node.label() + ": " + match.claim.reason);
    if (node.op() == "state_write") place_state_write(node, position);

    std::vector<Layout> have(node.input_count(), Layout::kPlain), want, out;
    for (uint32_t i = 0; i < node.input_count(); ++i)
      if (node.has_input(i)) have[i] = preferred_layout(node.input(i));
    std::unique_ptr<Kernel> kernel;
    while (!kernel) {
      if (!match.entry) throw Error(RLX_INTERNAL, node.label() + ": every kernel left it to the next");
      want = wanted_layouts(node, match.entry->layouts, have);
      out.assign(node.output_count(), common_layout(node, match.entry->layouts, have));
      MakeContext make{node, cpu_, threads_, want, out};
      kernel = match.entry->make(make);
      if (!kernel) match = match_kernel(node, cpu_, match.entry);
    }
    std::vector<uint32_t> sources(node.input_count(), RLX_NO_INDEX);
    for (uint32_t i = 0; i < node.input_count(); ++i)
      if (node.has_input(i)) sources[i] = in_layout(node.input(i), same_bytes(node.in(i), want[i]));
    for (uint32_t i = 0; i < node.output_count(); ++i) out[i] = same_bytes(node.out(i), out[i]);

    Step step;
    step.kernel = std::move(kernel);
    step.op = std::string(node.op());
    step.node = std::string(node.name());
    step.inputs = std::move(sources);
    step.overwrites = match.claim.overwrites;
    step.scratch_bytes = step.kernel->scratch_bytes(threads_);
    std::vector<std::pair<uint32_t, uint32_t>> to_plain;
    for (uint32_t i = 0; i < node.output_count(); ++i) {
      const uint32_t t = node.output(i);
      uint32_t target = t;
      if (out[i] != Layout::kPlain && must_be_plain(t)) {
        target = add_copy(t, out[i]);
        to_plain.emplace_back(target, t);
      } else {
        set_layout(t, out[i]);
      }
      copies_[{t, out[i]}] = target;
      preferred_[t] = out[i];
      step.outputs.push_back(target);
    }
    schedule_.steps.push_back(std::move(step));
    for (const auto& [from, to] : to_plain) {
      add_step("reorder", make_reorder(tensors()[to].desc, tensors()[from].layout, Layout::kPlain), from, to);
      copies_[{to, Layout::kPlain}] = to;
    }
  }

  // A single pixel in a dense layout has the bytes of the row-major tensor.
  static Layout same_bytes(const rlx_tensor& t, Layout layout) {
    uint64_t pixels = 1;
    for (uint32_t i = 2; i < t.rank; ++i) pixels *= t.dims[i];
    return pixels == 1 && is_dense(t, layout) ? Layout::kPlain : layout;
  }

  // What the inputs are in when make() is asked.
  std::vector<Layout> wanted_layouts(const NodeView& node, LayoutPolicy policy, const std::vector<Layout>& have) const {
    if (policy == LayoutPolicy::kChooses) return have;
    std::vector<Layout> want(have.size(), Layout::kPlain);
    const Layout common = common_layout(node, policy, have);
    for (uint32_t i = 0; i < node.input_count(); ++i)
      if (node.has_input(i) && (policy == LayoutPolicy::kJoins || sdk::elements(node.in(i)) != 1)) want[i] = common;
    return want;
  }

  // Flat kernels follow the first operand that is not row-major, joining ones the layout of most of their bytes, when
  // every operand can come along.
  Layout common_layout(const NodeView& node, LayoutPolicy policy, const std::vector<Layout>& have) const {
    if (policy != LayoutPolicy::kFlat && policy != LayoutPolicy::kJoins) return Layout::kPlain;
    const bool joins = policy == LayoutPolicy::kJoins;
    if (joins && node.i("axis") != 1) return Layout::kPlain;
    Layout common = Layout::kPlain;
    std::map<Layout, uint64_t> bytes;
    auto follows = [&](uint32_t i) { return node.has_input(i) && (joins || sdk::elements(node.in(i)) != 1); };
    for (uint32_t i = 0; i < node.input_count(); ++i) {
      if (!follows(i)) continue;
      if (!joins && !same_shape(node.in(i), node.out())) return Layout::kPlain;
      if (common == Layout::kPlain) common = have[i];
      bytes[have[i]] += node.in(i).size_bytes;
    }
    if (joins && !bytes.empty())
      common = std::max_element(bytes.begin(), bytes.end(), [](const auto& a, const auto& b) {
                 return a.second < b.second;
               })->first;
    if (common == Layout::kPlain) return Layout::kPlain;
    for (uint32_t i = 0; i < node.output_count(); ++i)
      if (node.out(i).rank != node.out().rank || !is_dense(node.out(i), common) || !can_reorder(node.out(i)))
        return Layout::kPlain;
    for (uint32_t i = 0; i < node.input_count(); ++i)
      if (follows(i) && (!is_dense(node.in(i), common) || (have[i] != common && !can_reorder(node.in(i)))))
        return Layout::kPlain;
    return common;
  }

  static bool same_shape(const rlx_tensor& a, const rlx_tensor& b) {
    return a.rank == b.rank && std::equal(a.dims, a.dims + a.rank, b.dims);
  }

  Layout preferred_layout(uint32_t tensor) const {
    const auto it = preferred_.find(tensor);
    return it == preferred_.end() ? Layout::kPlain : it->second;
  }

  // The caller and views see bytes in the program's order.
  bool must_be_plain(uint32_t t) const {
    return viewed_[t] || schedule_.tensors[t].root != t || (schedule_.tensors[t].desc.flags & RLX_TENSOR_OUTPUT);
  }

  void set_layout(uint32_t t, Layout layout) {
    tensors()[t].layout = layout;
    if (layout != Layout::kPlain) tensors()[t].bytes = layout_bytes(tensors()[t].desc, layout);
  }

  // A tensor that holds t's elements in a layout; adds the reorder when there is none yet.
  uint32_t in_layout(uint32_t t, Layout layout) {
    const auto known = copies_.find({t, layout});
    if (known != copies_.end()) return known->second;
    const Layout from_layout = preferred_layout(t);
    if (from_layout == layout) return t;
    const uint32_t from = from_layout == Layout::kPlain ? t : copies_.at({t, from_layout});
    const uint32_t copy = add_copy(t, layout);
    add_step("reorder", make_reorder(tensors()[t].desc, from_layout, layout), from, copy);
    copies_[{t, layout}] = copy;
    return copy;
  }

  uint32_t add_copy(uint32_t of, Layout layout) {
    const uint32_t id = static_cast<uint32_t>(tensors().size());
    TensorPlan copy;
    copy.desc = tensors()[of].desc;
    copy.desc.role = RLX_ROLE_TEMPORARY;
    copy.desc.flags = 0;
    copy.desc.view_of = RLX_NO_INDEX;
    copy.root = id;
    copy.in_main = true;
    copy.bytes = copy.desc.size_bytes;
    tensors().push_back(std::move(copy));
    set_layout(id, layout);
    return id;
  }

  void add_step(const char* op, std::unique_ptr<Kernel> kernel, uint32_t from, uint32_t to) {
    Step step;
    step.op = op;
    step.kernel = std::move(kernel);
    step.inputs = {from};
    step.outputs = {to};
    step.scratch_bytes = step.kernel->scratch_bytes(threads_);
    schedule_.steps.push_back(std::move(step));
  }

  // The state is updated in place when nobody reads its old value later and the value after the write may live in it;
  // otherwise a copy at the end of the run commits the new value.
  void place_state_write(const NodeView& node, uint64_t position) {
    const uint32_t state = tensors()[node.input(0)].root, value = node.output(0);
    TensorPlan& out = tensors()[value];
    const bool read_later = last_reader_[state] > position;
    const bool own_memory = out.root == value && !(out.desc.flags & RLX_TENSOR_OUTPUT);
    if (out.root == state) return;
    if (read_later || !own_memory) {
      commits_.emplace_back(state, value);
      return;
    }
    for (uint32_t i = 0; i < program_.tensor_count(); ++i)
      if (tensors()[i].root == value) tensors()[i].root = state;
    viewed_[state] = true;
  }

  ProgramView program_;
  const CpuInfo& cpu_;
  unsigned threads_;
  Schedule schedule_;
  std::vector<bool> viewed_;
  std::map<uint32_t, uint64_t> last_reader_;                // of a root: position of the last node
  std::map<std::pair<uint32_t, Layout>, uint32_t> copies_;  // where a tensor's elements are in a layout
  std::map<uint32_t, Layout> preferred_;                    // the layout its producer wrote
  std::vector<std::pair<uint32_t, uint32_t>> commits_;      // state, new value
};

}  // namespace

uint64_t Schedule::operand_bytes(const Step& step) const {
  uint64_t bytes = 0;
  for (const std::vector<uint32_t>* list : {&step.inputs, &step.outputs})
    for (const uint32_t t : *list) bytes += t == RLX_NO_INDEX ? 0 : tensors[t].bytes;
  return bytes;
}

Schedule compile_schedule(const rlx_program& program, const CpuInfo& cpu, unsigned threads) {
  return Compiler(program, cpu, threads).compile();
}

}  // namespace rlx::cpu
