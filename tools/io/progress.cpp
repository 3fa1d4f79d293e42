// A thread writes the line, because a single step may take long and work does not call back meanwhile.
#include "progress.hpp"

#include <unistd.h>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>

namespace rlx::tools {

using Clock = std::chrono::steady_clock;

struct ProgressDisplay::State {
  std::string what, phase = "start";
  uint64_t done = 0, total = 0;
  bool terminal = false, asked = false, shown = false, over = false;
  const Clock::time_point start = Clock::now();
  std::mutex mutex;
  std::condition_variable ended;

  // The lock is held.
  void write() {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start).count();
    std::string line = what + ": " + phase;
    if (total > 0) line += " " + std::to_string(done) + " of " + std::to_string(total);
    line += ", " + std::to_string(seconds) + " s";
    std::fprintf(stderr, terminal ? "\r%s\033[K" : "%s\n", line.c_str());
    shown = true;
  }

  void set(std::string_view name, uint64_t now, uint64_t of) {
    std::lock_guard lock(mutex);
    if (over) return;
    const bool fresh = phase != name;
    phase = name;
    done = now;
    total = of;
    if (asked && fresh) write();
  }

  void keep_writing() {
    std::unique_lock lock(mutex);
    while (!ended.wait_for(lock, std::chrono::seconds(1), [&] { return over; })) write();
    if (shown && terminal) std::fputs("\r\033[K", stderr);
  }
};

ProgressDisplay::ProgressDisplay(const std::string& what, bool asked) {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  if (!terminal && !asked) return;
  state_ = std::make_shared<State>();
  state_->what = what;
  state_->terminal = terminal;
  state_->asked = asked;
  clock_ = std::thread([state = state_] { state->keep_writing(); });
}

ProgressDisplay::~ProgressDisplay() {
  if (!state_) return;
  {
    std::lock_guard lock(state_->mutex);
    state_->over = true;
  }
  state_->ended.notify_one();
  clock_.join();
}

Progress ProgressDisplay::callback() const {
  if (!state_) return {};
  return [state = state_](std::string_view phase, uint64_t done, uint64_t total) { state->set(phase, done, total); };
}

void ProgressDisplay::phase(std::string_view name) {
  if (state_) state_->set(name, 0, 0);
}

}  // namespace rlx::tools
