// List scheduling by freed bytes, checked against the order the graph came in.
#include "program/schedule.hpp"

#include <algorithm>
#include <set>

namespace rlx {
namespace {

std::vector<uint32_t> distinct(std::vector<uint32_t> v) {
  std::sort(v.begin(), v.end());
  v.erase(std::unique(v.begin(), v.end()), v.end());
  return v;
}

class Scheduler {
 public:
  // Without greed the item given first goes first.
  Scheduler(const ScheduleProblem& problem, bool greedy)
      : p_(problem),
        greedy_(greedy),
        reads_(problem.items.size()),
        dependents_(problem.items.size()),
        missing_(problem.items.size()),
        gain_(problem.items.size()),
        ready_at_(problem.items.size()),
        readers_(problem.blocks.size()),
        reader_sum_(problem.blocks.size()) {
    for (uint32_t i = 0; i < p_.items.size(); ++i) prepare(i);
    for (uint32_t b = 0; b < readers_.size(); ++b)
      if (readers_[b] == 1) gain_[static_cast<uint32_t>(reader_sum_[b])] += freed(b);
  }

  std::vector<uint32_t> run() {
    std::vector<uint32_t> order;
    for (uint32_t i = 0; i < p_.items.size(); ++i)
      if (missing_[i] == 0) make_ready(i);
    while (!ready_.empty()) {
      const uint32_t item = ready_.begin()->item;
      ready_.erase(ready_.begin());
      ready_at_[item] = false;
      order.push_back(item);
      for (uint32_t block : reads_[item]) read_done(block, item);
      for (uint32_t d : dependents_[item])
        if (--missing_[d] == 0) make_ready(d);
    }
    return order;
  }

 private:
  struct Key {
    int64_t gain;
    uint32_t item;
    bool operator<(const Key& o) const { return gain != o.gain ? gain > o.gain : item < o.item; }
  };

  int64_t taken(uint32_t block) const { return greedy_ ? static_cast<int64_t>(p_.blocks[block].bytes) : 0; }
  int64_t freed(uint32_t block) const {
    const ScheduleBlock& b = p_.blocks[block];
    return b.kept || b.writer == UINT32_MAX ? 0 : taken(block);
  }

  void prepare(uint32_t i) {
    const ScheduleItem& item = p_.items[i];
    reads_[i] = distinct(item.reads);
    std::vector<uint32_t> needs = item.after;
    for (uint32_t block : reads_[i]) {
      ++readers_[block];
      reader_sum_[block] += i;
      if (p_.blocks[block].writer != UINT32_MAX) needs.push_back(p_.blocks[block].writer);
    }
    needs = distinct(std::move(needs));
    needs.erase(std::remove(needs.begin(), needs.end(), i), needs.end());
    missing_[i] = needs.size();
    for (uint32_t n : needs) dependents_[n].push_back(i);
    for (uint32_t block : item.writes) gain_[i] -= taken(block);
  }

  void make_ready(uint32_t item) {
    ready_at_[item] = true;
    ready_.insert({gain_[item], item});
  }

  // Once one reader is left, running that one frees the block. The sum of the readers still to come names it.
  void read_done(uint32_t block, uint32_t by) {
    reader_sum_[block] -= by;
    if (--readers_[block] != 1) return;
    const auto last = static_cast<uint32_t>(reader_sum_[block]);
    if (ready_at_[last]) ready_.erase({gain_[last], last});
    gain_[last] += freed(block);
    if (ready_at_[last]) ready_.insert({gain_[last], last});
  }

  const ScheduleProblem& p_;
  bool greedy_;
  std::vector<std::vector<uint32_t>> reads_, dependents_;
  std::vector<size_t> missing_;
  std::vector<int64_t> gain_;
  std::vector<bool> ready_at_;
  std::vector<uint32_t> readers_;
  std::vector<uint64_t> reader_sum_;
  std::set<Key> ready_;
};

}  // namespace

uint64_t peak_bytes(const ScheduleProblem& problem, const std::vector<uint32_t>& order) {
  std::vector<uint32_t> last(problem.blocks.size(), UINT32_MAX);
  for (uint32_t at = 0; at < order.size(); ++at) {
    for (uint32_t block : problem.items[order[at]].writes) last[block] = at;
    for (uint32_t block : problem.items[order[at]].reads) last[block] = at;
  }
  uint64_t live = 0, peak = 0;
  for (uint32_t at = 0; at < order.size(); ++at) {
    const ScheduleItem& item = problem.items[order[at]];
    for (uint32_t block : item.writes) live += problem.blocks[block].bytes;
    peak = std::max(peak, live);
    std::vector<uint32_t> touched = item.reads;
    touched.insert(touched.end(), item.writes.begin(), item.writes.end());
    for (uint32_t block : distinct(std::move(touched)))
      if (last[block] == at && problem.blocks[block].writer != UINT32_MAX && !problem.blocks[block].kept)
        live -= problem.blocks[block].bytes;
  }
  return peak;
}

std::vector<uint32_t> schedule(const ScheduleProblem& problem) {
  std::vector<uint32_t> given = Scheduler(problem, false).run();
  if (given.size() != problem.items.size()) return given;
  std::vector<uint32_t> greedy = Scheduler(problem, true).run();
  return peak_bytes(problem, greedy) < peak_bytes(problem, given) ? greedy : given;
}

}  // namespace rlx
