// What ranks under MPI are told when others do not do their part, and MPI's own collectives.
#include "../../core/transport/ranks.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>

using namespace rlx;
using namespace tests;

namespace {

constexpr uint64_t kMs = 1'000'000;

uint32_t world() {
  const auto options = RankOptions::from_environment();
  REQUIRE(options);
  return options->world_size;
}

Transport mpi() {
  return thread_transports().front();
}

}  // namespace

TEST_CASE("a rank that leaves is lost to those who wait for it", "[mpi]") {
  const uint32_t n = world();
  if (n < 2) RLX_SKIP("a world of 1 has nobody to lose");
  RankOptions options = *RankOptions::from_environment();
  options.heap_bytes = 4096;
  options.group = "leaves";
  auto rank = mpi().attach(options);
  REQUIRE(rank);
  REQUIRE(rank->barrier());
  if (rank->rank() == n - 1) return;
  const std::string lost = "rank " + std::to_string(n - 1) + " of " + std::to_string(n);
  const Status waited = rank->rank() == 0 ? rank->wait_signal(0, 1, n - 1, kForever) : rank->barrier(kForever);
  const Status is_lost = expect_error(waited, Code::kPeerLost, lost);
  INFO((is_lost ? std::string() : is_lost.error().text()));
  CHECK(is_lost);
  // The group is over: later calls do not wait either.
  CHECK(expect_error(rank->barrier(kForever), Code::kPeerLost, lost));
}

TEST_CASE("who misses a barrier is named, and the barrier is resumed", "[mpi]") {
  const uint32_t n = world();
  if (n < 2) RLX_SKIP("a world of 1 misses nobody");
  RankOptions options;
  options.heap_bytes = 4096;
  require_ranks(mpi(), n, options, [&](Rank& rank) -> Status {
    if (rank.rank() == 1) {
      for (uint32_t r = 0; r < n; ++r)
        if (r != 1) RLX_TRY(rank.wait_signal(8 * r, 1, r, kForever));
      return rank.barrier();
    }
    RLX_TRY(expect_error(rank.barrier(20 * kMs), Code::kDeadlineExceeded, n == 2 ? "rank 1 of" : "rank"));
    RLX_TRY(expect_error(rank.wait_signal(0, 1, 1, 0), Code::kDeadlineExceeded, "rank 1 of"));
    RLX_TRY(rank.put_signal(1, 0, nullptr, 0, 8 * rank.rank(), 1));
    return rank.barrier(kForever);
  });
}

TEST_CASE("another heap size is refused on every rank, and the next group works", "[mpi]") {
  RankOptions options = *RankOptions::from_environment();
  if (options.world_size < 2) RLX_SKIP("a world of 1 agrees with itself");
  options.heap_bytes = options.rank == 0 ? 8192 : 4096;
  const auto refused = mpi().attach(options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kInvalidArgument);
  CHECK_THAT(refused.error().message, contains_text("8192 bytes"));
  options.heap_bytes = 4096;
  options.group = options.rank == 0 ? "one" : "other";
  CHECK(mpi().attach(options).error().code == Code::kInvalidArgument);
  options.group = "same";
  auto rank = mpi().attach(options);
  REQUIRE(rank);
  CHECK(rank->barrier());
}

TEST_CASE("a rank that is not this process's is refused", "[mpi]") {
  RankOptions options = *RankOptions::from_environment();
  options.world_size += 1;
  const auto refused = mpi().attach(options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kInvalidArgument);
  CHECK_THAT(refused.error().message, contains_text("under MPI, not rank"));
  options.world_size -= 1;
  options.heap_bytes = UINT64_MAX - 5;
  CHECK(mpi().attach(options).error().code == Code::kResourceExhausted);
}

TEST_CASE("a failure that one rank declares ends the waits of all", "[mpi]") {
  const uint32_t n = world();
  RankOptions options;
  options.heap_bytes = 4096;
  require_ranks(mpi(), n, options, [&](Rank& rank) -> Status {
    if (rank.rank() == n - 1) RLX_TRY(rank.fail(Code::kDataLoss, n - 1));
    return expect_error(rank.wait_signal(0, 1, RLX_ANY_RANK, kForever), Code::kDataLoss,
                        "because of rank " + std::to_string(n - 1));
  });
}

TEST_CASE("groups come and go", "[mpi]") {
  const uint32_t n = world();
  RankOptions options;
  options.heap_bytes = uint64_t{4} << 20;
  for (uint64_t round = 1; round <= 20; ++round)
    require_ranks(mpi(), n, options, [&](Rank& rank) -> Status {
      const uint32_t next = (rank.rank() + 1) % n, before = (rank.rank() + n - 1) % n;
      RLX_TRY(rank.put_signal(next, 0, nullptr, 0, 8, round));
      RLX_TRY(rank.wait_signal(8, round, before));
      return rank.barrier();
    });
}

TEST_CASE("MPI's own collectives give what the host's give, and are used by themselves", "[mpi]") {
  const uint32_t n = world();
  require_groups(mpi(), n, {}, [&](ProcessGroup& group) -> Status {
    constexpr uint64_t kCount = 3000;
    std::vector<int32_t> own(kCount * n), host(kCount * n), native(kCount * n);
    for (size_t i = 0; i < own.size(); ++i) own[i] = static_cast<int32_t>(i * 7 + group.rank() * 1000);
    const auto same = [&](const char* what) { return expect(host == native, what); };
    const auto sum = Reduction::kSum;
    RLX_TRY(group.all_reduce(sum, DType::kI32, own.data(), host.data(), kCount, Algorithm::kRing));
    RLX_TRY(group.all_reduce(sum, DType::kI32, own.data(), native.data(), kCount, Algorithm::kNative));
    RLX_TRY(same("all_reduce"));
    RLX_TRY(group.reduce_scatter(sum, DType::kI32, own.data(), host.data(), kCount, Algorithm::kFlat));
    RLX_TRY(group.reduce_scatter(sum, DType::kI32, own.data(), native.data(), kCount, Algorithm::kNative));
    RLX_TRY(same("reduce_scatter"));
    RLX_TRY(group.all_gather(own.data(), kCount * 4, host.data(), Algorithm::kRing));
    RLX_TRY(group.all_gather(own.data(), kCount * 4, native.data(), Algorithm::kNative));
    RLX_TRY(same("all_gather"));
    host = native = own;
    RLX_TRY(group.broadcast(host.data(), kCount * 4, n - 1, Algorithm::kTree));
    RLX_TRY(group.broadcast(native.data(), kCount * 4, n - 1, Algorithm::kNative));
    RLX_TRY(same("broadcast"));
    std::vector<uint64_t> parts(n, kCount);
    RLX_TRY(group.all_to_all_v(own.data(), parts, host.data(), parts));
    RLX_TRY(group.all_to_all(own.data(), native.data(), kCount));
    RLX_TRY(same("all_to_all"));
    RLX_TRY(expect(group.last_algorithm() == Algorithm::kNative, "all_to_all was not native"));
    std::vector<float> mean(5, static_cast<float>(group.rank()));
    RLX_TRY(group.all_reduce(Reduction::kMean, DType::kF32, mean.data(), mean.data(), mean.size()));
    RLX_TRY(expect(std::abs(mean[4] - static_cast<float>(n - 1) / 2) < 1e-6f, "mean"));
    // A world of 1 asks nobody.
    RLX_TRY(expect(n == 1 || group.last_algorithm() == Algorithm::kNative, "native was not chosen"));
    float largest = group.rank() == 0 ? NAN : 1.0f;
    RLX_TRY(group.all_reduce(Reduction::kMax, DType::kF32, &largest, &largest, 1));
    RLX_TRY(expect(std::isnan(largest), "a NaN was lost"));
    return expect(n == 1 || group.last_algorithm() != Algorithm::kNative, "MPI's maximum loses NaNs");
  });
}

// By itself, because a job in which somebody gave up makes no groups any more.
TEST_CASE("a rank that comes too late is named, and finds that the others gave up", "[.late]") {
  RankOptions options = *RankOptions::from_environment();
  REQUIRE(options.world_size >= 2);
  options.group = "in time";
  options.heap_bytes = 4096;
  auto first = mpi().attach(options);
  REQUIRE(first);
  REQUIRE(first->barrier());
  options.group = "late";
  options.deadline_ns = 500 * kMs;
  if (options.rank == 1) {
    for (uint32_t r = 0; r < options.world_size; ++r)
      if (r != 1) REQUIRE(first->wait_signal(8 * r, 1, r, kForever));
    options.deadline_ns = kForever;
  }
  const auto second = mpi().attach(options);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Code::kDeadlineExceeded);
  CHECK_THAT(second.error().message, contains_text(options.rank == 1 ? "had given up" : "rank 1 of"));
  if (options.rank != 1) {
    REQUIRE(first->put_signal(1, 0, nullptr, 0, 8 * options.rank, 1));
    CHECK(mpi().attach(options).error().code == Code::kFailedPrecondition);
  }
  // Those who gave up stay until the late one has seen it.
  CHECK(first->barrier(kForever));
}

// mpirun ends the job: there is nothing that a survivor could report.
TEST_CASE("a rank that is killed takes the job along", "[.dies]") {
  RankOptions options = *RankOptions::from_environment();
  options.heap_bytes = 4096;
  auto rank = mpi().attach(options);
  REQUIRE(rank);
  REQUIRE(rank->barrier());
  if (options.rank == 1) std::raise(SIGKILL);
  CHECK(rank->barrier(kForever));
}

TEST_CASE("links between hosts say so", "[.hosts]") {
  RankOptions options;
  require_ranks(mpi(), world(), options, [](Rank& rank) -> Status {
    RLX_ASSIGN(const Link link, rank.link(1 - rank.rank()));
    RLX_TRY(expect(!link.same_host && !link.same_process && !link.mapped, "flags"));
    RLX_TRY(expect(link.latency_ns > 0 && link.bandwidth_bytes_per_s > 0, "figures"));
    RLX_ASSIGN(const Link own, rank.link(rank.rank()));
    return expect(own.same_host && own.same_process, "own link");
  });
}
