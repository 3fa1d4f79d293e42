// The runs of one context as points: a value for each in order, and the moment when it has passed. Other contexts of
// this plugin wait for a point on their own queues, on any device; the host waits by itself.
#pragma once

#include "stream.hpp"

#include <rlx/base.h>

#include <atomic>

namespace rlx::simt {

// One run is in flight at a time. Used by one thread at a time, follow by any.
class Timeline {
 public:
  explicit Timeline(Device& device);
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;
  ~Timeline();  // nothing is in flight

  uint64_t id() const { return reinterpret_cast<uint64_t>(&track_); }
  // The value of the last run; all that is smaller has passed.
  uint64_t last() const { return last_; }

  // What the queue got last is a run, in flight until somebody waits for it; returns its value.
  uint64_t record(const Stream& stream);
  // A run that its queue was waited for.
  uint64_t pass();
  // Throws DEADLINE_EXCEEDED, INVALID_ARGUMENT for a run that nobody started.
  void wait(uint64_t value, uint64_t deadline_ns);

  // What the queue gets from now on comes after the point. Throws UNIMPLEMENTED for a point of something else than a
  // context of this plugin, INVALID_ARGUMENT for a run that nobody started. Threads: any, also while the point's
  // context runs or goes.
  static void follow(const Stream& stream, rlx_point point);

 private:
  struct Track;
  static Track& take_track();
  static Track* find_track(uint64_t id);
  static std::atomic<Track*> first_track_;

  Track& track_;
  Event event_;
  uint64_t last_;
};

}  // namespace rlx::simt
