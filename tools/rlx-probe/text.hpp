// What rlx-probe prints for people. Everything goes to the stream that is given; nothing is decided here.
#pragma once

#include <rlx/registry.hpp>

#include <ostream>

namespace rlx::tools {

void print_devices(std::ostream& out, const Registry& registry);
void print_plugins(std::ostream& out, const std::vector<Verdict>& verdicts);
// Every check of each file, the outcome and the remedy.
void print_explanation(std::ostream& out, const std::vector<Verdict>& verdicts);
void print_environment(std::ostream& out);

}  // namespace rlx::tools
