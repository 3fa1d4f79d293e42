// The host's services as a plugin sees them, through the table of the ABI.
#include "plugin/host.hpp"

#include "catch.hpp"
#include "plugin/abi_call.hpp"
#include "plugin/host_memory.hpp"

#include <rlx/sdk/error.hpp>

#include <atomic>
#include <vector>

using namespace rlx;
using namespace rlx::plugin;

namespace {

const rlx_host_v1& host() {
  return host_table();
}

rlx_status_desc desc_of(rlx_code code, std::string_view message) {
  rlx_status_desc desc{};
  desc.struct_size = sizeof desc;
  desc.code = code;
  desc.message = sdk::str(message);
  return desc;
}

}  // namespace

TEST_CASE("a status keeps its own copy of everything", "[host]") {
  std::string message = "softmax: axis 3 out of range", remedy = "use axis 1", domain = "cuda";
  rlx_status_desc desc = desc_of(RLX_OUT_OF_RANGE, message);
  desc.remedy = sdk::str(remedy);
  desc.domain = sdk::str(domain);
  desc.native_code = 999;
  desc.flags = RLX_STATUS_STICKY;
  rlx_status* status = host().status_make(host().ctx, &desc);
  message.assign(message.size(), '!');
  remedy.clear();

  const rlx_status_desc* read = host().status_read(host().ctx, status);
  CHECK(sdk::view(read->message) == "softmax: axis 3 out of range");
  const Status error = to_status(status);
  REQUIRE_FALSE(error);
  CHECK(error.error().code == Code::kOutOfRange);
  CHECK(error.error().remedy == "use axis 1");
  CHECK(error.error().domain == "cuda");
  CHECK(error.error().native_code == 999);
  CHECK(error.error().flags == RLX_STATUS_STICKY);
}

TEST_CASE("a NULL status is success, and releasing it is allowed", "[host]") {
  CHECK(to_status(nullptr));
  host().status_release(host().ctx, nullptr);
}

TEST_CASE("a status that exists is a failure", "[host]") {
  const rlx_status_desc desc = desc_of(RLX_OK, "nothing happened");
  const Status status = to_status(host().status_make(host().ctx, &desc));
  REQUIRE_FALSE(status);
  CHECK(status.error().code == Code::kUnknown);
}

TEST_CASE("a status of an older struct has empty later fields", "[host]") {
  rlx_status_desc desc = desc_of(RLX_BUSY, "busy");
  desc.remedy = sdk::str("beyond what struct_size covers");
  desc.struct_size = offsetof(rlx_status_desc, remedy);
  const Status status = to_status(host().status_make(host().ctx, &desc));
  REQUIRE_FALSE(status);
  CHECK(status.error().message == "busy");
  CHECK(status.error().remedy.empty());
}

TEST_CASE("exceptions of a plugin become errors", "[host]") {
  rlx_status* (*throws)(int) = [](int) -> rlx_status* { throw 1; };
  const Status status = call("run", throws, 0);
  REQUIRE_FALSE(status);
  CHECK(status.error().code == Code::kInternal);
  CHECK(status.error().message == "exception in run: of unknown type");
}

TEST_CASE("host memory is aligned and accounted by tag", "[host]") {
  const rlx_str tag = sdk::str("host-test");
  const uint64_t before = host_memory_in_use("host-test");
  void* memory = host().alloc(host().ctx, 1000, 4096, tag);
  REQUIRE(memory);
  CHECK(reinterpret_cast<uintptr_t>(memory) % 4096 == 0);
  CHECK(host_memory_in_use("host-test") == before + 1000);
  host().free(host().ctx, memory, 1000, tag);
  CHECK(host_memory_in_use("host-test") == before);
  host().free(host().ctx, nullptr, 1000, tag);
  CHECK(host_memory_in_use("host-test") == before);
  CHECK_FALSE(host().alloc(host().ctx, 1000, 48, tag));
}

TEST_CASE("host memory beyond the limit is refused and leaves no trace", "[host]") {
  const rlx_str tag = sdk::str("host-limit");
  const uint64_t whole = limit_host_memory(0);
  limit_host_memory(0);
  CHECK(host().alloc(host().ctx, UINT64_MAX, 64, tag) == nullptr);
  CHECK(host().alloc(host().ctx, uint64_t{1} << 60, 64, tag) == nullptr);
  CHECK(host_memory_in_use("host-limit") == 0);
  limit_host_memory(1);
  CHECK(host().alloc(host().ctx, 4096, 64, tag) == nullptr);
  CHECK(limit_host_memory(whole) == 1);
  void* memory = host().alloc(host().ctx, 4096, 64, tag);
  CHECK(memory);
  host().free(host().ctx, memory, 4096, tag);
}

TEST_CASE("plugins reach the memory planner", "[host]") {
  rlx_plan_item items[2]{};
  items[0] = {100, 0, 1, RLX_NO_INDEX, 0, 0};
  items[1] = {100, 2, 3, RLX_NO_INDEX, 0, 0};
  rlx_plan_result result{};
  REQUIRE(call("plan_memory", host().plan_memory, host().ctx, items, uint64_t{2}, uint64_t{64}, &result));
  CHECK(result.arena_bytes == 128);
  CHECK(items[0].out_offset_bytes == items[1].out_offset_bytes);
  const Status bad = call("plan_memory", host().plan_memory, host().ctx, items, uint64_t{2}, uint64_t{3}, &result);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == Code::kInvalidArgument);
}

TEST_CASE("parallel_for covers every index once", "[host]") {
  const uint32_t threads = GENERATE(0u, 1u, 3u, 64u);
  std::vector<std::atomic<int>> hits(1000);
  const auto mark = [](void* arg, uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; ++i) (*static_cast<std::vector<std::atomic<int>>*>(arg))[i]++;
  };
  REQUIRE(call("parallel_for", host().parallel_for, host().ctx, threads, uint64_t{1000}, +mark, &hits));
  unsigned wrong = 0;
  for (const std::atomic<int>& h : hits) wrong += h != 1;
  CHECK(wrong == 0);
}

TEST_CASE("parallel_for contains exceptions and runs the other ranges", "[host]") {
  std::atomic<uint64_t> done{0};
  const auto fail_at_zero = [](void* arg, uint64_t begin, uint64_t end) {
    if (begin == 0) throw 1;
    *static_cast<std::atomic<uint64_t>*>(arg) += end - begin;
  };
  const Status status = call("parallel_for", host().parallel_for, host().ctx, 4u, uint64_t{100}, +fail_at_zero, &done);
  REQUIRE_FALSE(status);
  CHECK(status.error().code == Code::kInternal);
  CHECK(done == 75);
}
