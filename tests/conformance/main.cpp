// Runs every case on every device and compares with the device `ref`. `ref` itself is checked where an op decomposes:
// the op against its primitives, two independent ways to the same numbers.
//
//   conformance [--device ID] [--filter PATTERN] [--shard K/N] [--expect DIR] [--rng-seed N] [--list]
//
// --shard runs each N-th case from the K-th on, K from 0: N processes share the cases.
//
// Exit code: 0 passed, 77 everything was skipped, 1 failed or nothing to run.
#include "expect.hpp"
#include "run.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>

namespace conformance {
namespace {

constexpr uint32_t kDefaultSeed = 1;
constexpr int kExitFailed = 1, kExitSkipped = 77;

struct Options {
  std::string device, filter = "*", expect_dir = RLX_EXPECT_DIR;
  size_t shard = 0, shards = 1;
  uint32_t seed = kDefaultSeed;
  bool list = false;
};

struct Outcome {
  enum class Kind { kPassed, kFailed, kSkipped } kind = Kind::kPassed;
  std::string reason = {};
};

class Totals {
 public:
  void add(const std::string& device, const Case& c, const Outcome& outcome) {
    switch (outcome.kind) {
      case Outcome::Kind::kPassed:
        ++passed_;
        return;
      case Outcome::Kind::kFailed:
        ++failed_;
        std::cout << "FAILED " << device << ": " << c.name() << ": " << outcome.reason << std::endl;
        return;
      case Outcome::Kind::kSkipped:
        ++skipped_;
        ++reasons_[device + ": " + c.op + ": " + outcome.reason];
        return;
    }
  }
  int finish() const {
    for (const auto& [reason, count] : reasons_) std::cout << "skipped " << count << ": " << reason << '\n';
    std::cout << passed_ << " passed, " << failed_ << " failed, " << skipped_ << " skipped" << std::endl;
    if (failed_ > 0) return kExitFailed;
    if (passed_ > 0) return 0;
    return skipped_ > 0 ? kExitSkipped : kExitFailed;
  }

 private:
  size_t passed_ = 0, failed_ = 0, skipped_ = 0;
  std::map<std::string, size_t> reasons_;
};

Outcome failed(const std::string& what, const rlx::Error& error) {
  return {Outcome::Kind::kFailed, what + error.text()};
}

// What all devices are compared with, made once per case.
struct Reference {
  rlx::Graph graph;
  std::vector<rlx::Tensor> inputs, outputs;
};

rlx::Result<Reference> make_reference(const std::shared_ptr<rlx::Registry>& registry, const rlx::Device& ref,
                                      const Case& c, uint32_t seed) {
  Reference reference;
  RLX_ASSIGN(reference.graph, one_node_graph(c));
  RLX_ASSIGN(reference.inputs, make_inputs(c, seed));
  RLX_ASSIGN(reference.outputs, run(registry, ref, reference.graph, reference.inputs));
  return reference;
}

Outcome compare(const Case& c, const rlx::Result<std::vector<rlx::Tensor>>& actual, const Reference& reference) {
  if (!actual) return failed("", actual.error());
  const std::string text = difference(c, *actual, reference.outputs);
  if (text.empty()) return {};
  return {Outcome::Kind::kFailed, text};
}

Outcome check_device(const std::shared_ptr<rlx::Registry>& registry, const rlx::Device& device, const Case& c,
                     const Reference& reference, const Expectations& expect) {
  const auto actual = run(registry, device, reference.graph, reference.inputs);
  const bool listed = expect.unsupported(c.name());
  if (!actual && actual.error().code == rlx::Code::kUnimplemented) {
    if (listed || !expect.known_plugin()) return {Outcome::Kind::kSkipped, actual.error().message};
    return failed("not in the list of unsupported cases: ", actual.error());
  }
  if (listed) return {Outcome::Kind::kFailed, "is in the list of unsupported cases, but the device takes it"};
  const Outcome outcome = compare(c, actual, reference);
  if (!expect.differs(c.name())) return outcome;
  if (outcome.kind == Outcome::Kind::kPassed)
    return {Outcome::Kind::kFailed, "is in the list of known differences, but the results agree"};
  return {Outcome::Kind::kSkipped, "known to differ: " + outcome.reason};
}

void run_case(const std::shared_ptr<rlx::Registry>& registry, const Options& options, const Case& c,
              const rlx::Device& ref, const std::map<std::string, Expectations>& expectations, Totals& totals) {
  const auto reference = make_reference(registry, ref, c, options.seed);
  if (!reference) {
    totals.add(ref.id(), c, failed("", reference.error()));
    return;
  }
  for (const rlx::Device& device : registry->devices()) {
    if (!options.device.empty() && device.id() != options.device) continue;
    if (device.id() != ref.id()) {
      const Expectations& expect = expectations.at(device.info().plugin);
      totals.add(device.id(), c, check_device(registry, device, c, *reference, expect));
      continue;
    }
    auto primitives = primitive_graph(c);
    if (!primitives) {
      totals.add(ref.id() + " decomposed", c, failed("", primitives.error()));
    } else if (*primitives) {
      const auto actual = run(registry, ref, std::move(**primitives), reference->inputs);
      totals.add(ref.id() + " decomposed", c, compare(c, actual, *reference));
    }
  }
}

int run_all(const Options& options) {
  const std::vector<Case> cases = all_cases();
  if (options.list) {
    for (const Case& c : cases) std::cout << c.name() << '\n';
    return 0;
  }
  std::cout << "random seed: " << options.seed << " (repeat with --rng-seed " << options.seed << ")" << std::endl;
  const auto registry = rlx::Registry::create();
  if (!registry) {
    std::cout << registry.error().text() << '\n';
    return kExitFailed;
  }
  const auto ref = (*registry)->find("ref:0");
  if (!ref) {
    std::cout << "skipped: no device to compare with: " << ref.error().text() << "\n0 passed, 0 failed, 1 skipped\n";
    return kExitSkipped;
  }
  std::vector<std::string> names;
  for (const Case& c : cases) names.push_back(c.name());
  std::map<std::string, Expectations> expectations;
  for (const rlx::Device& device : (*registry)->devices()) {
    std::cout << "device " << device.id() << ": " << device.info().name << '\n';
    const auto& list =
        expectations.emplace(device.info().plugin, Expectations::load(options.expect_dir, device.info().plugin))
            .first->second;
    for (const std::string& line : list.bad_lines()) {
      std::cout << "expect/" << device.info().plugin << ".txt: cannot read '" << line << "'\n";
      return kExitFailed;
    }
    for (const std::string& pattern : list.idle(names)) {
      std::cout << "expect/" << device.info().plugin << ".txt: no case is named '" << pattern << "'\n";
      return kExitFailed;
    }
  }
  Totals totals;
  size_t chosen = 0;
  for (const Case& c : cases)
    if (matches(options.filter.c_str(), c.name().c_str()) && chosen++ % options.shards == options.shard)
      run_case(*registry, options, c, *ref, expectations, totals);
  return totals.finish();
}

}  // namespace
}  // namespace conformance

int main(int argc, char** argv) {
  conformance::Options options;
  for (int i = 1; i < argc; ++i) {
    const bool has_value = i + 1 < argc;
    if (!std::strcmp(argv[i], "--list")) {
      options.list = true;
    } else if (!std::strcmp(argv[i], "--device") && has_value) {
      options.device = argv[++i];
    } else if (!std::strcmp(argv[i], "--filter") && has_value) {
      options.filter = argv[++i];
    } else if (!std::strcmp(argv[i], "--expect") && has_value) {
      options.expect_dir = argv[++i];
    } else if (!std::strcmp(argv[i], "--shard") && has_value &&
               std::sscanf(argv[i + 1], "%zu/%zu", &options.shard, &options.shards) == 2 &&
               options.shard < options.shards) {
      ++i;
    } else if (!std::strcmp(argv[i], "--rng-seed") && has_value) {
      options.seed = static_cast<uint32_t>(std::strtoul(argv[++i], nullptr, 10));
    } else {
      std::cerr << "usage: conformance [--device ID] [--filter PATTERN] [--shard K/N] [--expect DIR] [--rng-seed N] "
                   "[--list]\n";
      return 2;
    }
  }
  return conformance::run_all(options);
}
