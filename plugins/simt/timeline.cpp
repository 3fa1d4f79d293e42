#include "timeline.hpp"

#include "vendor.hpp"

#include <rlx/sdk/error.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

namespace rlx::simt {

using sdk::Error;
using std::chrono::nanoseconds;

namespace {
constexpr int kNotReady = 600;
// The driver has no wait with a deadline.
constexpr nanoseconds kBetweenQueries = std::chrono::microseconds(20);

[[noreturn]] void throw_not_started(const char* call, uint64_t value, uint64_t last) {
  throw Error(RLX_INVALID_ARGUMENT, std::string(call) + ": point " + std::to_string(value) +
                                        " is of a run that nobody started; the last one is " + std::to_string(last));
}
}  // namespace

// What others know of a timeline. It outlives its context, so that points stay good for ever: the next context takes it
// over and goes on with larger values.
struct Timeline::Track {
  std::atomic<bool> taken{true};
  std::atomic<uint64_t> started{0}, passed{0};
  std::mutex mutex;       // held by those who follow, and by the context when its event goes
  void* event = nullptr;  // the end of the last run
  Track* next = nullptr;
};

// Only ever grows at its head, to as many as there were contexts at one time.
std::atomic<Timeline::Track*> Timeline::first_track_{nullptr};

Timeline::Track& Timeline::take_track() {
  for (Track* track = first_track_.load(std::memory_order_acquire); track; track = track->next)
    if (!track->taken.exchange(true, std::memory_order_acquire)) return *track;
  auto* made = new Track;
  made->next = first_track_.load(std::memory_order_relaxed);
  while (!first_track_.compare_exchange_weak(made->next, made, std::memory_order_release)) {
  }
  return *made;
}

Timeline::Track* Timeline::find_track(uint64_t id) {
  Track* track = first_track_.load(std::memory_order_acquire);
  while (track && reinterpret_cast<uint64_t>(track) != id) track = track->next;
  return track;
}

Timeline::Timeline(Device& device) : track_(take_track()), event_(device), last_(track_.started) {
  const std::lock_guard lock(track_.mutex);
  track_.event = event_.handle();
}

Timeline::~Timeline() {
  {
    const std::lock_guard lock(track_.mutex);
    track_.event = nullptr;
  }
  track_.passed = last_;
  track_.taken.store(false, std::memory_order_release);
}

uint64_t Timeline::record(const Stream& stream) {
  driver().event_record(event_.handle(), stream.handle());
  track_.started = ++last_;
  return last_;
}

uint64_t Timeline::pass() {
  track_.started = ++last_;
  track_.passed = last_;
  return last_;
}

void Timeline::wait(uint64_t value, uint64_t deadline_ns) {
  if (value <= track_.passed) return;
  if (value > last_) throw_not_started("wait", value, last_);
  const auto begin = std::chrono::steady_clock::now();
  while (const int result = deadline_ns == RLX_FOREVER ? driver().event_synchronize.raw(event_.handle())
                                                       : driver().event_query.raw(event_.handle())) {
    if (result != kNotReady) throw_driver_error(driver().event_synchronize.symbol, result);
    const nanoseconds waited = std::chrono::steady_clock::now() - begin;
    if (static_cast<uint64_t>(waited.count()) >= deadline_ns)
      throw Error(RLX_DEADLINE_EXCEEDED, "wait: the run has not ended within " + std::to_string(deadline_ns) + " ns");
    std::this_thread::sleep_for(std::min(kBetweenQueries, nanoseconds(deadline_ns) - waited));
  }
  track_.passed = last_;
}

void Timeline::follow(const Stream& stream, rlx_point point) {
  if (point.value == 0) return;
  Track* track = find_track(point.timeline);
  if (!track)
    throw Error(RLX_UNIMPLEMENTED, "submit: point " + std::to_string(point.value) + " of timeline " +
                                       std::to_string(point.timeline) + " is not of a context of " +
                                       std::string(vendor().id));
  if (point.value <= track->passed) return;
  if (point.value > track->started) throw_not_started("submit", point.value, track->started);
  const std::lock_guard lock(track->mutex);
  // Without a context nothing is in flight; a run that was started meanwhile only makes this wait longer.
  if (track->event) driver().stream_wait_event(stream.handle(), track->event, 0);
}

}  // namespace rlx::simt
