// What a library chose for each shape: asked once per process and device.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace rlx::simt {

// Threads: any. Answers live as long as this does.
template <typename Shape, typename Choice>
class Choices {
 public:
  // NULL: the library has none. ask answers a std::optional<Choice>; when it throws, the next one asks again.
  template <typename Ask>
  const Choice* find(int device, const Shape& shape, Ask&& ask) {
    const std::lock_guard lock(mutex_);
    const std::pair key{device, shape};
    auto at = known_.find(key);
    if (at == known_.end()) at = known_.emplace(key, ask()).first;
    return at->second ? &*at->second : nullptr;
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<int, Shape>, std::optional<Choice>> known_;
};

}  // namespace rlx::simt
