// The table against the contract: every op of docs/ops.md has a schema with the same attributes, and none else exists.
#include "catch.hpp"

#include <rlx/op.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <set>

namespace {

std::vector<std::smatch> matches(const std::string& text, const std::regex& pattern) {
  return {std::sregex_iterator(text.begin(), text.end(), pattern), std::sregex_iterator()};
}

// Op names to the cells that list their attributes, from the rows of docs/ops.md that define ops.
std::map<std::string, std::string> documented_ops() {
  std::ifstream file(RLX_OPS_DOC);
  std::map<std::string, std::string> ops;
  const std::regex name("`([a-z0-9_]+)`"), minus("\u2212"), cell("\\|([^|]*)");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    line = std::regex_replace(line, minus, "-");
    const auto cells = matches(line, cell);
    const std::string names = cells.at(0)[1];
    for (const std::smatch& op : matches(names, name)) ops[op[1]] = cells.at(2)[1];
  }
  // Rows that refer to others.
  for (const char* op : {"conv_transpose", "fused_conv_bias_act"}) ops.at(op) += ops.at("conv");
  ops.at("rope_backward") += ops.at("rope");
  return ops;
}

// "0.75", "u8", "sum/mean": the default of an attribute as docs/ops.md writes it, or its choices.
void check_value(const rlx::AttrSpec& spec, const std::string& text) {
  if (text.find('/') != std::string::npos) {
    std::string choices;
    for (const std::string_view choice : spec.choices) choices += (choices.empty() ? "" : "/") + std::string(choice);
    CHECK(choices == text);
    return;
  }
  REQUIRE(spec.fallback);
  if (spec.type == rlx::AttrType::kString) CHECK(std::get<std::string>(*spec.fallback) == text);
  if (spec.type == rlx::AttrType::kDType) CHECK(rlx::name_of(std::get<rlx::DType>(*spec.fallback)) == text);
  if (spec.type == rlx::AttrType::kInt) CHECK(std::to_string(std::get<int64_t>(*spec.fallback)) == text);
  if (spec.type == rlx::AttrType::kFloat) CHECK(std::get<double>(*spec.fallback) == std::strtod(text.c_str(), nullptr));
}

}  // namespace

TEST_CASE("the schema table and docs/ops.md list the same ops", "[ops]") {
  std::set<std::string> documented, existing;
  for (const auto& [name, row] : documented_ops()) documented.insert(name);
  for (const rlx::OpSchema* schema : rlx::all_ops()) existing.insert(std::string(schema->name));
  REQUIRE(!documented.empty());
  CHECK(documented == existing);
}

TEST_CASE("the schemas' attributes are those of docs/ops.md, with its types, defaults and choices", "[ops]") {
  const std::regex word("[a-z0-9_]+"),
      attribute("([a-z0-9_]+) (int|ints|float|floats|string|dtype|bool|literal)\\b(?: ([-a-z0-9_./]+))?");
  const std::map<std::string, rlx::AttrType> types{
      {"int", rlx::AttrType::kInt},     {"bool", rlx::AttrType::kInt},       {"ints", rlx::AttrType::kInts},
      {"float", rlx::AttrType::kFloat}, {"floats", rlx::AttrType::kFloats},  {"string", rlx::AttrType::kString},
      {"dtype", rlx::AttrType::kDType}, {"literal", rlx::AttrType::kLiteral}};
  size_t compared = 0;
  for (const auto& [op, cell] : documented_ops()) {
    CAPTURE(op, cell);
    const rlx::OpSchema* schema = rlx::find_op(op);
    REQUIRE(schema);
    std::set<std::string> told;
    for (const std::smatch& m : matches(cell, word)) told.insert(m[0]);
    for (const rlx::AttrSpec& spec : schema->attrs) CHECK(told.count(std::string(spec.name)) == 1);
    for (const std::smatch& m : matches(cell, attribute)) {
      CAPTURE(m[0].str());
      const auto spec = std::find_if(schema->attrs.begin(), schema->attrs.end(),
                                     [&](const rlx::AttrSpec& s) { return s.name == m[1].str(); });
      REQUIRE(spec != schema->attrs.end());
      CHECK(spec->type == types.at(m[2]));
      if (m[3].matched) check_value(*spec, m[3]), ++compared;
    }
  }
  CHECK(compared > 50);
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
