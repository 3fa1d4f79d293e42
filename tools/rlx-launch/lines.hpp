// What the ranks print, line by line, each with its rank in front.
#pragma once

#include <string>
#include <string_view>

namespace rlx::tools {

// Reads what is there from a pipe and writes whole lines to another file, so that lines of ranks do not mix.
class LineForwarder {
 public:
  LineForwarder(int from, int to, std::string prefix) : from_(from), to_(to), prefix_(std::move(prefix)) {}
  int from() const { return from_; }
  // False at the end of the input; an unfinished last line is written then.
  bool forward();

 private:
  void write_line(std::string_view line) const;
  int from_, to_;
  std::string prefix_, pending_;
};

}  // namespace rlx::tools
