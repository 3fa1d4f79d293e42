#include "runtime/buckets.hpp"

#include <algorithm>

namespace rlx {

Result<std::shared_ptr<Buckets::Bucket>> Buckets::get(const Bindings& bindings) {
  const std::shared_ptr<Bucket> bucket = find_or_add(bindings);
  std::lock_guard lock(bucket->compiling);
  if (bucket->executable) return bucket;
  auto built = build_(bindings);
  if (!built) {
    forget(bucket);
    return tl::unexpected<Error>(std::move(built).error());
  }
  bucket->executable = std::move(*built);
  return bucket;
}

std::shared_ptr<Buckets::Bucket> Buckets::find_or_add(const Bindings& bindings) {
  std::lock_guard lock(mutex_);
  const auto it =
      std::find_if(buckets_.begin(), buckets_.end(), [&](const auto& b) { return b->bindings == bindings; });
  if (it != buckets_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, it);
    return buckets_.front();
  }
  auto bucket = std::make_shared<Bucket>();
  bucket->bindings = bindings;
  buckets_.push_front(bucket);
  if (buckets_.size() > capacity_) buckets_.pop_back();
  return bucket;
}

void Buckets::forget(const std::shared_ptr<Bucket>& bucket) {
  std::lock_guard lock(mutex_);
  buckets_.remove(bucket);
}

}  // namespace rlx
