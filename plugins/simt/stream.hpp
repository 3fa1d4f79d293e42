// A queue of the device, and moving bytes between it and host memory that is not page-locked.
#pragma once

#include "device.hpp"

#include <functional>
#include <optional>

namespace rlx::simt {

// A moment in a queue. Only one that is timed can be asked for the time between two; the others cost less.
class Event {
 public:
  enum class Kind { kTimed, kUntimed };
  explicit Event(Device& device, Kind kind = Kind::kUntimed);
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event();
  void* handle() const { return handle_; }

 private:
  Device& device_;
  void* handle_ = nullptr;
};

// One thread at a time. Waits for what is in flight when it goes.
class Stream {
 public:
  explicit Stream(Device& device);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  Device& device() const { return device_; }
  void* handle() const { return handle_; }
  void synchronize();

  // Calls fill(chunk, offset, bytes) for the parts of a transfer in order and copies each to dst; returns when the last
  // part was handed over, its copy still in flight. Filling one half of the staging memory overlaps copying the other.
  using Fill = std::function<void(std::byte* chunk, uint64_t offset, uint64_t bytes)>;
  void upload(Address dst, uint64_t bytes, const Fill& fill);
  // The other direction: drain(chunk, offset, bytes) for each part in order. Waits.
  using Drain = std::function<void(const std::byte* chunk, uint64_t offset, uint64_t bytes)>;
  void download(Address src, uint64_t bytes, const Drain& drain);

 private:
  struct Staging {
    explicit Staging(Device& device);
    PinnedBuffer memory;
    Event done[2];
    bool busy[2] = {false, false};
    unsigned next = 0;
  };
  // The half to use next, when its last copy is over.
  unsigned take_half();
  Staging& staging();

  Device& device_;
  void* handle_ = nullptr;
  std::optional<Staging> staging_;  // made by the first transfer
};

}  // namespace rlx::simt
