// A read-only walk over DT_NEEDED; missing_library.hpp says why.
#include "plugin/missing_library.hpp"

#include "plugin/elf.hpp"
#include "plugin/mapped_file.hpp"

#include <dlfcn.h>
#include <deque>
#include <filesystem>
#include <set>
#include <system_error>

namespace rlx::plugin {

namespace {

namespace fs = std::filesystem;

// The dynamic linker's own list: LD_LIBRARY_PATH, the program's run path, the system's directories.
std::vector<std::string> linker_directories() {
  std::vector<std::string> directories;
  void* program = ::dlopen(nullptr, RTLD_LAZY);
  if (!program) return directories;
  Dl_serinfo size{};
  if (::dlinfo(program, RTLD_DI_SERINFOSIZE, &size) == 0) {
    // The struct ends in an array; the first question told how much memory it wants.
    std::vector<std::max_align_t> memory(size.dls_size / sizeof(std::max_align_t) + 1);
    auto* info = reinterpret_cast<Dl_serinfo*>(memory.data());
    *info = size;
    if (::dlinfo(program, RTLD_DI_SERINFOSIZE, info) == 0 && ::dlinfo(program, RTLD_DI_SERINFO, info) == 0)
      for (unsigned i = 0; i < info->dls_cnt; ++i) directories.emplace_back(info->dls_serpath[i].dls_name);
  }
  ::dlclose(program);
  return directories;
}

// A run path's directories, with $ORIGIN filled in.
void add_run_path(std::string_view run_path, const fs::path& origin, std::vector<std::string>& directories) {
  while (!run_path.empty()) {
    const size_t colon = run_path.find(':');
    std::string directory(run_path.substr(0, colon));
    for (const std::string_view token : {"$ORIGIN", "${ORIGIN}"})
      if (const size_t at = directory.find(token); at != std::string::npos)
        directory.replace(at, token.size(), origin.string());
    if (!directory.empty()) directories.push_back(directory);
    run_path = colon == std::string_view::npos ? std::string_view() : run_path.substr(colon + 1);
  }
}

bool is_loaded(const std::string& name) {
  if (void* handle = ::dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD)) {
    ::dlclose(handle);
    return true;
  }
  return false;
}

struct Visit {
  std::string path;
  std::vector<std::string> chain;
};

}  // namespace

std::vector<MissingLibrary> find_missing_libraries(const std::string& plugin_path) {
  const std::vector<std::string> system = linker_directories();
  std::vector<MissingLibrary> missing;
  std::set<std::string> seen;
  std::deque<Visit> queue{{plugin_path, {plugin_path}}};
  for (; !queue.empty(); queue.pop_front()) {
    const Visit& visit = queue.front();
    const Checked<MappedFile> file = MappedFile::open(visit.path);
    if (!file) continue;
    const Checked<ElfView> elf = ElfView::parse(file->bytes());
    if (!elf) continue;
    const DynamicInfo dynamic = read_dynamic(*elf);
    std::vector<std::string> directories;
    add_run_path(dynamic.run_path, fs::path(visit.path).parent_path(), directories);
    directories.insert(directories.end(), system.begin(), system.end());
    for (const std::string_view needed : dynamic.needed) {
      const std::string name(needed);
      if (!seen.insert(name).second || is_loaded(name)) continue;
      std::string found;
      std::error_code ignored;
      for (const std::string& directory : directories)
        if (found.empty() && fs::exists(fs::path(directory) / name, ignored))
          found = (fs::path(directory) / name).string();
      if (found.empty()) {
        missing.push_back({name, visit.chain});
      } else {
        std::vector<std::string> chain = visit.chain;
        chain.push_back(name);
        queue.push_back({found, std::move(chain)});
      }
    }
  }
  return missing;
}

}  // namespace rlx::plugin
