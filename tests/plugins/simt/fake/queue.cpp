#include "fake/queue.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace fake {

namespace {

struct Queue {
  explicit Queue(DeviceState& device) : device(device) {}
  DeviceState& device;
  std::deque<Work> work;
  bool running = false;
  std::unique_ptr<std::vector<Work>> capture;
};
using Stream = std::shared_ptr<Queue>;

// One record of an event: a later record is a moment of its own.
struct Moment {
  std::weak_ptr<Queue> queue;
  bool done = false;
  std::chrono::steady_clock::time_point when;
};
struct Event {
  std::shared_ptr<Moment> last;
};

struct Graph {
  std::vector<Work> work;
};

// Of all queues and moments; not held while work runs.
std::mutex mutex;
std::condition_variable moved;

Queue& queue_of(void* stream) {
  return **static_cast<Stream*>(stream);
}

// Does the queue's work in order until enough() holds, which is asked with the mutex held, or nothing is left.
template <typename Enough>
int advance(const std::shared_ptr<Queue>& queue, Enough&& enough) {
  std::unique_lock lock(mutex);
  while (queue && !enough()) {
    if (queue->running) {
      moved.wait(lock);
      continue;
    }
    if (queue->work.empty()) break;
    const Work work = std::move(queue->work.front());
    queue->work.pop_front();
    queue->running = true;
    lock.unlock();
    const int result = queue->device.lost ? static_cast<int>(kLaunchFailed) : work();
    lock.lock();
    queue->running = false;
    moved.notify_all();
    if (result) {
      queue->device.lost = true;
      return result;
    }
  }
  return queue && queue->device.lost ? static_cast<int>(kLaunchFailed) : kSuccess;
}

int wait_for(const std::shared_ptr<Moment>& moment) {
  return moment ? advance(moment->queue.lock(), [&] { return moment->done; }) : kSuccess;
}

}  // namespace

int enqueue(void* stream, Work work) {
  const std::lock_guard lock(mutex);
  Queue& q = queue_of(stream);
  if (q.capture)
    q.capture->push_back(std::move(work));
  else
    q.work.push_back(std::move(work));
  return kSuccess;
}

DeviceState& device_of(void* stream) {
  return queue_of(stream).device;
}

// ---- streams and events -------------------------------------------------------------------------------------------

int stream_create(void** stream, uint32_t) {
  return make<Stream>(stream, std::make_shared<Queue>(current_device()));
}
int stream_destroy(void* stream) {
  return destroy<Stream>(stream);
}
int stream_synchronize(void* stream) {
  const Stream queue = *static_cast<Stream*>(stream);
  if (queue->capture) return kCaptureInvalid;
  return advance(queue, [&] { return queue->work.empty() && !queue->running; });
}
int stream_wait_event(void* stream, void* event, uint32_t) {
  // Another device that is lost does not take this one with it.
  return enqueue(stream, [moment = static_cast<Event*>(event)->last] { return wait_for(moment), kSuccess; });
}
int event_create(void** event, uint32_t) {
  return make<Event>(event);
}
int event_destroy(void* event) {
  return destroy<Event>(event);
}
int event_record(void* event, void* stream) {
  auto moment = std::make_shared<Moment>();
  moment->queue = *static_cast<Stream*>(stream);
  static_cast<Event*>(event)->last = moment;
  return enqueue(stream, [moment] {
    const std::lock_guard lock(mutex);
    moment->when = std::chrono::steady_clock::now();
    moment->done = true;
    return kSuccess;
  });
}
int event_synchronize(void* event) {
  return wait_for(static_cast<Event*>(event)->last);
}
// Every question finds the queue one piece of work further.
int event_query(void* event) {
  const std::shared_ptr<Moment> moment = static_cast<Event*>(event)->last;
  if (!moment) return kSuccess;
  int asked = 0;
  if (const int result = advance(moment->queue.lock(), [&] { return moment->done || asked++ > 0; })) return result;
  const std::lock_guard lock(mutex);
  return moment->done ? static_cast<int>(kSuccess) : static_cast<int>(kNotReady);
}
int event_elapsed(float* milliseconds, void* begin, void* end) {
  const std::lock_guard lock(mutex);
  const auto &b = static_cast<Event*>(begin)->last, &e = static_cast<Event*>(end)->last;
  if (!b || !e || !b->done || !e->done) return kInvalidValue;
  *milliseconds = std::chrono::duration<float, std::milli>(e->when - b->when).count();
  return kSuccess;
}

// ---- graphs -------------------------------------------------------------------------------------------------------

int capture_begin(void* stream, int) {
  queue_of(stream).capture = std::make_unique<std::vector<Work>>();
  return kSuccess;
}
int capture_end(void* stream, void** graph) {
  auto captured = std::move(queue_of(stream).capture);
  if (!captured) return kCaptureInvalid;
  return make<Graph>(graph, std::move(*captured));
}
int graph_instantiate(void** executable, void* graph, unsigned long long) {
  return make<Graph>(executable, *static_cast<Graph*>(graph));
}
int graph_launch(void* executable, void* stream) {
  for (const Work& work : static_cast<Graph*>(executable)->work) enqueue(stream, work);
  return kSuccess;
}
int graph_destroy(void* graph) {
  return destroy<Graph>(graph);
}
int graph_release(void* executable) {
  return destroy<Graph>(executable);
}

}  // namespace fake
