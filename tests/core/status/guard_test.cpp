#include <rlx/guard.hpp>

#include "catch.hpp"

#include <stdexcept>

using namespace rlx;

namespace {

template <typename Exception>
Error thrown(Exception exception) {
  const Status status = guarded([&]() -> Status { throw exception; });
  REQUIRE_FALSE(status);
  return status.error();
}

}  // namespace

TEST_CASE("what is thrown becomes an error with a text", "[status]") {
  CHECK(thrown(std::bad_alloc()).text() == "RESOURCE_EXHAUSTED: out of memory");
  CHECK(thrown(std::runtime_error("oh")).text() == "INTERNAL: oh");
  CHECK(thrown(7).text() == "INTERNAL: exception of unknown type");
  const auto again = std::make_error_code(std::errc::resource_unavailable_try_again);
  CHECK(thrown(std::system_error(again)).code == Code::kResourceExhausted);
  CHECK(thrown(std::system_error(std::make_error_code(std::errc::io_error))).code == Code::kInternal);
}

TEST_CASE("what is returned passes the guard", "[status]") {
  CHECK(guarded([]() -> Result<int> { return 3; }) == 3);
  CHECK(guarded([]() -> Status { return error(Code::kNotFound, "gone"); }).error().message == "gone");
}
