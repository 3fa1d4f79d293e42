#include "hazards.hpp"

#include <algorithm>

namespace rlx::vulkan {

namespace {

// Neither may be empty.
bool overlap(const Access& a, const Access& b) {
  return a.begin < b.end && b.begin < a.end;
}

}  // namespace

bool Hazards::next(std::vector<Access> accesses) {
  std::vector<uint64_t> depends_on;
  std::erase_if(accesses, [](const Access& a) { return a.begin == a.end; });
  for (const Access& a : accesses)
    for (const Past& p : past_)
      if ((a.is_write || p.access.is_write) && overlap(a, p.access)) depends_on.push_back(p.dispatch);
  std::sort(depends_on.begin(), depends_on.end());
  depends_on.erase(std::unique(depends_on.begin(), depends_on.end()), depends_on.end());
  dependencies_ += depends_on.size();
  const bool needs_barrier = !depends_on.empty() && depends_on.back() >= first_unordered_;
  if (needs_barrier) {
    ++barriers_;
    first_unordered_ = count_;
  }
  for (const Access& a : accesses) {
    if (!a.is_write) continue;
    // Whoever comes next depends on this write, and through it on what it covers.
    std::erase_if(past_, [&](const Past& p) { return a.begin <= p.access.begin && p.access.end <= a.end; });
  }
  for (const Access& a : accesses) past_.push_back({a, count_});
  ++count_;
  return needs_barrier;
}

}  // namespace rlx::vulkan
