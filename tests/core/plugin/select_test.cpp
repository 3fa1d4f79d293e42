// Allow and deny lists of plugin ids.
#include "plugin/select.hpp"

#include "catch.hpp"

using namespace rlx;
using namespace rlx::plugin;

TEST_CASE("an empty selection allows every plugin", "[select]") {
  CHECK(Selection::parse("")->allows("cpu"));
}

TEST_CASE("a list allows only what it names", "[select]") {
  const Result<Selection> selection = Selection::parse("cpu,cuda");
  REQUIRE(selection);
  CHECK(selection->allows("cuda"));
  CHECK_FALSE(selection->allows("vulkan"));
}

TEST_CASE("a list with a caret allows all but what it names", "[select]") {
  const Result<Selection> selection = Selection::parse("^vulkan,ref");
  REQUIRE(selection);
  CHECK(selection->allows("cpu"));
  CHECK_FALSE(selection->allows("vulkan"));
  CHECK_FALSE(selection->allows("ref"));
}

TEST_CASE("a selection with an impossible id is an error", "[select]") {
  for (const char* text : {",", "cpu,", "^", "cpu,^vulkan", "CPU", "cpu cuda"}) {
    INFO(text);
    const Result<Selection> selection = Selection::parse(text);
    REQUIRE_FALSE(selection);
    CHECK(selection.error().code == Code::kInvalidArgument);
  }
}
