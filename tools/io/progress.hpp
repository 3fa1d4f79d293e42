// One line on stderr about work that takes long.
#pragma once

#include <rlx/session.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace rlx::tools {

// Shows the phase, how much of it is done, and the seconds so far. On a terminal: one line that changes once a second
// and is wiped at the end, so short work shows nothing. Asked for: also each phase as it begins, and wherever stderr
// goes. Else nothing.
class ProgressDisplay {
 public:
  // what: the beginning of the line.
  ProgressDisplay(const std::string& what, bool asked);
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;
  ~ProgressDisplay();

  // Empty when nothing is shown. May be kept and called longer than the display lives.
  Progress callback() const;
  void phase(std::string_view name);

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::thread clock_;
};

}  // namespace rlx::tools
