// Scatters without a reduction: the last update of a place stays in every order of threads.
#include "kernels/launch.hpp"

using namespace tests;

namespace {

constexpr uint64_t kPlaces = 11, kUpdates = 400;

std::vector<int64_t> places() {
  std::mt19937 random(tests::seed());
  std::vector<int64_t> index(kUpdates);
  for (int64_t& i : index) i = static_cast<int64_t>(random() % (2 * kPlaces)) - static_cast<int64_t>(kPlaces);
  return index;
}

uint64_t place_of(int64_t index) {
  return static_cast<uint64_t>(index < 0 ? index + static_cast<int64_t>(kPlaces) : index);
}

}  // namespace

TEST_CASE("the last of several elements for a place stays", "[simt]") {
  std::vector<int64_t> index = places();
  std::vector<uint32_t> x(kUpdates), expected(kPlaces, 7);
  for (uint32_t i = 0; i < kUpdates; ++i) expected[place_of(index[i])] = x[i] = 1000 + i;
  for (const Order order : kOrders) {
    std::vector<uint32_t> y(kPlaces, 7), owners(kPlaces);
    simt::ErrorRecord errors{};
    simt::ElementIndexParams p{};
    p.x = address(x);
    p.index = address(index);
    p.y = address(y);
    p.owners = address(owners);
    p.errors = reinterpret_cast<simt::Address>(&errors);
    p.count = p.dims[0] = kUpdates;
    p.rank = 1;
    p.size = kPlaces;
    p.strides[0] = 1;
    REQUIRE(launch("rank_elements<i64>", p, 3, 64, 0, order) == "");
    REQUIRE(launch("replace_elements<u32, i64>", p, 3, 64, 0, order) == "");
    REQUIRE(y == expected);
    REQUIRE(errors.taken == 0);
  }
}

TEST_CASE("the last of several blocks for a place stays whole", "[simt]") {
  constexpr uint64_t kBlock = 5;
  std::vector<int64_t> index = places();
  std::vector<uint32_t> x(kUpdates * kBlock), expected(kPlaces * kBlock, 7);
  for (uint32_t i = 0; i < x.size(); ++i) expected[place_of(index[i / kBlock]) * kBlock + i % kBlock] = x[i] = 1000 + i;
  for (const Order order : kOrders) {
    std::vector<uint32_t> y(expected.size(), 7), owners(kPlaces);
    simt::ErrorRecord errors{};
    simt::BlockIndexParams p{};
    p.x = address(x);
    p.index = address(index);
    p.y = address(y);
    p.owners = address(owners);
    p.errors = reinterpret_cast<simt::Address>(&errors);
    p.count = x.size();
    p.block = kBlock;
    p.per_batch = x.size();
    p.batch_size = y.size();
    p.coordinates = 1;
    p.limits[0] = kPlaces;
    REQUIRE(launch("rank_blocks<i64>", p, 3, 64, 0, order) == "");
    REQUIRE(launch("replace_blocks<u32, i64>", p, 3, 64, 0, order) == "");
    REQUIRE(y == expected);
    REQUIRE(errors.taken == 0);
  }
}
