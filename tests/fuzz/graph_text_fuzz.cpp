// The parser of the graph text form meets anything; what it accepts must print and read back as the same graph.
#include <rlx/graph.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto graph = rlx::parse_graph(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!graph) return 0;
  const std::string text = rlx::print(*graph);
  const auto again = rlx::parse_graph(text);
  if (!again || !rlx::structurally_equal(*graph, *again) || rlx::print(*again) != text) std::abort();
  if (rlx::verify(*graph).has_value() != rlx::verify(*again).has_value()) std::abort();
  return 0;
}
