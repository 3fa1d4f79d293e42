// The symmetric allocator of a rank.
#include "ranks.hpp"

using namespace rlx;
using namespace tests;

TEST_CASE("ranks that allocate alike get the same offsets, and freed memory comes back", "[transport]") {
  RankOptions options;
  options.heap_bytes = 4096;
  options.group = fresh_group();
  auto rank = Transport::local().attach(options);
  REQUIRE(rank);
  CHECK(*rank->allocate(1) == 0);
  CHECK(*rank->allocate(100) == 64);
  CHECK(*rank->allocate(0) == 192);
  CHECK(*rank->allocate(64) == 256);
  REQUIRE(rank->release(64));
  CHECK(*rank->allocate(200) == 320);
  CHECK(*rank->allocate(128) == 64);
  CHECK(rank->release(64));
  CHECK(rank->release(65).error().code == Code::kInvalidArgument);
  const auto none = rank->allocate(4096);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Code::kResourceExhausted);
  CHECK_THAT(none.error().message, contains_text("3520 of 4096"));
  CHECK_FALSE(rank->allocate(UINT64_MAX));
}
