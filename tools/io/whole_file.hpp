// Files that appear whole or not at all.
#pragma once

#include <rlx/status.hpp>

#include <functional>
#include <ostream>
#include <string>

namespace rlx::tools {

// Writes a file beside its place and renames it when complete. A failure, and an interrupt (SIGINT, SIGTERM, SIGHUP)
// meanwhile, leave what was there before and nothing else; the interrupt then ends the program as usual. What is there
// and is no regular file (/dev/stdout) is written to directly.
// Errors name the path and the system's reason. Threads: one at a time.
Status write_whole(const std::string& path, const std::function<void(std::ostream&)>& write);

}  // namespace rlx::tools
