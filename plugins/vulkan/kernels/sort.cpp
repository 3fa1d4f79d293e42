// sort and top_k: a pass over chunks in shared memory, then passes that merge runs, or that choose again among what
// each chunk has kept.
#include "kernels/rows.hpp"

#include <algorithm>
#include <bit>

namespace rlx::vulkan::kernels {

namespace {

class Sort {
 public:
  Sort(Plan& plan, bool descending) : plan_(plan) {
    plan.need_number(0);
    const size_t axis = static_cast<size_t>(plan.node.i("axis"));
    put_rows(plan, p_, plan.node.in(0), axis);
    wanted_ = plan.small(plan.node.out(0).dims[axis], "elements of a row");
    p_.descending = descending;
    p_.listed = p_.size;
    p_.is_first = true;
  }

  void dispatch() {
    if (p_.rows == 0 || wanted_ == 0) return;
    // With more than half of a chunk to be kept, choosing makes lists hardly shorter.
    if (p_.size > RLX_SORT_CHUNK && wanted_ > RLX_SORT_CHUNK / 2)
      merge_runs();
    else
      while (!p_.is_last) choose(wanted_);
  }

 private:
  // Two lists, each as long as the first that is written.
  void take_lists() {
    list_bytes_ = uint64_t{kept_of_list()} * p_.rows * sizeof(uint32_t);
    plan_.take_scratch(2 * list_bytes_);
  }

  // The length of the list that a pass over chunks writes.
  uint32_t kept_of_list() const {
    const uint32_t full = chunks() - 1;
    return full * p_.keep + std::min(p_.keep, p_.listed - full * p_.chunk);
  }
  uint32_t chunks() const { return (p_.listed + p_.chunk - 1) / p_.chunk; }

  // A pass that keeps the first elements of each chunk.
  void choose(uint32_t keep) {
    p_.keep = keep;
    p_.chunk = std::min<uint32_t>(std::bit_ceil(p_.listed), RLX_SORT_CHUNK);
    p_.block = std::min(std::bit_ceil(keep), p_.chunk);
    p_.is_last = chunks() == 1;
    if (p_.is_first && !p_.is_last) take_lists();
    const uint64_t together = RLX_SORT_CHUNK / p_.chunk;
    pass(Shader::k_sort, (uint64_t{p_.rows} * chunks() + together - 1) / together);
    p_.listed = kept_of_list();
  }

  void merge_runs() {
    choose(RLX_SORT_CHUNK);
    p_.keep = wanted_;
    const uint64_t segments = (uint64_t{p_.size} + RLX_SORT_CHUNK - 1) / RLX_SORT_CHUNK;
    for (uint64_t run = RLX_SORT_CHUNK; run < p_.size; run *= 2) {
      p_.run = static_cast<uint32_t>(run);
      p_.is_last = 2 * run >= p_.size;
      pass(Shader::k_merge, p_.rows * segments);
    }
  }

  // Reads what the last pass wrote.
  void pass(Shader shader, uint64_t groups) {
    const uint32_t from = p_.is_first ? RLX_NO_INDEX : kScratch, to = p_.is_last ? RLX_NO_INDEX : kScratch;
    const auto output = [&](uint32_t i) { return p_.is_last ? plan_.node.output(i) : RLX_NO_INDEX; };
    plan_.dispatch({shader}, Plan::groups_for(groups), p_,
                   {{&p_.src, plan_.node.input(0)},
                    {&p_.from, from, false, from_offset_},
                    {&p_.to, to, true, list_bytes_ - from_offset_},
                    {&p_.values, output(0), true},
                    {&p_.positions, output(1), true}});
    from_offset_ = list_bytes_ - from_offset_;
    p_.is_first = false;
  }

  Plan& plan_;
  gpu::SortParams p_{};
  uint32_t wanted_ = 0;
  uint64_t list_bytes_ = 0, from_offset_ = 0;
};

}  // namespace

void sort(Plan& plan) {
  Sort(plan, plan.node.flag("descending")).dispatch();
}

void top_k(Plan& plan) {
  Sort(plan, plan.node.flag("largest")).dispatch();
}

}  // namespace rlx::vulkan::kernels
