// Allow and deny lists of plugin ids.
#include "plugin/select.hpp"

#include <algorithm>

namespace rlx::plugin {

bool is_plugin_id(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Result<Selection> Selection::parse(std::string_view text) {
  Selection selection;
  if (text.empty()) return selection;
  std::string_view rest = text;
  if (rest.front() == '^') {
    selection.deny_ = true;
    rest.remove_prefix(1);
  }
  while (true) {
    const size_t comma = rest.find(',');
    const std::string_view id = rest.substr(0, comma);
    if (!is_plugin_id(id))
      return error(Code::kInvalidArgument,
                   "plugin selection: '" + std::string(id) + "' is no plugin id in '" + std::string(text) + "'",
                   "write a list such as cpu,cuda or ^vulkan");
    selection.ids_.emplace_back(id);
    if (comma == std::string_view::npos) return selection;
    rest.remove_prefix(comma + 1);
  }
}

bool Selection::allows(std::string_view id) const {
  if (ids_.empty()) return true;
  const bool listed = std::find(ids_.begin(), ids_.end(), id) != ids_.end();
  return listed != deny_;
}

}  // namespace rlx::plugin
