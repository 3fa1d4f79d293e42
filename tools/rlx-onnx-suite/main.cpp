// rlx-onnx-suite DIR...: runs ONNX backend tests and counts.

#include "suite.hpp"

#include <unistd.h>
#include <CLI/CLI.hpp>
#include <arguments.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <whole_file.hpp>

namespace {

using rlx::tools::CaseResult;
using rlx::tools::Outcome;

// docs/man/rlx-onnx-suite.1 lists the exit codes.
constexpr int kCaseFailed = 1, kNothingRun = 2, kSkipped = 77;

const char* name_of(Outcome o) {
  return o == Outcome::kPassed ? "passed" : o == Outcome::kFailed ? "failed" : "unsupported";
}

nlohmann::json to_json(const std::vector<CaseResult>& results, const std::string& device) {
  nlohmann::json cases = nlohmann::json::array();
  for (const CaseResult& r : results)
    cases.push_back({{"name", r.name}, {"outcome", name_of(r.outcome)}, {"reason", r.reason}});
  return {{"schema", 1}, {"device", device}, {"cases", cases}};
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> roots;
  std::string device = "cpu", filter, list, known_file;
  std::vector<std::string> plugins;
  bool json = false, verbose = false, skip_absent = false;
  uint32_t threads = 1;
  size_t min_passed = 0;
  CLI::App app("Runs ONNX backend-test directories (model.onnx + test_data_set_*) on a device.", "rlx-onnx-suite");
  app.add_option("DIR", roots, "case directories, or directories of them")->required()->check(CLI::ExistingDirectory);
  app.add_option("--device", device, "device expression")->capture_default_str();
  app.add_option("--filter", filter, "only cases whose path contains this");
  app.add_option("--list", list, "write the list of cases with outcome and reason to this file");
  app.add_option("--known", known_file, "file of cases known to differ: lines \"NAME reason\"");
  app.add_option("--threads", threads, "threads of a run (0 = all cores)")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  app.add_option("--min-passed", min_passed, "fail when fewer cases pass");
  app.add_flag("--skip-absent", skip_absent, "a device that does not exist is a skip: exit code 77");
  app.add_option("--plugin-path", plugins, "plugin file or directory, searched first")->check(CLI::ExistingPath);
  app.add_flag("--json", json, "print the results as JSON");
  app.add_flag("--verbose", verbose, "print each unsupported case, not only how many for which reason");
  app.footer("Exit codes: 0 no case failed, 1 a case failed or too few passed, 2 nothing was run, 77 skipped.");
  if (const auto end = rlx::tools::parse_arguments(app, "rlx-onnx-suite", kNothingRun, [&] { app.parse(argc, argv); }))
    return *end;

  auto registry = rlx::Registry::create({.plugin_paths = plugins, .search_defaults = true, .select = ""});
  if (!registry) {
    std::cerr << "rlx-onnx-suite: " << registry.error().text() << "\n";
    return kNothingRun;
  }
  if (auto found = (*registry)->find(device); !found) {
    if (skip_absent && found.error().code == rlx::Code::kNotFound) {
      std::cout << "skipped 1: " << found.error().text() << "\n0 passed, 0 failed, 1 skipped\n";
      return kSkipped;
    }
    std::cerr << "rlx-onnx-suite: " << found.error().text() << "\n";
    return kNothingRun;
  }
  const std::vector<std::string> cases = rlx::tools::find_cases(roots, filter);
  if (cases.empty()) {
    std::cerr << "rlx-onnx-suite: no case, a directory with a model.onnx, below";
    for (const std::string& root : roots) std::cerr << " " << root;
    std::cerr << (filter.empty() ? "" : " has '" + filter + "' in its path") << "\n";
    return kNothingRun;
  }
  std::map<std::string, std::string> known;
  if (!known_file.empty()) {
    auto read = rlx::tools::read_known(known_file);
    if (!read) {
      std::cerr << "rlx-onnx-suite: " << read.error().text() << "\n";
      return kNothingRun;
    }
    known = std::move(*read);
  }
  std::vector<CaseResult> results;
  size_t count[3] = {0, 0, 0};
  std::map<std::string, size_t> reasons;  // why cases were skipped, and how many for each
  const bool progress = isatty(STDERR_FILENO) != 0;
  for (const std::string& dir : cases) {
    if (progress) std::cerr << "\r" << results.size() + 1 << "/" << cases.size() << std::flush;
    results.push_back(rlx::tools::judge_known(rlx::tools::run_case(dir, *registry, device, threads), known));
    const CaseResult& r = results.back();
    ++count[static_cast<int>(r.outcome)];
    if (r.outcome == Outcome::kUnsupported) ++reasons[r.reason];
    if (!json && (r.outcome == Outcome::kFailed || (verbose && r.outcome == Outcome::kUnsupported)))
      std::cout << (progress ? "\r" : "") << name_of(r.outcome) << "  " << r.name << ": " << r.reason << "\n";
  }
  if (progress) std::cerr << "\r";
  if (json) std::cout << to_json(results, device).dump(1) << "\n";
  if (!list.empty()) {
    const auto written = rlx::tools::write_whole(list, [&](std::ostream& file) {
      for (const CaseResult& r : results) file << name_of(r.outcome) << "\t" << r.name << "\t" << r.reason << "\n";
    });
    if (!written) {
      std::cerr << "rlx-onnx-suite: " << written.error().text() << "\n";
      return kNothingRun;
    }
  }
  if (!json) {
    for (const auto& [reason, skipped] : reasons) std::cout << "skipped " << skipped << ": " << reason << "\n";
  }
  // With --json the closing line goes to stderr, so that stdout is one document.
  (json ? std::cerr : std::cout) << count[0] << " passed, " << count[1] << " failed, " << count[2] << " skipped\n";
  if (count[0] < min_passed) {
    std::cerr << "rlx-onnx-suite: " << count[0] << " cases passed, at least " << min_passed << " must\n";
    return kCaseFailed;
  }
  return count[1] == 0 ? 0 : kCaseFailed;
}
