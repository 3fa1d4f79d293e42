// What is known of a plugin: expect/<plugin>.txt, one line a pattern of case names, '*' for any text, '#' for comments.
//   unsupported PATTERN   the device refuses the case
//   differs PATTERN       the device takes the case and breaks the contract in a way that is known and accepted
// Such cases count as skipped. A refusal that no line names fails, and so does a line whose case works, or that is
// about no case: the list is neither too short nor too long. A plugin without a file may refuse what it likes, and each
// refusal is reported.
#pragma once

#include <string>
#include <vector>

namespace conformance {

class Expectations {
 public:
  static Expectations load(const std::string& directory, const std::string& plugin);
  bool known_plugin() const { return known_; }
  bool unsupported(const std::string& case_name) const { return listed(unsupported_, case_name); }
  bool differs(const std::string& case_name) const { return listed(differs_, case_name); }
  // Lines that are neither; a typing error must not pass for a comment.
  const std::vector<std::string>& bad_lines() const { return bad_; }
  // Patterns that match none of these names.
  std::vector<std::string> idle(const std::vector<std::string>& case_names) const;

 private:
  static bool listed(const std::vector<std::string>& patterns, const std::string& case_name);

  bool known_ = false;
  std::vector<std::string> unsupported_, differs_, bad_;
};

// '*' matches any text, everything else itself.
bool matches(const char* pattern, const char* text);

}  // namespace conformance
