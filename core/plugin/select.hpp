// Which plugins the user wants: "cpu,cuda" uses these, "^vulkan,ref" all but those, "" all.
#pragma once

#include <rlx/status.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace rlx::plugin {

class Selection {
 public:
  // INVALID_ARGUMENT for an empty or impossible id, and for "^" anywhere but in front.
  static Result<Selection> parse(std::string_view text);
  bool allows(std::string_view id) const;

 private:
  bool deny_ = false;
  std::vector<std::string> ids_;
};

// True for a non-empty id of [a-z0-9_-].
bool is_plugin_id(std::string_view id);

}  // namespace rlx::plugin
