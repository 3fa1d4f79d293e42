// Which algorithm runs, what it moves, that its bits are always the same, and what is refused.
#include "../transport/ranks.hpp"
#include "options.hpp"
#include "oracle.hpp"

#include <rlx/tensor.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace rlx;
using namespace tests;

namespace {

constexpr Algorithm kAll[] = {Algorithm::kFlat, Algorithm::kDoubling, Algorithm::kHalving,
                              Algorithm::kRing, Algorithm::kDirect,   Algorithm::kStaged};

std::vector<float> noise(uint32_t rank, size_t count) {
  std::mt19937 random(seed() + rank);
  std::uniform_real_distribution<float> value(-1, 1);
  std::vector<float> v(count);
  for (float& x : v) x = value(random);
  return v;
}

}  // namespace

TEST_CASE("all ranks get the same bits, every time, with every algorithm", "[collective]") {
  for (const Transport& transport : thread_transports())
    for (const uint32_t world : {2u, 3u, 4u, 7u}) {
      constexpr size_t kCount = 10'007;
      std::vector<std::vector<float>> results(world);
      for (const Algorithm algorithm : kAll) {
        CAPTURE(transport.name(), world, std::string(name_of(algorithm)));
        require_groups(transport, world, {}, [&](ProcessGroup& group) -> Status {
          const auto src = noise(group.rank(), kCount);
          auto& first = results[group.rank()];
          first.resize(kCount);
          std::vector<float> again(kCount);
          RLX_TRY(group.all_reduce(Reduction::kSum, DType::kF32, src.data(), first.data(), kCount, algorithm));
          for (int i = 0; i < 10; ++i) {
            std::fill(again.begin(), again.end(), 0.0f);
            RLX_TRY(group.all_reduce(Reduction::kSum, DType::kF32, src.data(), again.data(), kCount, algorithm));
            RLX_TRY(expect(std::memcmp(again.data(), first.data(), kCount * sizeof(float)) == 0, "other bits"));
          }
          return {};
        });
        for (uint32_t r = 1; r < world; ++r) CHECK(results[r] == results[0]);
        double sum = 0;
        for (uint32_t r = 0; r < world; ++r) sum += static_cast<double>(noise(r, kCount)[kCount / 2]);
        CHECK(results[0][kCount / 2] == Approx(sum).margin(1e-5));
      }
    }
}

TEST_CASE("halves are added up in f32 and rounded once", "[collective]") {
  // Rounded after each step, 256 + 1 + 1 + ... stays 256 in bf16; f32 gets to 264.
  for (const DType dtype : {DType::kBF16, DType::kF16})
    for (const Algorithm algorithm : kAll) {
      CAPTURE(std::string(name_of(algorithm)), std::string(name_of(dtype)));
      require_groups(Transport::local(), 9, {}, [&](ProcessGroup& group) -> Status {
        const float large = dtype == DType::kBF16 ? 256.0f : 2048.0f, mine = group.rank() == 0 ? large : 1.0f;
        uint16_t half = 0;
        convert(DType::kF32, &mine, dtype, &half, 1);
        RLX_TRY(group.all_reduce(Reduction::kSum, dtype, &half, &half, 1, algorithm));
        float sum = 0;
        convert(dtype, &half, DType::kF32, &sum, 1);
        return expect(sum == large + 8, "sum " + std::to_string(sum));
      });
    }
}

TEST_CASE("NaN of any rank reaches minimum and maximum", "[collective]") {
  for (const Reduction op : {Reduction::kMin, Reduction::kMax})
    require_groups(Transport::local(), 4, {}, [&](ProcessGroup& group) -> Status {
      for (uint32_t who = 0; who < 4; ++who) {
        float value = group.rank() == who ? NAN : static_cast<float>(group.rank());
        RLX_TRY(group.all_reduce(op, DType::kF32, &value, &value, 1));
        RLX_TRY(expect(std::isnan(value), "lost NaN of rank " + std::to_string(who)));
      }
      return {};
    });
}

TEST_CASE("large messages move no more than 2(n-1)/n of their size", "[collective]") {
  for (const Transport& transport : thread_transports())
    for (const uint32_t world : {2u, 3u, 4u})
      for (const Algorithm algorithm :
           {Algorithm::kAuto, Algorithm::kRing, Algorithm::kHalving, Algorithm::kDirect, Algorithm::kStaged}) {
        if (algorithm == Algorithm::kHalving && world == 3) continue;  // three fold into two: a whole message more
        CAPTURE(transport.name(), world, std::string(name_of(algorithm)));
        require_groups(transport, world, {}, [&](ProcessGroup& group) -> Status {
          constexpr uint64_t kBytes = 3 << 20;
          RLX_ASSIGN(const uint64_t at, group.heap().allocate(kBytes));
          auto* data = static_cast<float*>(static_cast<void*>(static_cast<char*>(group.heap().heap()) + at));
          RLX_TRY(group.all_reduce(Reduction::kSum, DType::kF32, data, data, kBytes / 4, algorithm));
          const double ideal = 2.0 * (world - 1) / world * kBytes,
                       moved = static_cast<double>(group.last_moved_bytes());
          // Through the wire each byte counts once, at its sender.
          RLX_TRY(expect(std::fabs(moved / ideal - 1) < 0.05, "moved " + std::to_string(moved)));
          if (algorithm != Algorithm::kAuto) return expect(group.last_algorithm() == algorithm, "algorithm");
          return expect(group.last_algorithm() == Algorithm::kDirect, "algorithm");
        });
      }
}

TEST_CASE("members with private buffers and members with buffers in their heaps reduce together", "[collective]") {
  for (const Transport& transport : thread_transports())
    require_groups(transport, 3, {}, [&](ProcessGroup& group) -> Status {
      constexpr size_t kCount = 400'000;  // several pieces, the last one smaller
      RLX_ASSIGN(const uint64_t at, group.heap().allocate(kCount * sizeof(float)));
      std::vector<float> own(kCount);
      constexpr uint32_t kAllInHeap = 7;
      for (uint32_t who = 0; who <= kAllInHeap; ++who) {
        const bool in_heap = (who >> group.rank() & 1) != 0;
        float* data = own.data();
        if (in_heap) data = static_cast<float*>(static_cast<void*>(static_cast<char*>(group.heap().heap()) + at));
        for (size_t i = 0; i < kCount; ++i) data[i] = static_cast<float>(group.rank() + who + i % 17);
        RLX_TRY(group.all_reduce(Reduction::kSum, DType::kF32, data, data, kCount));
        size_t right = 0;
        while (right < kCount && data[right] == static_cast<float>(3 + 3 * (who + right % 17))) ++right;
        RLX_TRY(expect(right == kCount, "element " + std::to_string(right)));
        const bool direct = transport.name() == "local" || who == kAllInHeap;
        RLX_TRY(expect(group.last_algorithm() == (direct ? Algorithm::kDirect : Algorithm::kStaged), "algorithm"));
      }
      return {};
    });
}

TEST_CASE("a subgroup leaves alone what a member of another one still reads", "[collective]") {
  for (const Transport& transport : thread_transports())
    require_groups(transport, 3, {.chunk_bytes = 1024, .chunks = 2}, [](ProcessGroup& world) -> Status {
      constexpr size_t kCount = 30'000;
      std::vector<float> data(kCount);
      for (uint32_t round = 0; round < 300; ++round)
        // Rank 0 goes on to the other pair while its first partner may not have fetched everything.
        for (const uint32_t partner : {1u, 2u}) {
          if (world.rank() != 0 && world.rank() != partner) continue;
          const uint32_t members[] = {0, partner};
          RLX_ASSIGN(ProcessGroup pair, world.subgroup(members));
          const auto mine = static_cast<float>(round + partner);
          std::fill(data.begin(), data.end(), mine);
          RLX_TRY(pair.all_reduce(Reduction::kSum, DType::kF32, data.data(), data.data(), kCount, Algorithm::kStaged));
          RLX_TRY(expect(std::all_of(data.begin(), data.end(), [&](float x) { return x == 2 * mine; }),
                         "round " + std::to_string(round)));
        }
      return {};
    });
}

TEST_CASE("small messages go flat, and what was asked for is what runs", "[collective]") {
  require_groups(Transport::local(), 3, {}, [](ProcessGroup& group) -> Status {
    float x = 1;
    RLX_TRY(group.all_reduce(Reduction::kSum, DType::kF32, &x, &x, 1));
    RLX_TRY(expect(x == 3 && group.last_algorithm() == Algorithm::kFlat, "flat"));
    RLX_TRY(group.broadcast(&x, 4, 1));
    RLX_TRY(expect(group.last_algorithm() == Algorithm::kTree, "tree"));
    RLX_TRY(expect_error(group.all_reduce(Reduction::kSum, DType::kF32, &x, &x, 1, Algorithm::kTree),
                         Code::kInvalidArgument, "no algorithm 'tree'; there are flat, doubling"));
    return group.barrier();
  });
}

TEST_CASE("reductions that have no exact meaning are refused", "[collective]") {
  require_groups(Transport::local(), 1, {}, [](ProcessGroup& group) -> Status {
    double x[2] = {};
    const auto reduce = [&](Reduction op, DType dtype) { return group.all_reduce(op, dtype, x, x, 1); };
    RLX_TRY(expect_error(reduce(Reduction::kMean, DType::kI32), Code::kInvalidArgument, "mean of i32 would not be"));
    RLX_TRY(expect_error(reduce(Reduction::kSum, DType::kBool), Code::kInvalidArgument, "sum of bool"));
    RLX_TRY(expect_error(reduce(Reduction::kAnd, DType::kF32), Code::kInvalidArgument, "and of f32"));
    RLX_TRY(expect_error(reduce(Reduction::kMax, DType::kC64), Code::kInvalidArgument, "max of c64"));
    RLX_TRY(expect_error(reduce(Reduction::kSum, static_cast<DType>(99)), Code::kInvalidArgument, "dtype 99"));
    RLX_TRY(expect_error(group.broadcast(x, 8, 1), Code::kInvalidArgument, "root 1 is unknown in a group of 1"));
    return reduce(Reduction::kMean, DType::kF64);
  });
}

TEST_CASE("ranks that disagree about a length are told both", "[collective]") {
  // Through the wire, and with loads from each other's memory.
  for (const Transport& transport : thread_transports())
    for (const uint64_t unit : {uint64_t{1}, uint64_t{10'000}}) {
      const auto statuses = run_groups(transport, 2, {}, [&](ProcessGroup& group) -> Status {
        std::vector<float> x(3 * unit);
        return group.all_reduce(Reduction::kSum, DType::kF32, x.data(), x.data(), (group.rank() == 0 ? 3 : 2) * unit);
      });
      const std::string long_one = std::to_string(12 * unit), short_one = std::to_string(8 * unit);
      // At least one sees the other's length; who is still waiting then is ended by it.
      bool seen = false;
      for (const Status& s : statuses) {
        REQUIRE_FALSE(s);
        CHECK(s.error().code == Code::kLengthMismatch);
        seen = seen ||
               s.error().message == "all_reduce: expected " + long_one + " bytes from rank 1, got " + short_one ||
               s.error().message == "all_reduce: expected " + short_one + " bytes from rank 0, got " + long_one;
      }
      CHECK(seen);
    }
}

TEST_CASE("a rank that never comes to a collective is named by all others", "[collective]") {
  for (const Transport& transport : thread_transports()) {
    RankOptions options;
    options.deadline_ns = 150'000'000;
    const auto statuses = run_groups(
        transport, 4, {},
        [](ProcessGroup& group) -> Status {
          if (group.rank() == 2) return {};  // stays attached until the others have given up
          float x[100] = {};
          return group.all_reduce(Reduction::kSum, DType::kF32, x, x, 100, Algorithm::kRing);
        },
        options);
    for (const uint32_t r : {0u, 1u, 3u}) {
      REQUIRE_FALSE(statuses[r]);
      INFO(statuses[r].error().text());
      CHECK(statuses[r].error().code == Code::kDeadlineExceeded);
      CHECK_THAT(statuses[r].error().message, contains_text("rank 2 of 4"));
    }
  }
}

TEST_CASE("subgroups are made of members that are named once", "[collective]") {
  require_groups(Transport::local(), 3, {}, [](ProcessGroup& group) -> Status {
    const uint32_t twice[] = {group.rank(), group.rank()}, others[] = {(group.rank() + 1) % 3}, unknown[] = {7};
    for (const std::span<const uint32_t> members :
         {std::span<const uint32_t>(twice), std::span<const uint32_t>(others), std::span<const uint32_t>(unknown)}) {
      const auto made = group.subgroup(members);
      RLX_TRY(expect(!made && made.error().code == Code::kInvalidArgument, "made"));
    }
    return {};
  });
}

TEST_CASE("wires that cannot work are refused", "[collective]") {
  const auto code = [](GroupOptions options) {
    RankOptions rank;
    rank.group = fresh_group();
    const auto group = ProcessGroup::create(Transport::local(), rank, options);
    return group ? Code::kUnknown : group.error().code;
  };
  CHECK(code({.chunk_bytes = 100, .chunks = 4}) == Code::kInvalidArgument);
  CHECK(code({.chunk_bytes = 64, .chunks = 1}) == Code::kInvalidArgument);
  CHECK(code({.chunk_bytes = uint64_t{64} << 20, .chunks = 2}) == Code::kInvalidArgument);
}
