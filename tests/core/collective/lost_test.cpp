// A rank that dies at every step of every algorithm: all others end with PEER_LOST, nobody hangs.
#include "../transport/ranks.hpp"

#include "transport/local.hpp"

using namespace rlx;
using namespace tests;

namespace {

// The calling thread's rank works until it has sent this many messages; then every call fails, as if it were dead.
thread_local int64_t left_to_send = INT64_MAX;

rlx_status* dead() {
  // The host makes statuses; the built-in transport has one for everything it cannot do.
  return transport::local_table().collective(nullptr, nullptr);
}

// The local transport with ranks that die.
const rlx_transport_table_v1& mortal_table() {
  static const rlx_transport_table_v1 table = [] {
    rlx_transport_table_v1 t = transport::local_table();
    t.put_signal = [](rlx_rank* rank, uint32_t peer, uint64_t dst, const void* src, uint64_t size, uint64_t signal,
                      uint64_t value) -> rlx_status* {
      if (left_to_send-- <= 0) return dead();
      return transport::local_table().put_signal(rank, peer, dst, src, size, signal, value);
    };
    t.wait_signal = [](rlx_rank* rank, uint64_t signal, uint64_t value, uint32_t from, uint64_t deadline) {
      return left_to_send < 0 ? dead() : transport::local_table().wait_signal(rank, signal, value, from, deadline);
    };
    t.fail = [](rlx_rank* rank, rlx_code code, uint32_t culprit) {
      return left_to_send < 0 ? dead() : transport::local_table().fail(rank, code, culprit);
    };
    return t;
  }();
  return table;
}

}  // namespace

TEST_CASE("a rank that dies at any step of a collective is lost to all others", "[collective]") {
  const Transport mortal("mortal", mortal_table());
  constexpr Algorithm kAll[] = {Algorithm::kFlat, Algorithm::kDoubling, Algorithm::kHalving,
                                Algorithm::kRing, Algorithm::kDirect,   Algorithm::kStaged};
  for (const Algorithm algorithm : kAll)
    for (int64_t steps = 0;; ++steps) {
      CAPTURE(std::string(name_of(algorithm)), steps);
      REQUIRE(steps < 1000);
      const std::string group = fresh_group();
      std::vector<Status> statuses(4);
      std::vector<std::thread> threads;
      for (uint32_t r = 0; r < 4; ++r)
        threads.emplace_back([&, r] {
          RankOptions options;
          options.rank = r;
          options.world_size = 4;
          options.group = group;
          options.deadline_ns = kForever;
          auto world = ProcessGroup::create(mortal, options, {.chunk_bytes = 1024, .chunks = 4});
          if (!world) {
            statuses[r] = tl::unexpected<Error>(world.error());
            return;
          }
          left_to_send = r == 1 ? steps : INT64_MAX;
          std::vector<float> data(1500, 1.0f);
          statuses[r] =
              world->all_reduce(Reduction::kSum, DType::kF32, data.data(), data.data(), data.size(), algorithm);
          // The one that dies does not come to the barrier; that it was lost shows at the latest there.
          if (statuses[r]) statuses[r] = r == 1 && left_to_send < INT64_MAX ? Status{} : world->barrier();
          left_to_send = INT64_MAX;
        });
      for (std::thread& t : threads) t.join();
      for (const uint32_t r : {0u, 2u, 3u}) {
        REQUIRE_FALSE(statuses[r]);
        INFO("rank " << r << ": " << statuses[r].error().text());
        CHECK(statuses[r].error().code == Code::kPeerLost);
        CHECK_THAT(statuses[r].error().message, contains_text("rank 1 of 4"));
      }
      if (statuses[1]) break;  // it got through: all steps have been tried
      CHECK(statuses[1].error().code == Code::kUnimplemented);
    }
}
