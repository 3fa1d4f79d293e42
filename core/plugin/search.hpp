// Where plugins are looked for, and in which order. Never the current directory, never the program's own.
#pragma once

#include "plugin/verdict.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rlx::plugin {

// What the search depends on; read_search_settings() takes it from the process.
struct SearchSettings {
  std::vector<std::string> given;           // by the application: files or directories, may be relative
  bool use_defaults = true;                 // everything below
  std::optional<std::string> path;          // RLX_PLUGIN_PATH: instead of the directories below
  std::optional<std::string> path_prepend;  // RLX_PLUGIN_PATH_PREPEND
  std::optional<std::string> data_home;     // XDG_DATA_HOME
  std::optional<std::string> home;          // HOME
  std::string library_directory;            // of librlx itself, so that a tree that was moved works; may be empty
  bool raised_privileges = false;           // then only `given` and the system's directory count
};
SearchSettings read_search_settings(const RegistryOptions& options);

struct Candidate {
  std::string path;       // as found
  std::string real_path;  // without links; empty when refused
  std::string origin;     // who named the directory: "RLX_PLUGIN_PATH"
  std::optional<Refusal> refusal;
};

// Files named *.so, in search order and within a directory by the bytes of their names; each real file once.
// A missing directory is normal. A path that somebody asked for by name and that does not exist is a refused candidate.
std::vector<Candidate> find_candidates(const SearchSettings& settings);

// The default directories in order, for messages and documentation.
std::vector<std::string> default_directories(const SearchSettings& settings);

}  // namespace rlx::plugin
