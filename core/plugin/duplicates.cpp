// Orders files of one plugin id by version.
#include "plugin/duplicates.hpp"

#include "plugin/elf_note.hpp"

#include <algorithm>
#include <map>

namespace rlx::plugin {

std::vector<std::vector<size_t>> group_by_id(const std::vector<Examined>& files) {
  std::map<std::string, std::vector<size_t>> by_id;
  for (size_t i = 0; i < files.size(); ++i)
    if (files[i].passed) by_id[files[i].verdict.id].push_back(i);
  std::vector<std::vector<size_t>> groups;
  for (auto& [id, group] : by_id) {
    std::stable_sort(group.begin(), group.end(), [&](size_t a, size_t b) {
      return parse_version(files[a].verdict.version) > parse_version(files[b].verdict.version);
    });
    groups.push_back(std::move(group));
  }
  return groups;
}

Refusal hidden_by(const Verdict& winner) {
  return {VerdictCode::kHiddenBy, "duplicate: hidden by " + winner.path + ", version " + winner.version,
          "remove one of the two files"};
}

}  // namespace rlx::plugin
