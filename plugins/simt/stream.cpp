#include "stream.hpp"

#include <algorithm>

namespace rlx::simt {

namespace {
constexpr uint32_t kNonBlocking = 1;    // of a stream: no ordering with the legacy default stream
constexpr uint32_t kDisableTiming = 2;  // of an event
// Two halves. A multiple of every element size, so that chunks end between elements.
constexpr uint64_t kHalfBytes = 4u << 20;
}  // namespace

Event::Event(Device& device, Kind kind) : device_(device) {
  device.make_current();
  driver().event_create(&handle_, kind == Kind::kTimed ? 0 : kDisableTiming);
}

Event::~Event() {
  device_.try_make_current();
  driver().event_destroy.raw(handle_);
}

Stream::Stream(Device& device) : device_(device) {
  device.make_current();
  driver().stream_create(&handle_, kNonBlocking);
}

Stream::~Stream() {
  device_.try_make_current();
  driver().stream_synchronize.raw(handle_);
  driver().stream_destroy.raw(handle_);
}

void Stream::synchronize() {
  driver().stream_synchronize(handle_);
}

Stream::Staging::Staging(Device& device) : memory(device, 2 * kHalfBytes), done{Event(device), Event(device)} {}

Stream::Staging& Stream::staging() {
  if (!staging_) staging_.emplace(device_);
  return *staging_;
}

unsigned Stream::take_half() {
  Staging& s = staging();
  const unsigned half = s.next;
  s.next ^= 1;
  if (s.busy[half]) driver().event_synchronize(s.done[half].handle());
  s.busy[half] = false;
  return half;
}

void Stream::upload(Address dst, uint64_t bytes, const Fill& fill) {
  device_.make_current();
  for (uint64_t at = 0; at < bytes; at += kHalfBytes) {
    const uint64_t size = std::min(kHalfBytes, bytes - at);
    const unsigned half = take_half();
    Staging& s = *staging_;
    std::byte* chunk = s.memory.data() + half * kHalfBytes;
    fill(chunk, at, size);
    driver().copy_to_device(dst + at, chunk, size, handle_);
    driver().event_record(s.done[half].handle(), handle_);
    s.busy[half] = true;
  }
}

void Stream::download(Address src, uint64_t bytes, const Drain& drain) {
  device_.make_current();
  uint64_t pending_at = 0, pending_size = 0;
  unsigned pending_half = 0;
  const auto finish = [&] {
    if (pending_size == 0) return;
    driver().event_synchronize(staging_->done[pending_half].handle());
    staging_->busy[pending_half] = false;
    drain(staging_->memory.data() + pending_half * kHalfBytes, pending_at, pending_size);
  };
  for (uint64_t at = 0; at < bytes; at += kHalfBytes) {
    const uint64_t size = std::min(kHalfBytes, bytes - at);
    const unsigned half = take_half();
    Staging& s = *staging_;
    driver().copy_to_host(s.memory.data() + half * kHalfBytes, src + at, size, handle_);
    driver().event_record(s.done[half].handle(), handle_);
    s.busy[half] = true;
    finish();
    pending_at = at;
    pending_size = size;
    pending_half = half;
  }
  finish();
}

}  // namespace rlx::simt
