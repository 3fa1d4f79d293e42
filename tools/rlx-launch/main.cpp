// rlx-launch -n RANKS PROGRAM [ARGUMENT]...: runs a program as several ranks of this host.

#include "job.hpp"

#include <rlx/transport.hpp>

#include <unistd.h>
#include <CLI/CLI.hpp>
#include <chrono>

namespace {

// No other job's: the process id alone comes back.
std::string fresh_group() {
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return "job-" + std::to_string(::getpid()) + "-" + std::to_string(now % 1'000'000'000'000);
}

}  // namespace

int main(int argc, char** argv) {
  rlx::tools::JobOptions options;
  bool no_prefix = false;
  CLI::App app("Runs a program as several ranks on this host, forwards their output, and stops all when one fails.",
               "rlx-launch");
  app.add_option("-n,--ranks", options.ranks, "how many")->required()->check(CLI::Range(1u, 4096u));
  app.add_option("--group", options.group, "name under which the ranks find each other (default: a fresh one)");
  app.add_option("--grace-ms", options.grace_ms, "time between asking the rest to end and killing it")
      ->capture_default_str();
  app.add_flag("--no-prefix", no_prefix, "do not put the rank in front of each line of output");
  app.add_option("PROGRAM", options.command, "the program and its arguments")->required();
  app.positionals_at_end();
  app.prefix_command();
  app.footer("Exit codes: that of the first rank that failed (128 + signal), 2 wrong usage.");
  // What comes after the program's name belongs to the program.
  std::vector<std::string> own;
  int at = 1;
  for (; at < argc; ++at) {
    const std::string word = argv[at];
    const bool takes_value = word == "-n" || word == "--ranks" || word == "--group" || word == "--grace-ms";
    if (word == "--") {
      ++at;
      break;
    }
    if (word.empty() || word[0] != '-') break;
    own.push_back(word);
    if (takes_value && at + 1 < argc) own.push_back(argv[++at]);
  }
  std::vector<std::string> program(argv + at, argv + argc);
  if (!program.empty()) own.push_back(program.front());
  std::reverse(own.begin(), own.end());
  try {
    app.parse(own);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  options.command = program;
  options.prefix = !no_prefix;
  if (options.group.empty()) options.group = fresh_group();
  const int code = rlx::tools::run_job(options);
  // Ranks that were killed while they gathered may have left the name.
  (void)rlx::Transport::shm().destroy(options.group);
  return code;
}
