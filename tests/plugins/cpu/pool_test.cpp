// The arena memory pool: classes, best fit, cap, statistics.
#include "pool.hpp"

#include "catch.hpp"
#include "cpu_host.hpp"

#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using rlx::cpu::HostBuffer;
using rlx::cpu::Pool;
using rlx::cpu::PoolBlock;

TEST_CASE("a size class holds the request and wastes at most a sixteenth", "[cpu]") {
  for (uint64_t bytes = 4096; bytes < (1u << 24); bytes += 1 + bytes / 13) {
    const uint64_t size = Pool::size_class(bytes);
    REQUIRE(size >= bytes);
    REQUIRE(size - bytes <= bytes / 16);
    REQUIRE(Pool::size_class(size) == size);
  }
}

TEST_CASE("a block that was given back serves the next request of its size", "[cpu]") {
  tests::cpu_test_host();
  Pool pool(1 << 20);
  HostBuffer first = pool.take(10'000);
  std::byte* address = first.data();
  pool.give(std::move(first));
  HostBuffer second = pool.take(10'000);
  REQUIRE(second.data() == address);
  REQUIRE(pool.stats().hits == 1);
  REQUIRE(pool.stats().misses == 1);
  pool.give(std::move(second));
}

TEST_CASE("the smallest kept block that fits is taken", "[cpu]") {
  tests::cpu_test_host();
  Pool pool(1 << 20);
  HostBuffer large = pool.take(24'000), small = pool.take(20'500);
  std::byte* wanted = small.data();
  pool.give(std::move(large));
  pool.give(std::move(small));
  HostBuffer got = pool.take(20'000);
  REQUIRE(got.data() == wanted);
  pool.give(std::move(got));
}

TEST_CASE("a block that is far too large is left for others", "[cpu]") {
  tests::cpu_test_host();
  Pool pool(1 << 20);
  pool.give(pool.take(500'000));
  HostBuffer got = pool.take(10'000);
  REQUIRE(pool.stats().hits == 0);
  pool.give(std::move(got));
}

TEST_CASE("no more than the cap is kept, and trim frees it", "[cpu]") {
  tests::cpu_test_host();
  const uint64_t before = tests::host_bytes_in_use();
  Pool pool(100'000);
  std::vector<HostBuffer> blocks;
  for (int i = 0; i < 8; ++i) blocks.push_back(pool.take(30'000));
  REQUIRE(pool.stats().in_use >= 240'000);
  for (HostBuffer& b : blocks) pool.give(std::move(b));
  REQUIRE(pool.stats().in_use == 0);
  REQUIRE(pool.stats().reserved <= 100'000);
  REQUIRE(pool.stats().peak >= 240'000);
  pool.trim(0);
  REQUIRE(pool.stats().reserved == 0);
  REQUIRE(tests::host_bytes_in_use() == before);
}

TEST_CASE("a block larger than the cap is not kept", "[cpu]") {
  tests::cpu_test_host();
  Pool pool(1000);
  pool.give(pool.take(50'000));
  REQUIRE(pool.stats().reserved == 0);
}

TEST_CASE("a block goes back to its pool when an exception passes by", "[cpu]") {
  tests::cpu_test_host();
  Pool pool(1 << 22);
  const auto fail = [&] {
    PoolBlock block(pool, 10'000), other;
    other = std::move(block);
    throw std::runtime_error("no");
  };
  REQUIRE_THROWS_AS(fail(), std::runtime_error);
  REQUIRE(pool.stats().in_use == 0);
  REQUIRE(pool.stats().reserved >= 10'000);
}

TEST_CASE("threads that take and give at once leave nothing behind", "[cpu]") {
  tests::cpu_test_host();
  Pool pool(1 << 22);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&pool, t] {
      for (unsigned i = 0; i < 500; ++i) {
        HostBuffer b = pool.take(5'000 + (i * 37 + t * 1009) % 60'000);
        b.data()[0] = std::byte{1};
        pool.give(std::move(b));
      }
    });
  for (std::thread& t : threads) t.join();
  REQUIRE(pool.stats().in_use == 0);
  REQUIRE(pool.stats().hits + pool.stats().misses == 2000);
}

}  // namespace
