// What ranks are told when others do not do their part.
#include "ranks.hpp"

#include <chrono>

using namespace rlx;
using namespace tests;

namespace {

constexpr uint64_t kMs = 1'000'000;

RankOptions with_deadline(uint64_t ns) {
  RankOptions options;
  options.heap_bytes = 4096;
  options.deadline_ns = ns;
  return options;
}

}  // namespace

TEST_CASE("accesses outside of the heap name rank, offset, length and heap", "[transport]") {
  for (const Transport& transport : thread_transports())
    require_ranks(transport, 2, with_deadline(kForever), [](Rank& rank) -> Status {
      char bytes[16] = {};
      RLX_TRY(expect_error(rank.put(1, 4090, bytes, 7), Code::kOutOfRange,
                           "7 bytes at offset 4090 of rank 1 exceed its heap of 4096 bytes"));
      RLX_TRY(expect_error(rank.get(1, UINT64_MAX - 3, bytes, 8), Code::kOutOfRange, "offset 18446744073709551612"));
      RLX_TRY(expect_error(rank.put(0, 8, bytes, UINT64_MAX), Code::kOutOfRange, "18446744073709551615 bytes"));
      RLX_TRY(expect_error(rank.put(2, 0, bytes, 1), Code::kInvalidArgument, "rank 2 is unknown in a world of 2"));
      RLX_TRY(expect_error(rank.put_signal(1, 0, bytes, 1, 4, 1), Code::kInvalidArgument, "not aligned"));
      RLX_TRY(expect_error(rank.put_signal(1, 0, bytes, 1, 4096, 1), Code::kOutOfRange, "offset 4096"));
      RLX_TRY(expect_error(rank.wait_signal(3, 1), Code::kInvalidArgument, "not aligned"));
      RLX_TRY(expect_error(rank.put(1,
                                    {.count = uint64_t{1} << 40,
                                     .block_bytes = 1,
                                     .heap_offset = 0,
                                     .heap_stride = uint64_t{1} << 40,
                                     .local_stride = 1},
                                    bytes),
                           Code::kOutOfRange, "exceed any heap"));
      RLX_TRY(expect_error(
          rank.put(1, {.count = 2, .block_bytes = 8, .heap_offset = 0, .heap_stride = 4, .local_stride = 8}, bytes),
          Code::kInvalidArgument, "less than the block"));
      return expect_error(
          rank.put(1, {.count = 3, .block_bytes = 8, .heap_offset = 4070, .heap_stride = 10, .local_stride = 8}, bytes),
          Code::kOutOfRange, "28 bytes at offset 4070");
    });
}

TEST_CASE("a wait with deadline 0 does not wait, one that has come does not fail", "[transport]") {
  for (const Transport& transport : thread_transports())
    require_ranks(transport, 2, with_deadline(kForever), [](Rank& rank) -> Status {
      RLX_TRY(expect_error(rank.wait_signal(0, 1, 1, 0), Code::kDeadlineExceeded, "rank 1 of 2"));
      RLX_TRY(rank.barrier());
      RLX_TRY(rank.put_signal(1 - rank.rank(), 0, nullptr, 0, 0, 1));
      RLX_TRY(rank.barrier());
      return rank.wait_signal(0, 1, 1 - rank.rank(), 0);
    });
}

TEST_CASE("a rank that leaves is named by everybody who waits for it", "[transport]") {
  for (const Transport& transport : thread_transports())
    for (const bool asleep : {false, true}) {
      const std::string group = fresh_group();
      std::vector<Status> statuses(3);
      std::vector<std::thread> threads;
      for (uint32_t r = 0; r < 3; ++r)
        threads.emplace_back([&, r] {
          RankOptions options = with_deadline(kForever);
          options.rank = r;
          options.world_size = 3;
          options.group = group;
          auto rank = transport.attach(options);
          if (!rank) {
            statuses[r] = tl::unexpected<Error>(rank.error());
            return;
          }
          if (r == 1) {
            if (asleep) std::this_thread::sleep_for(std::chrono::milliseconds(30));
            return;
          }
          const Status lost = r == 0 ? rank->barrier() : rank->wait_signal(0, 1, 1);
          statuses[r] = expect_error(lost, Code::kPeerLost, "rank 1 of 3");
          // The group is over: later calls do not wait either.
          if (statuses[r]) statuses[r] = expect_error(rank->barrier(), Code::kPeerLost, "rank 1");
        });
      for (std::thread& t : threads) t.join();
      for (const Status& status : statuses) {
        INFO(transport.name() << (status ? "" : ": " + status.error().text()));
        CHECK(status.has_value());
      }
    }
}

TEST_CASE("a rank that never comes is named, and the name is free again", "[transport]") {
  for (const Transport& transport : thread_transports()) {
    RankOptions options = with_deadline(30 * kMs);
    options.group = fresh_group();
    options.world_size = 3;
    options.rank = 1;
    const auto alone = transport.attach(options);
    REQUIRE_FALSE(alone);
    CHECK(alone.error().code == Code::kDeadlineExceeded);
    CHECK_THAT(alone.error().message, contains_text("ranks 0, 2 of 3"));
    options.deadline_ns = 0;
    CHECK(transport.attach(options).error().code == Code::kDeadlineExceeded);
    options.world_size = 1;
    options.rank = 0;
    CHECK(transport.attach(options));
  }
}

TEST_CASE("a rank with another heap or world size fails the whole group", "[transport]") {
  for (const Transport& transport : thread_transports())
    for (const bool other_heap : {true, false}) {
      RankOptions options = with_deadline(kForever);
      options.group = fresh_group();
      options.world_size = 2;
      Status first;
      std::thread thread([&] {
        const auto rank = transport.attach(options);
        if (!rank) first = tl::unexpected<Error>(rank.error());
      });
      // The first is there as soon as its rank is taken.
      RankOptions same = options;
      same.deadline_ns = 0;
      while (transport.destroy(same.group)) std::this_thread::yield();
      RankOptions second = options;
      second.rank = 1;
      if (other_heap)
        second.heap_bytes = 8192;
      else
        second.world_size = 3;
      const auto refused = transport.attach(second);
      thread.join();
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == Code::kInvalidArgument);
      CHECK_THAT(refused.error().message, contains_text(other_heap ? "a heap of 8192 bytes" : "world size 3"));
      REQUIRE_FALSE(first);
      CHECK(first.error().code == Code::kInvalidArgument);
      CHECK_THAT(first.error().message, contains_text("because of rank 1"));
    }
}

TEST_CASE("a rank that is taken is refused, and the group is not harmed", "[transport]") {
  for (const Transport& transport : thread_transports()) {
    RankOptions options = with_deadline(kForever);
    options.group = fresh_group();
    options.world_size = 2;
    Status first;
    std::thread thread([&] {
      auto rank = transport.attach(options);
      first = rank ? rank->barrier() : tl::unexpected<Error>(rank.error());
    });
    while (transport.destroy(options.group)) std::this_thread::yield();
    auto taken = transport.attach(options);
    // Joining takes a moment in which the place looks free to destroy, but never to another rank.
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == Code::kAlreadyExists);
    RankOptions second = options;
    second.rank = 1;
    auto rank = transport.attach(second);
    REQUIRE(rank);
    CHECK(rank->barrier());
    thread.join();
    CHECK(first);
  }
}

TEST_CASE("a failure that one rank declares ends the waits of all", "[transport]") {
  for (const Transport& transport : thread_transports())
    require_ranks(transport, 3, with_deadline(kForever), [](Rank& rank) -> Status {
      if (rank.rank() == 2) return rank.fail(Code::kDataLoss, 2);
      return expect_error(rank.wait_signal(0, 1, 2), Code::kDataLoss, "because of rank 2 of 3");
    });
}

TEST_CASE("options that make no group are refused", "[transport]") {
  for (const Transport& transport : thread_transports()) {
    CHECK(transport.attach({.rank = 0, .world_size = 0}).error().code == Code::kInvalidArgument);
    CHECK(transport.attach({.rank = 3, .world_size = 3}).error().code == Code::kInvalidArgument);
    CHECK(transport.attach({.rank = 0, .world_size = 1, .heap_bytes = UINT64_MAX - 5}).error().code ==
          Code::kResourceExhausted);
    CHECK(transport.attach({.rank = 0, .world_size = 4000, .heap_bytes = uint64_t{1} << 52}).error().code ==
          Code::kResourceExhausted);
  }
}
