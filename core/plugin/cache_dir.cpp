// Finds, creates and judges the cache directory.
#include "plugin/cache_dir.hpp"

#include "plugin/environment.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace rlx::plugin {

namespace {

namespace fs = std::filesystem;
constexpr mode_t kOwnerOnly = 0700;
constexpr mode_t kWritableByOthers = S_IWGRP | S_IWOTH;

tl::unexpected<Error> none(std::string why) {
  return error(Code::kNotFound, "cache directory: " + std::move(why), "set RLX_CACHE_DIR to a private directory");
}

}  // namespace

Result<std::string> make_cache_dir(const CacheSettings& s) {
  fs::path directory;
  if (s.cache_dir) {
    if (*s.cache_dir == "off") return none("RLX_CACHE_DIR is off");
    directory = *s.cache_dir;
  } else if (s.cache_home && fs::path(*s.cache_home).is_absolute()) {
    directory = fs::path(*s.cache_home) / "rlx";
  } else if (s.home) {
    directory = fs::path(*s.home) / ".cache" / "rlx";
  } else {
    return none("neither RLX_CACHE_DIR nor XDG_CACHE_HOME nor HOME is set");
  }
  if (!directory.is_absolute()) return none(directory.string() + " is not an absolute path");

  std::error_code failure;
  fs::create_directories(directory.parent_path(), failure);
  if (::mkdir(directory.c_str(), kOwnerOnly) != 0 && errno != EEXIST)
    return none(directory.string() + ": " + std::generic_category().message(errno));
  struct stat info {};
  if (::stat(directory.c_str(), &info) != 0)
    return none(directory.string() + ": " + std::generic_category().message(errno));
  if (!S_ISDIR(info.st_mode)) return none(directory.string() + " is not a directory");
  if (info.st_uid != ::geteuid() || (info.st_mode & kWritableByOthers))
    return none(directory.string() + " could be written by others");
  return directory.string();
}

const Result<std::string>& process_cache_dir() {
  static const auto& instance = *new Result<std::string>(
      make_cache_dir({read_environment(Variable::kCacheDir), read_environment(Variable::kXdgCacheHome),
                      read_environment(Variable::kHome)}));
  return instance;
}

}  // namespace rlx::plugin
