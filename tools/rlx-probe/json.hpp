// What rlx-probe prints for programs. The schema has a version; within a version members are only added.
#pragma once

#include <rlx/registry.hpp>

#include <ostream>

namespace rlx::tools {

void print_json(std::ostream& out, const Registry& registry, const std::vector<Verdict>& verdicts);

}  // namespace rlx::tools
