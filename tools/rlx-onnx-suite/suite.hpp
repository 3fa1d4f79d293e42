// Runs ONNX backend-test directories on one device.
#pragma once

#include <testset.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rlx::tools {

enum class Outcome { kPassed, kFailed, kUnsupported };

struct CaseResult {
  std::string name;  // directory below the suite's root
  Outcome outcome;
  std::string reason;  // why failed or unsupported; names the op
};

// Directories below each root that hold model.onnx, sorted by path. `filter` is a substring of the path.
std::vector<std::string> find_cases(const std::vector<std::string>& roots, const std::string& filter);

// Cases whose expected data cannot be met, with the reason: lines "NAME reason", # begins a comment. Errors: the file,
// the line.
Result<std::map<std::string, std::string>> read_known(const std::string& path);

// A known case that fails counts as unsupported with its reason; one that passes has failed to fail.
CaseResult judge_known(CaseResult result, const std::map<std::string, std::string>& known);

CaseResult run_case(const std::string& dir, const std::shared_ptr<Registry>& registry, const std::string& device,
                    uint32_t threads);

}  // namespace rlx::tools
