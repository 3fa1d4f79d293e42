#include "plan.hpp"

namespace rlx::simt {

std::string Source::define(const std::string& text) {
  return regions_.try_emplace(text, "region_" + std::to_string(regions_.size())).first->second;
}

std::string Source::entry(const std::string& params, const std::string& body) {
  const std::string call = params + ", " + body;
  return entries_.try_emplace(call, "kernel_" + std::to_string(entries_.size())).first->second;
}

std::string Source::text() const {
  std::string text;
  for (const std::string& header : headers_) text += "#include \"" + header + "\"\n";
  text += "using namespace simt;\n";
  for (const auto& [body, name] : regions_) text += "struct " + name + " " + body + ";\n";
  for (const auto& [call, name] : entries_) text += "SIMT_ENTRY(" + name + ", " + call + ")\n";
  return text;
}

}  // namespace rlx::simt
