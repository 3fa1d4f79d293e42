#include "hazards.hpp"

#include <algorithm>

namespace rlx::vulkan {

namespace {

// Neither may be empty.
bool overlap(const Access& a, const Access& b) {
  return a.begin < b.end && b.begin < a.end;
}

}  // namespace

// Whoever comes next depends on this write, and through it on what it covers.
void Hazards::cover(const Access& write) {
  std::vector<Past> left;
  for (const Past& p : past_) {
    if (!overlap(write, p.access)) {
      left.push_back(p);
      continue;
    }
    if (p.access.begin < write.begin) left.push_back({{p.access.begin, write.begin, p.access.is_write}, p.dispatch});
    if (write.end < p.access.end) left.push_back({{write.end, p.access.end, p.access.is_write}, p.dispatch});
  }
  past_ = std::move(left);
}

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
  for (const Access& a : accesses)
    if (a.is_write) cover(a);
  for (const Access& a : accesses) past_.push_back({a, count_});
  ++count_;
  return needs_barrier;
}

}  // namespace rlx::vulkan
