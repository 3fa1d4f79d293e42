// Reads and matches the lists of expect/; see expect.hpp.
#include "expect.hpp"

#include <algorithm>
#include <fstream>

namespace conformance {

bool matches(const char* pattern, const char* text) {
  for (; *pattern; ++pattern, ++text) {
    if (*pattern == '*') {
      for (const char* rest = text;; ++rest) {
        if (matches(pattern + 1, rest)) return true;
        if (!*rest) return false;
      }
    }
    if (*pattern != *text) return false;
  }
  return !*text;
}

Expectations Expectations::load(const std::string& directory, const std::string& plugin) {
  Expectations list;
  std::ifstream file(directory + "/" + plugin + ".txt");
  list.known_ = file.is_open();
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const size_t space = line.find(' ');
    const std::string word = line.substr(0, space), pattern = space == std::string::npos ? "" : line.substr(space + 1);
    if (word == "unsupported") {
      list.unsupported_.push_back(pattern);
    } else if (word == "differs") {
      list.differs_.push_back(pattern);
    } else {
      list.bad_.push_back(line);
    }
  }
  return list;
}

std::vector<std::string> Expectations::idle(const std::vector<std::string>& case_names) const {
  std::vector<std::string> patterns;
  for (const auto* list : {&unsupported_, &differs_})
    for (const std::string& p : *list)
      if (std::none_of(case_names.begin(), case_names.end(),
                       [&](const std::string& name) { return matches(p.c_str(), name.c_str()); }))
        patterns.push_back(p);
  return patterns;
}

bool Expectations::listed(const std::vector<std::string>& patterns, const std::string& case_name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& p) { return matches(p.c_str(), case_name.c_str()); });
}

}  // namespace conformance
