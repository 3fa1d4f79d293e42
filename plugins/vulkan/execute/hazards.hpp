// Which dispatches must wait for earlier ones. Dispatches without a barrier between them may run at the same time; one
// is needed where a dispatch touches bytes that another one since the last barrier has written, or writes bytes that
// another one has touched.
#pragma once

#include <cstdint>
#include <vector>

namespace rlx::vulkan {

struct Access {
  uint64_t begin, end;  // bytes of the arena
  bool is_write;
};

class Hazards {
 public:
  // True when a barrier has to come before a dispatch with these accesses.
  bool next(std::vector<Access> accesses);

  // Pairs of dispatches of which the later one depends on the earlier one, and not only through a third one.
  uint64_t dependencies() const { return dependencies_; }
  uint64_t barriers() const { return barriers_; }

 private:
  struct Past {
    Access access;
    uint64_t dispatch;
  };
  void cover(const Access& write);

  std::vector<Past> past_;  // what has touched bytes that nobody has written since
  uint64_t count_ = 0, first_unordered_ = 0, dependencies_ = 0, barriers_ = 0;
};

}  // namespace rlx::vulkan
