// The one-file plugin of docs/plugin-author.md is found, runs its op and explains what it cannot do.
#include "catch.hpp"

#include <rlx/rlx.hpp>

#include <cstdlib>
#include <string>
#include <vector>

namespace {

// Only the example, whatever else is installed.
std::shared_ptr<rlx::Registry> registry() {
  const char* path = std::getenv("RLX_EXAMPLE_PLUGIN");
  REQUIRE(path != nullptr);
  rlx::RegistryOptions options;
  options.plugin_paths = {path};
  options.search_defaults = false;
  auto registry = rlx::Registry::create(options);
  REQUIRE(registry);
  return *registry;
}

rlx::Result<rlx::Graph> graph(const std::string& kind) {
  rlx::Graph g("example");
  RLX_ASSIGN(const rlx::ValueId x, g.input("x", {rlx::DType::kF32, {3}}));
  RLX_ASSIGN(const rlx::ValueId y, g.add("unary", {x}, {{"kind", kind}}));
  RLX_TRY(g.add_output("y", y));
  return g;
}

}  // namespace

TEST_CASE("the example plugin is loaded and offers its device", "[examples]") {
  const auto found = registry();
  REQUIRE(found->verdicts().size() == 1);
  INFO(found->verdicts()[0].reason);
  REQUIRE(found->verdicts()[0].code == rlx::VerdictCode::kLoaded);
  REQUIRE(found->devices().size() == 1);
  REQUIRE(found->devices()[0].id() == "negate:0");
}

TEST_CASE("the example plugin negates", "[examples]") {
  rlx::SessionOptions options;
  options.device = "negate";
  auto g = graph("neg");
  REQUIRE(g);
  auto session = rlx::Session::create(registry(), std::move(*g), options);
  INFO((session ? std::string() : session.error().text()));
  REQUIRE(session);
  const std::vector<float> values = {1, -2, 0.5};
  auto x = rlx::Tensor::of<float>(rlx::DType::kF32, {3}, values);
  REQUIRE(x);
  const auto outputs = session->run({{"x", x->view()}});
  INFO((outputs ? std::string() : outputs.error().text()));
  REQUIRE(outputs);
  const auto y = (*outputs)[0].tensor.as<float>();
  REQUIRE(std::vector<float>(y.begin(), y.end()) == std::vector<float>{-1, 2, -0.5});
}

TEST_CASE("the example plugin says why it cannot run another op", "[examples]") {
  rlx::SessionOptions options;
  options.device = "negate";
  auto g = graph("sin");
  REQUIRE(g);
  auto session = rlx::Session::create(registry(), std::move(*g), options);
  REQUIRE(session);
  const auto executable = session->executable();
  REQUIRE(!executable);
  REQUIRE_THAT(executable.error().text(), tests::contains_text("only unary neg is here"));
}
