// How long an executable lives: until the host has released it and its last context is gone.
#pragma once

#include <atomic>
#include <cstdint>

namespace rlx::sdk {

// Starts with one reference, the host's; the last one to go deletes the object. Threads: any.
template <typename Derived>
class Counted {
 public:
  void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete static_cast<Derived*>(this);
  }

 protected:
  Counted() = default;
  ~Counted() = default;

 private:
  std::atomic<uint32_t> references_{1};
};

// A reference of its own. As the first member of a context it goes after everything that needs the object.
template <typename Object>
class Held {
 public:
  explicit Held(Object& object) : object_(object) { object_.retain(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { object_.release(); }
  Object& operator*() const { return object_; }
  Object* operator->() const { return &object_; }

 private:
  Object& object_;
};

}  // namespace rlx::sdk
