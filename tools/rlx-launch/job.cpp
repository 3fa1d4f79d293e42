#include "job.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>

namespace rlx::tools {
namespace {

using Clock = std::chrono::steady_clock;

struct RankProcess {
  pid_t pid = -1;
  bool running = false;
};

class Job {
 public:
  explicit Job(const JobOptions& options) : options_(options), ranks_(options.ranks) {}

  int run() {
    block_signals();
    for (uint32_t r = 0; r < options_.ranks; ++r)
      if (!start(r)) {
        stop_all(SIGKILL);
        break;
      }
    while (!outputs_.empty() || is_running()) step();
    return exit_code_;
  }

 private:
  // Signals arrive as reads, between two steps.
  void block_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int s : {SIGCHLD, SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, s);
    sigprocmask(SIG_BLOCK, &set, &before_);
    signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  }

  bool start(uint32_t r) {
    int out[2], err[2];
    if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) return failed(r, "no pipe");
    const pid_t launcher = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return failed(r, "no process");
    if (pid == 0) become_rank(r, out[1], err[1], launcher);
    ::close(out[1]);
    ::close(err[1]);
    const std::string prefix = options_.prefix ? "[" + std::to_string(r) + "] " : "";
    outputs_.emplace_back(out[0], STDOUT_FILENO, prefix);
    outputs_.emplace_back(err[0], STDERR_FILENO, prefix);
    ranks_[r] = {pid, true};
    return true;
  }

  bool failed(uint32_t r, const char* what) {
    std::fprintf(stderr, "rlx-launch: rank %u cannot be started: %s: %s\n", r, what, std::strerror(errno));
    exit_code_ = 126;
    return false;
  }

  [[noreturn]] void become_rank(uint32_t r, int out, int err, pid_t launcher) {
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    // One terminal cannot be read by several.
    if (r != 0) {
      const int nothing = ::open("/dev/null", O_RDONLY);
      ::dup2(nothing, STDIN_FILENO);
    }
    sigprocmask(SIG_SETMASK, &before_, nullptr);
    // A launcher that is killed takes its ranks along.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != launcher) ::_exit(127);
    ::setenv("RLX_RANK", std::to_string(r).c_str(), 1);
    ::setenv("RLX_WORLD_SIZE", std::to_string(options_.ranks).c_str(), 1);
    ::setenv("RLX_GROUP", options_.group.c_str(), 1);
    ::setenv("RLX_TRANSPORT", options_.transport.c_str(), 1);
    std::vector<char*> arguments;
    for (const std::string& word : options_.command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    const int code = errno == ENOENT ? 127 : 126;  // as shells have it
    std::fprintf(stderr, "cannot run %s: %s\n", arguments[0], std::strerror(errno));
    ::_exit(code);
  }

  bool is_running() const {
    return std::any_of(ranks_.begin(), ranks_.end(), [](const RankProcess& r) { return r.running; });
  }

  void stop_all(int signal) {
    for (const RankProcess& r : ranks_)
      if (r.running) ::kill(r.pid, signal);
  }

  // Asks the rest to end, and after the grace period makes them.
  void stop_rest() {
    if (stopping_) return;
    stopping_ = true;
    stop_all(SIGTERM);
    kill_at_ = Clock::now() + std::chrono::milliseconds(options_.grace_ms);
  }

  void step() {
    std::vector<pollfd> waits{{signals_, POLLIN, 0}};
    for (const LineForwarder& f : outputs_) waits.push_back({f.from(), POLLIN, 0});
    int timeout = -1;
    if (stopping_ && is_running()) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(kill_at_ - Clock::now()).count();
      if (left <= 0) stop_all(SIGKILL);
      timeout = static_cast<int>(std::clamp<int64_t>(left, 10, 1000));
    } else if (!is_running()) {
      timeout = 100;  // a grandchild may hold the pipes for ever; what was printed is read
    }
    const int ready = ::poll(waits.data(), waits.size(), timeout);
    if (ready == 0 && !is_running()) return outputs_.clear();
    std::vector<LineForwarder> open;
    for (size_t i = 0; i < outputs_.size(); ++i) {
      const bool has_more = (waits[i + 1].revents & (POLLIN | POLLHUP | POLLERR)) == 0 || outputs_[i].forward();
      if (has_more)
        open.push_back(std::move(outputs_[i]));
      else
        ::close(outputs_[i].from());
    }
    outputs_ = std::move(open);
    take_signals();
  }

  void take_signals() {
    signalfd_siginfo info;
    while (::read(signals_, &info, sizeof info) == sizeof info) {
      if (info.ssi_signo == SIGCHLD) continue;
      if (!exit_code_) exit_code_ = 128 + static_cast<int>(info.ssi_signo);
      stop_rest();
    }
    int state = 0;
    for (uint32_t r = 0; r < ranks_.size(); ++r)
      if (ranks_[r].running && ::waitpid(ranks_[r].pid, &state, WNOHANG) == ranks_[r].pid) {
        ranks_[r].running = false;
        ended(r, state);
      }
  }

  void ended(uint32_t r, int state) {
    const int code = WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
    if (code == 0 || exit_code_) return;  // the first one counts; the rest was told to end
    exit_code_ = code;
    if (WIFSIGNALED(state))
      std::fprintf(stderr, "rlx-launch: rank %u was ended by signal %d (%s)\n", r, WTERMSIG(state),
                   ::strsignal(WTERMSIG(state)));
    else
      std::fprintf(stderr, "rlx-launch: rank %u ended with exit code %d\n", r, code);
    stop_rest();
  }

  const JobOptions& options_;
  std::vector<RankProcess> ranks_;
  std::vector<LineForwarder> outputs_;
  sigset_t before_{};
  int signals_ = -1, exit_code_ = 0;
  bool stopping_ = false;
  Clock::time_point kill_at_{};
};

}  // namespace

int run_job(const JobOptions& options) {
  return Job(options).run();
}

}  // namespace rlx::tools
