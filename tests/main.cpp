// The program around every Catch2 test binary: adds --device, prints the random seed, counts the outcomes the same way
// for Catch2 v2 and v3, and ends with the line "N passed, N failed, N skipped" (test cases) that ./dev sums.
// Exit code: 0 passed, 77 everything was skipped (what Meson calls a skipped test), 1 failed or nothing to run.
#define CATCH_CONFIG_RUNNER
#include "catch.hpp"
#include "options.hpp"

#if RLX_CATCH_V3
#include <catch2/catch_session.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
#endif

#include <iostream>
#include <string>
#include <vector>

namespace {

#if RLX_CATCH_V3
namespace cli = Catch::Clara;
using ListenerBase = Catch::EventListenerBase;
#else
namespace cli = Catch::clara;
using ListenerBase = Catch::TestEventListenerBase;
#endif

constexpr std::uint32_t kDefaultSeed = 1;
constexpr int kExitFailed = 1;
constexpr int kExitSkipped = 77;

struct Skip {
  std::string test;
  std::string reason;
};

struct Outcome {
  bool started = false;  // stays false for --list-tests and --help
  unsigned passed = 0;
  unsigned failed = 0;
  unsigned skipped = 0;
  std::vector<Skip> skips;
};

// Catch makes the listener itself and RLX_SKIP is a plain function, so what they share has to be found by name.
Outcome outcome;
std::string running_test;
std::string chosen_device;
std::uint32_t chosen_seed = kDefaultSeed;

class OutcomeListener : public ListenerBase {
 public:
  using ListenerBase::ListenerBase;

  void testRunStarting(const Catch::TestRunInfo&) override { outcome.started = true; }

  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    running_test = info.name;
    skips_before_ = outcome.skips.size();
  }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    if (stats.totals.testCases.failed > 0) {
      ++outcome.failed;
    } else if (outcome.skips.size() > skips_before_) {
      ++outcome.skipped;
    } else {
      ++outcome.passed;
    }
  }

 private:
  std::size_t skips_before_ = 0;
};

int exit_code(int catch_result) {
  if (!outcome.started) return catch_result;
  if (outcome.failed > 0) return kExitFailed;
  if (outcome.passed > 0) return 0;
  return outcome.skipped > 0 ? kExitSkipped : kExitFailed;
}

void print_outcome() {
  for (const Skip& skip : outcome.skips) std::cout << "skipped: " << skip.test << ": " << skip.reason << '\n';
  if (outcome.passed + outcome.failed + outcome.skipped == 0) std::cout << "no test case matches the filter\n";
  std::cout << outcome.passed << " passed, " << outcome.failed << " failed, " << outcome.skipped << " skipped"
            << std::endl;
}

}  // namespace

CATCH_REGISTER_LISTENER(OutcomeListener)

namespace tests {

const std::string& device_filter() {
  return chosen_device;
}
std::uint32_t seed() {
  return chosen_seed;
}
void note_skip(const std::string& reason) {
  outcome.skips.push_back({running_test, reason});
}

}  // namespace tests

int main(int argc, char** argv) {
  Catch::Session session;
  session.configData().rngSeed = kDefaultSeed;
  session.cli(session.cli() | cli::Opt(chosen_device, "ID")["--device"]("test this device only, such as cpu:0"));
  if (const int error = session.applyCommandLine(argc, argv); error != 0) return error;
  chosen_seed = session.configData().rngSeed;

  std::cout << "random seed: " << chosen_seed << " (repeat with --rng-seed " << chosen_seed << ")" << std::endl;
  const int result = session.run();
  if (outcome.started) print_outcome();
  return exit_code(result);
}
