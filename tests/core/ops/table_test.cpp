// The table against the contract: every op of docs/ops.md has a schema with the same attributes, and none else exists.
#include "catch.hpp"

#include <rlx/op.hpp>

#include <fstream>
#include <map>
#include <regex>
#include <set>

namespace {

// op name to its table row, from the rows of docs/ops.md that define ops.
std::map<std::string, std::string> documented_ops() {
  std::ifstream file(RLX_OPS_DOC);
  std::map<std::string, std::string> ops;
  const std::regex name("`([a-z0-9_]+)`");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    const std::string cell = line.substr(1, line.find('|', 1) - 1);
    for (std::sregex_iterator it(cell.begin(), cell.end(), name), end; it != end; ++it) ops[(*it)[1]] = line;
  }
  return ops;
}

}  // namespace

TEST_CASE("the schema table and docs/ops.md list the same ops", "[ops]") {
  std::set<std::string> documented, existing;
  for (const auto& [name, row] : documented_ops()) documented.insert(name);
  for (const rlx::OpSchema* schema : rlx::all_ops()) existing.insert(std::string(schema->name));
  REQUIRE(!documented.empty());
  CHECK(documented == existing);
}

TEST_CASE("ops are found by name, and the table is sorted", "[ops]") {
  const auto ops = rlx::all_ops();
  for (size_t i = 0; i + 1 < ops.size(); ++i) CHECK(ops[i]->name < ops[i + 1]->name);
  for (const rlx::OpSchema* schema : ops) CHECK(rlx::find_op(schema->name) == schema);
  CHECK(rlx::find_op("") == nullptr);
  CHECK(rlx::find_op("softmaxx") == nullptr);
}

TEST_CASE("every schema is complete and consistent", "[ops]") {
  for (const rlx::OpSchema* schema : rlx::all_ops()) {
    INFO(schema->name);
    CHECK(schema->infer != nullptr);
    CHECK(schema->min_inputs <= schema->max_inputs);
    CHECK(schema->min_outputs <= schema->max_outputs);
    for (const rlx::AttrSpec& spec : schema->attrs) {
      INFO(spec.name);
      if (!spec.fallback) continue;
      CHECK(rlx::type_of(*spec.fallback) == spec.type);
      const auto* text = std::get_if<std::string>(&*spec.fallback);
      if (text && !spec.choices.empty())
        CHECK(std::find(spec.choices.begin(), spec.choices.end(), *text) != spec.choices.end());
    }
  }
}
