// rlx-launch -n RANKS PROGRAM [ARGUMENT]...: runs a program as several ranks of this host.

#include "job.hpp"

#include <rlx/transport.hpp>

#include <unistd.h>
#include <CLI/CLI.hpp>
#include <arguments.hpp>
#include <chrono>

namespace {

// No other job's: the process id alone comes back.
std::string fresh_group() {
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return "job-" + std::to_string(::getpid()) + "-" + std::to_string(now % 1'000'000'000'000);
}

// The ranks would refuse another one by one.
std::string is_group_name(const std::string& name) {
  const bool good = !name.empty() && name.find_first_not_of(
                                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789._-") == std::string::npos;
  return good ? std::string() : "'" + name + "' is not made of letters, digits, dots, dashes and underscores";
}

}  // namespace

int main(int argc, char** argv) {
  rlx::tools::JobOptions options;
  bool no_prefix = false;
  CLI::App app("Runs a program as several ranks on this host, forwards their output, and stops all when one fails.",
               "rlx-launch");
  app.add_option("-n,--ranks", options.ranks, "how many")->required()->check(CLI::Range(1u, 4096u));
  app.add_option("--group", options.group, "name under which the ranks find each other (default: a fresh one)")
      ->check(is_group_name);
  app.add_option("--grace-ms", options.grace_ms, "time between asking the rest to end and killing it")
      ->capture_default_str();
  app.add_flag("--no-prefix", no_prefix, "do not put the rank in front of each line of output");
  app.add_option("PROGRAM", options.command, "the program and its arguments")->required();
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
  if (!program.empty()) own.insert(own.end(), {"--", program.front()});
  std::reverse(own.begin(), own.end());
  if (const auto end = rlx::tools::parse_arguments(app, "rlx-launch", 2, [&] { app.parse(own); })) return *end;
  options.command = program;
  options.prefix = !no_prefix;
  if (options.group.empty()) options.group = fresh_group();
  const int code = rlx::tools::run_job(options);
  // Ranks that were killed while they gathered may have left the name.
  (void)rlx::Transport::shm().destroy(options.group);
  return code;
}
