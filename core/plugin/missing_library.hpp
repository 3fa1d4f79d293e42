// Why dlopen failed, beyond what dlerror() says: which shared library is missing, and through which chain of libraries
// the plugin needs it.
#pragma once

#include <string>
#include <vector>

namespace rlx::plugin {

struct MissingLibrary {
  std::string name;                    // "libdnnl.so.2"
  std::vector<std::string> needed_by;  // from the plugin inward: {"/.../rlx_cpu.so", "libfoo.so.1"}
};

// Follows DT_NEEDED from a plugin file. Searches where the dynamic linker would (its own directories, run paths),
// without loading anything.
std::vector<MissingLibrary> find_missing_libraries(const std::string& plugin_path);

}  // namespace rlx::plugin
