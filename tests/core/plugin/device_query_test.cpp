// The grammar of device expressions; what they find is tested with the registry.
#include "plugin/device_query.hpp"

#include "catch.hpp"

using namespace rlx;
using namespace rlx::plugin;

TEST_CASE("a device list is read query by query", "[device]") {
  const auto queries =
      parse_device_list("cuda:1,cpu,pci:0000:0A:00.1,vulkan:uuid=00112233-4455-6677-8899-aabbccddeeff");
  REQUIRE(queries);
  REQUIRE(queries->size() == 4);
  CHECK((*queries)[0].plugin == "cuda");
  CHECK((*queries)[0].index == 1);
  CHECK((*queries)[1].plugin == "cpu");
  CHECK((*queries)[1].index == -1);
  CHECK((*queries)[2].pci == "0000:0a:00.1");
  CHECK((*queries)[3].uuid == "00112233445566778899aabbccddeeff");
  CHECK((*queries)[3].text == "vulkan:uuid=00112233-4455-6677-8899-aabbccddeeff");
}

TEST_CASE("malformed device expressions name the bad part", "[device]") {
  for (const char* text : {"", ",", "cpu,", "cpu:", "cpu:x", "cpu:-1", "cpu:1x", "CPU", "uuid=12", "pci:1:2:3",
                           "cpu:uuid=zz112233445566778899aabbccddeeff", "cpu:99999999999"}) {
    INFO(text);
    const auto queries = parse_device_list(text);
    REQUIRE_FALSE(queries);
    CHECK(queries.error().code == Code::kInvalidArgument);
    CHECK_THAT(queries.error().message, tests::contains_text("device '"));
  }
}
