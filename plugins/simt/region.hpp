// Generates the body of an elementwise kernel: straight-line code for a node, or for all nodes of a fused region.
#pragma once

#include <rlx/sdk/program_view.hpp>

#include <string>
#include <string_view>

namespace rlx::simt {

// The struct's text behind its name (see device/elementwise.hpp). Empty when a node has no scalar function; then why
// says which.
std::string generate_region(const sdk::NodeView& node, std::string& why);

// Of one unary op that has no arguments, from input 0 to output 0.
std::string generate_unary(std::string_view kind, rlx_dtype dtype);

}  // namespace rlx::simt
