// The candidate list; search.hpp and docs/plugins.md have the order.
#include "plugin/search.hpp"

#include "plugin/environment.hpp"

#include <rlx/plugin.h>

#include <dlfcn.h>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <system_error>

namespace rlx::plugin {

namespace {

namespace fs = std::filesystem;

static_assert(RLX_ABI_MAJOR == 0u, "the directories below carry the major");
constexpr const char* kMajorDirectory = "rlx/0";

#if defined(__x86_64__)
constexpr const char* kTriplet = "x86_64-linux-gnu";
#elif defined(__aarch64__)
constexpr const char* kTriplet = "aarch64-linux-gnu";
#elif defined(__riscv)
constexpr const char* kTriplet = "riscv64-linux-gnu";
#elif defined(__powerpc64__)
constexpr const char* kTriplet = "powerpc64le-linux-gnu";
#elif defined(__s390x__)
constexpr const char* kTriplet = "s390x-linux-gnu";
#else
constexpr const char* kTriplet = "";
#endif

std::vector<std::string> split(const std::string& list, char separator) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(separator, begin), list.size());
    if (end > begin) parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

class Collector {
 public:
  explicit Collector(std::vector<Candidate>& out) : out_(out) {}

  // A file or directory that somebody named: it has to exist and to be readable.
  void add_named(const std::string& path, const std::string& origin) {
    std::error_code failure;
    const fs::file_status status = fs::status(path, failure);
    if (fs::exists(status) && !fs::is_directory(status)) return add_file(path, origin);
    if (!failure) failure = add_directory(path, origin);
    if (failure) refuse_path(path, origin, failure.message(), "correct " + origin);
  }

  // The answer is what went wrong; for a default directory that is normal.
  std::error_code add_directory(const std::string& directory, const std::string& origin) {
    std::error_code failure;
    std::vector<std::string> files;
    for (fs::directory_iterator at(directory, failure), end; !failure && at != end; at.increment(failure))
      if (at->path().extension() == ".so") files.push_back(at->path().string());
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) add_file(file, origin);
    return failure;
  }

  // From a variable: relative paths would make the current directory a place to load code from.
  void add_list(const std::string& list, const std::string& origin) {
    for (const std::string& path : split(list, ':')) {
      if (fs::path(path).is_absolute())
        add_named(path, origin);
      else
        refuse_path(path, origin, "not an absolute path", "correct " + origin);
    }
  }

 private:
  void add_file(const std::string& path, const std::string& origin) {
    std::error_code failure;
    const fs::path real = fs::canonical(path, failure);
    if (failure) return refuse_path(path, origin, failure.message(), "");
    if (seen_.insert(real.string()).second) out_.push_back({path, real.string(), origin, std::nullopt});
  }

  void refuse_path(const std::string& path, const std::string& origin, const std::string& why,
                   const std::string& remedy) {
    out_.push_back({path, "", origin, Refusal{VerdictCode::kNotAPlugin, "file: " + why, remedy}});
  }

  std::vector<Candidate>& out_;
  std::set<std::string> seen_;
};

// Where this code lives on disk. Empty inside a program that was started by a relative path: then nothing ties the
// name to a directory but the current one.
std::string directory_of_this_library() {
  static const char anchor = 0;
  Dl_info info{};
  if (!::dladdr(&anchor, &info) || !info.dli_fname || info.dli_fname[0] != '/') return {};
  std::error_code failure;
  const fs::path real = fs::canonical(info.dli_fname, failure);
  return failure ? std::string() : real.parent_path().string();
}

std::string join(const std::string& a, const std::string& b) {
  return (fs::path(a) / b).string();
}

}  // namespace

SearchSettings read_search_settings(const RegistryOptions& options) {
  SearchSettings settings;
  settings.given = options.plugin_paths;
  settings.use_defaults = options.search_defaults;
  settings.path = read_environment(Variable::kPluginPath);
  settings.path_prepend = read_environment(Variable::kPluginPathPrepend);
  settings.data_home = read_environment(Variable::kXdgDataHome);
  settings.home = read_environment(Variable::kHome);
  settings.library_directory = directory_of_this_library();
  settings.raised_privileges = has_raised_privileges();
  return settings;
}

std::vector<std::string> default_directories(const SearchSettings& s) {
  std::vector<std::string> directories;
  const std::string system = join(join("/usr/lib", kTriplet), kMajorDirectory);
  if (s.raised_privileges) return {system};
  // XDG: relative values are to be ignored.
  if (s.data_home && fs::path(*s.data_home).is_absolute())
    directories.push_back(join(*s.data_home, "rlx/plugins/0"));
  else if (s.home && fs::path(*s.home).is_absolute())
    directories.push_back(join(*s.home, ".local/share/rlx/plugins/0"));
  if (!s.library_directory.empty()) directories.push_back(join(s.library_directory, kMajorDirectory));
  directories.push_back(join(join("/usr/local/lib", kTriplet), kMajorDirectory));
  directories.push_back(system);
  return directories;
}

std::vector<Candidate> find_candidates(const SearchSettings& s) {
  std::vector<Candidate> candidates;
  Collector collector(candidates);
  for (const std::string& path : s.given) collector.add_named(path, "the application's plugin paths");
  if (!s.use_defaults) return candidates;
  if (s.path_prepend && !s.raised_privileges) collector.add_list(*s.path_prepend, "RLX_PLUGIN_PATH_PREPEND");
  if (s.path && !s.raised_privileges) {
    collector.add_list(*s.path, "RLX_PLUGIN_PATH");
    return candidates;
  }
  for (const std::string& directory : default_directories(s)) collector.add_directory(directory, directory);
  return candidates;
}

}  // namespace rlx::plugin
