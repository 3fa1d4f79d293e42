// The one source that every compiler gets.
#include "compile/compiler.hpp"

#include "build.hpp"
#include "emulation/list.hpp"

#include <sstream>

namespace compile {

namespace {

// What decodes packed weights is compiled for every scheme once, in packed_rows.
bool is_of_one_scheme(const std::string& entry) {
  return entry.find("scheme_named") == std::string::npos || entry.find(" packed_rows") != std::string::npos ||
         entry.find("q4_k") != std::string::npos;
}

bool stands_for_others(const std::string& entry) {
  if (!is_of_one_scheme(entry)) return false;
  for (const char* type :
       {"<f16", "<tf32x3", "fragment_matmul<f32, 64", "attention<f32, 64", "<i32", "<u16", "<boolean"})
    if (entry.find(type) != std::string::npos) return true;
  return false;
}

}  // namespace

std::vector<std::string> entries() {
  std::vector<std::string> some;
  for (const std::string& entry : emulation::all_instances())
    if (stands_for_others(entry)) some.push_back(entry);
  return some;
}

std::string every_kernel() {
  std::ostringstream text;
  for (const auto& header : rlx::simt::device_headers()) text << "#include \"" << header.name << "\"\n";
  text << "using namespace simt;\n";
  int number = 0;
  for (const std::string& entry : entries()) text << "SIMT_ENTRY(kernel_" << number++ << ", " << entry << ")\n";
  // A struct that nothing but its template's arguments makes, so that every function is instantiated.
  text << "SIMT_DEVICE void scalars(const CopyParams& p) {\n";
  for (const std::string& signature : emulation::all_scalars()) {
    std::istringstream words(signature);
    std::string function, type, arguments;
    words >> function;
    while (words >> type) arguments += (arguments.empty() ? "" : ", ") + ("*reinterpret_cast<" + type + "*>(p.x)");
    // Loads and stores are in every kernel.
    if (!arguments.empty())
      text << "  { const auto y = " << function << "(" << arguments
           << "); volatile auto* to = reinterpret_cast<volatile u8*>(p.y); to[0] = *reinterpret_cast<const u8*>(&y); "
              "}\n";
  }
  text << "}\nSIMT_ENTRY(every_scalar, CopyParams, scalars)\n";
  return text.str();
}

}  // namespace compile
