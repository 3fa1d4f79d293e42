// The thread that runs a context in the background when its plugin has no queue of its own. Made at the first submit.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace rlx {

class Worker {
 public:
  Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  // Waits for the job.
  ~Worker();
  // One job at a time: the caller knows that the one before has ended. It must not throw.
  void start(std::function<void()> job);

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::function<void()> job_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace rlx
