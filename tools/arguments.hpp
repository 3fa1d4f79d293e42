// Command lines of all tools end in one way: messages carry the tool's name, like every other that it prints.
#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace rlx::tools {

// What parse throws ends the tool with that status, or with 0 after --help. tool: its name as users type it.
template <typename Parse>
std::optional<int> parse_arguments(CLI::App& app, const std::string& tool, int usage, Parse&& parse) {
  app.failure_message([tool](const CLI::App* failed, const CLI::Error& e) {
    return tool + ": " + CLI::FailureMessage::simple(failed, e);
  });
  try {
    parse();
    return std::nullopt;
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : usage;
  }
}

}  // namespace rlx::tools
