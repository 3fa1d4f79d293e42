// Compiled executables by the values of their symbols, the least recently used one dropped first. Threads: any.
#pragma once

#include "runtime/executable.hpp"

#include <rlx/session.hpp>

#include <functional>
#include <list>
#include <memory>
#include <mutex>

namespace rlx {

class Buckets {
 public:
  // One compiled size. The context is for Session::run, which one thread uses at a time.
  struct Bucket {
    Bindings bindings;
    std::mutex compiling;
    std::shared_ptr<ExecutableImpl> executable;
    std::optional<Context> context;
  };
  using Build = std::function<Result<std::shared_ptr<ExecutableImpl>>(const Bindings&)>;

  Buckets(size_t capacity, Build build) : capacity_(capacity ? capacity : 1), build_(std::move(build)) {}

  // Builds at the first call for these bindings; other bindings are not held up meanwhile. A failure is not kept.
  Result<std::shared_ptr<Bucket>> get(const Bindings& bindings);

 private:
  std::shared_ptr<Bucket> find_or_add(const Bindings& bindings);
  void forget(const std::shared_ptr<Bucket>& bucket);

  const size_t capacity_;
  const Build build_;
  std::mutex mutex_;
  std::list<std::shared_ptr<Bucket>> buckets_;  // most recent first
};

}  // namespace rlx
