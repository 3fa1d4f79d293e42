// Two packers with opposite strengths: by time never fails to finish, in a chosen order packs tighter.
#include "program/packing.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace rlx {
namespace {

// Free ranges of an address space that grows at its end.
class FreeList {
 public:
  uint64_t take(uint64_t size) {
    auto fit = by_size_.lower_bound({size, 0});
    if (fit == by_size_.end()) return grow(size);
    const auto [free_size, offset] = *fit;
    erase(by_offset_.find(offset));
    if (free_size > size) insert(offset + size, free_size - size);
    return offset;
  }

  void give(uint64_t offset, uint64_t size) {
    auto next = by_offset_.lower_bound(offset);
    if (next != by_offset_.end() && next->first == offset + size) {
      size += next->second;
      next = erase(next);
    }
    if (next != by_offset_.begin()) {
      auto before = std::prev(next);
      if (before->first + before->second == offset) {
        offset = before->first;
        size += before->second;
        erase(before);
      }
    }
    insert(offset, size);
  }

  uint64_t top() const { return top_; }

 private:
  using Map = std::map<uint64_t, uint64_t>;

  uint64_t grow(uint64_t size) {
    uint64_t offset = top_;
    if (!by_offset_.empty()) {
      auto last = std::prev(by_offset_.end());
      if (last->first + last->second == top_) {
        offset = last->first;
        erase(last);
      }
    }
    top_ = offset + size;
    return offset;
  }
  void insert(uint64_t offset, uint64_t size) {
    by_offset_.emplace(offset, size);
    by_size_.emplace(size, offset);
  }
  Map::iterator erase(Map::iterator at) {
    by_size_.erase({at->second, at->first});
    return by_offset_.erase(at);
  }

  Map by_offset_;
  std::set<std::pair<uint64_t, uint64_t>> by_size_;
  uint64_t top_ = 0;
};

// A placed segment, in the order of offsets. Kept small: the scan below is bound by memory.
struct Placed {
  uint64_t offset;
  uint64_t end;
  uint32_t first;
  uint32_t last;
};

// The most that the block needs while the placed segment is alive; 0 when they never meet. Segments shrink with time,
// so the first one that meets decides.
uint64_t need_beside(const Block& block, const Placed& placed) {
  if (placed.last < block.first() || placed.first > block.last()) return 0;
  for (const Segment& s : block.segments)
    if (s.first <= placed.last && placed.first <= s.last) return s.size;
  return 0;
}

// The placed segments, with an index by time: most blocks live shortly and meet few others.
class PlacedSet {
 public:
  explicit PlacedSet(std::span<const Block> blocks) : buckets_(kBuckets) {
    for (const Block& b : blocks) steps_ = std::max(steps_, uint64_t{b.last()} + 1);
    all_.reserve(blocks.size());
  }

  // Each call takes what it cost off *budget, in comparisons.
  void add(const Block& block, uint64_t* budget) {
    const auto at = std::upper_bound(all_.begin(), all_.end(), block.offset,
                                     [](uint64_t offset, const Placed& p) { return offset < p.offset; });
    uint64_t cost = static_cast<uint64_t>(all_.end() - at) / 8;
    fresh_.clear();
    for (const Segment& s : block.segments) fresh_.push_back({block.offset, block.offset + s.size, s.first, s.last});
    for (const Placed& p : fresh_) {
      for (size_t b = bucket(p.first); b <= bucket(p.last); ++b) buckets_[b].push_back(p);
      cost += kFillCost * (bucket(p.last) - bucket(p.first) + 1);
    }
    all_.insert(at, fresh_.begin(), fresh_.end());
    charge(cost, budget);
  }

  // A superset of the segments that are alive in first..last, sorted by offset.
  std::span<const Placed> near(uint32_t first, uint32_t last, uint64_t* budget) {
    const size_t begin = bucket(first), end = bucket(last);
    size_t count = 0;
    for (size_t b = begin; b <= end; ++b) count += buckets_[b].size();
    if (count * kSortCost >= all_.size()) return all_;
    near_.clear();
    for (size_t b = begin; b <= end; ++b)
      for (const Placed& p : buckets_[b])
        if (b == begin || bucket(p.first) == b) near_.push_back(p);
    std::sort(near_.begin(), near_.end(), [](const Placed& a, const Placed& b) { return a.offset < b.offset; });
    charge(count * kSortCost, budget);
    return near_;
  }

 private:
  static constexpr size_t kBuckets = 256;
  static constexpr size_t kSortCost = 8;
  static constexpr size_t kFillCost = 4;  // memory that is written for the first time
  static void charge(uint64_t cost, uint64_t* budget) { *budget -= std::min(*budget, cost); }
  size_t bucket(uint32_t step) const { return static_cast<size_t>(step * kBuckets / steps_); }

  std::vector<Placed> all_;
  std::vector<std::vector<Placed>> buckets_;
  std::vector<Placed> near_, fresh_;
  uint64_t steps_ = 1;
};

uint64_t lowest_fit(const Block& block, std::span<const Placed> placed, uint64_t* budget) {
  const uint64_t size = block.size();
  const uint32_t first = block.first(), last = block.last();
  uint64_t cursor = 0;
  uint64_t steps = 0;
  size_t fits_so_far = SIZE_MAX;  // placed segments from here on have to be looked at again once the cursor moves
  for (size_t i = 0; i < placed.size() && placed[i].offset < cursor + size; ++i) {
    if (++steps > *budget) break;
    // One branch for the three conditions: which of them holds is unpredictable, that one does is the rule.
    const unsigned apart =
        unsigned{placed[i].end <= cursor} | unsigned{placed[i].last < first} | unsigned{placed[i].first > last};
    if (apart != 0) continue;
    const uint64_t need = need_beside(block, placed[i]);
    if (need == 0) continue;
    if (placed[i].offset >= cursor + need) {
      fits_so_far = std::min(fits_so_far, i);
      continue;
    }
    cursor = placed[i].end;
    if (fits_so_far != SIZE_MAX) {
      i = fits_so_far - 1;
      fits_so_far = SIZE_MAX;
    }
  }
  *budget -= std::min(*budget, steps);
  return cursor;
}

}  // namespace

uint64_t pack_by_time(std::span<Block> blocks) {
  struct Event {
    uint32_t step;
    bool start;
    uint64_t size;  // to take, or to give back
    uint32_t block;
    uint64_t kept;  // what the block keeps below the part it gives back
  };
  std::vector<Event> events;
  for (uint32_t b = 0; b < blocks.size(); ++b) {
    const std::vector<Segment>& segments = blocks[b].segments;
    events.push_back({segments.front().first, true, segments.front().size, b, 0});
    for (size_t s = 0; s < segments.size(); ++s) {
      const uint64_t kept = s + 1 < segments.size() ? segments[s + 1].size : 0;
      if (segments[s].size > kept) events.push_back({segments[s].last, false, segments[s].size - kept, b, kept});
    }
  }
  // Within a step everything that starts there lives beside everything that ends there.
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    if (a.step != b.step) return a.step < b.step;
    if (a.start != b.start) return a.start;
    if (a.size != b.size) return a.size > b.size;
    return a.block < b.block;
  });
  FreeList memory;
  for (const Event& e : events) {
    if (e.start)
      blocks[e.block].offset = memory.take(e.size);
    else
      memory.give(blocks[e.block].offset + e.kept, e.size);
  }
  return memory.top();
}

uint64_t pack_in_order(std::span<Block> blocks, std::span<const uint32_t> order, uint64_t* budget) {
  PlacedSet placed(blocks);
  uint64_t top = 0;
  for (uint32_t b : order) {
    Block& block = blocks[b];
    block.offset = lowest_fit(block, placed.near(block.first(), block.last(), budget), budget);
    if (*budget == 0) return UINT64_MAX;
    top = std::max(top, block.offset + block.size());
    placed.add(block, budget);
  }
  return top;
}

uint64_t peak_live_bytes(std::span<const Block> blocks) {
  // (step, bytes): additions apply at first, subtractions after last.
  std::vector<std::pair<uint64_t, uint64_t>> begins, ends;
  for (const Block& b : blocks) {
    for (const Segment& s : b.segments) {
      begins.emplace_back(s.first, s.size);
      ends.emplace_back(uint64_t{s.last} + 1, s.size);
    }
  }
  std::sort(begins.begin(), begins.end());
  std::sort(ends.begin(), ends.end());
  uint64_t live = 0, peak = 0;
  size_t ended = 0;
  for (const auto& [step, size] : begins) {
    while (ended < ends.size() && ends[ended].first <= step) live -= ends[ended++].second;
    live += size;
    peak = std::max(peak, live);
  }
  return peak;
}

}  // namespace rlx
