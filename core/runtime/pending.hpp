// What a Pending waits on.
#pragma once

#include <rlx/session.hpp>

#include <condition_variable>
#include <mutex>

namespace rlx {

struct ContextCore;

struct PendingState {
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;
  Status result;
  // Set when the plugin carries out the run: then someone has to ask it. The host's thread reports by itself.
  std::shared_ptr<ContextCore> core;

  void finish(Status status);
};

struct Pending::State : PendingState {};

}  // namespace rlx
