// A signal handler may only touch what is plain: the part's name lies in a fixed buffer.
#include "whole_file.hpp"

#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace rlx::tools {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};
std::array<char, 4096> part;

extern "C" void remove_part(int signal) {
  unlink(part.data());
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// Removes the part on signals as long as it lives. Ignored signals (nohup) stay ignored.
class Interruptible {
 public:
  Interruptible() {
    struct sigaction action {};
    action.sa_handler = remove_part;
    for (size_t i = 0; i < kSignals.size(); ++i) {
      sigaction(kSignals[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) sigaction(kSignals[i], &action, nullptr);
    }
  }
  ~Interruptible() {
    for (size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
  }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  std::array<struct sigaction, kSignals.size()> before_{};
};

Status cannot_write(const std::string& path) {
  return error(Code::kUnavailable, path + ": cannot be written: " + std::strerror(errno));
}

Status write_to(const std::string& name, const std::string& path, const std::function<void(std::ostream&)>& write) {
  errno = 0;
  std::ofstream file(name, std::ios::binary);
  if (!file) return cannot_write(path);
  write(file);
  file.close();
  return file ? Status() : cannot_write(path);
}

}  // namespace

Status write_whole(const std::string& path, const std::function<void(std::ostream&)>& write) {
  std::error_code none;
  const bool exists = std::filesystem::exists(path, none);
  if (exists && !std::filesystem::is_regular_file(path, none)) return write_to(path, path, write);
  const std::string place = exists ? std::filesystem::canonical(path, none).string() : path;
  const std::string name = place + "." + std::to_string(getpid()) + ".part";
  if (name.size() >= part.size())
    return error(Code::kInvalidArgument, path + ": " + std::to_string(name.size()) + " bytes of path, the limit is " +
                                             std::to_string(part.size() - 1));
  std::memcpy(part.data(), name.c_str(), name.size() + 1);
  const Interruptible interruptible;
  Status status = write_to(name, path, write);
  if (status && std::rename(name.c_str(), place.c_str()) != 0) status = cannot_write(path);
  if (!status) unlink(name.c_str());
  return status;
}

}  // namespace rlx::tools
