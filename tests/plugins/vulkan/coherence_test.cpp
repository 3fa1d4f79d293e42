// Memory that the host sees through a cache that nobody keeps coherent.
#include "other_memory.hpp"

namespace {

using tests::f32;
using tests::Forgetful;
using tests::kF32;
using tests::ramp;
using tests::Type;
using tests::VulkanRunner;

// cache[row] = x w; y = cache + first: parameters, constants, states with and without a first value, inputs, outputs.
struct Cached {
  static constexpr uint64_t kRows = 6, kSize = 3;
  tests::Program program;
  uint32_t x, w, row, cache, y;
  Cached() {
    x = program.input({kF32, {1, 2}}, "x");
    w = program.param({kF32, {2, kSize}}, "w");
    row = program.input({tests::kI64, {}}, "row");
    cache = program.state({kF32, {kRows, kSize}}, "cache");
    const uint32_t first = program.state({kF32, {1, kSize}}, "first", f32({1, kSize}, {100, 200, 300}));
    const uint32_t product = program.temporary({kF32, {1, kSize}});
    const uint32_t after = program.view(cache, {kF32, {kRows, kSize}});
    const uint32_t scale = program.constant(f32({1}, {2}));
    const uint32_t scaled = program.temporary({kF32, {1, kSize}});
    y = program.output({kF32, {kRows, kSize}}, "y");
    program.node("matmul", {{"trans_a", false}, {"trans_b", false}}, {x, w}, {product});
    program.node("binary", {{"kind", "mul"}}, {product, scale}, {scaled});
    program.node("state_write", {{"axis", 0}}, {cache, scaled, row}, {after});
    program.node("binary", {{"kind", "add"}}, {after, first}, {y});
  }
};

std::vector<float> row_of(const std::vector<float>& v, size_t row) {
  return {v.begin() + static_cast<ptrdiff_t>(row * Cached::kSize),
          v.begin() + static_cast<ptrdiff_t>((row + 1) * Cached::kSize)};
}

class CachedRunner : public VulkanRunner {
 public:
  explicit CachedRunner(Cached& net, std::shared_ptr<rlx::vulkan::Device> device = tests::non_coherent_device())
      : VulkanRunner(net.program, std::move(device)), net_(net) {
    const float w[] = {1, 2, 3, 10, 20, 30};
    executable().set_param("w", kF32, w, sizeof w);
  }
  std::vector<float> append(int64_t row, float a, float b) {
    write(net_.x, {a, b});
    tests::must(rlx::vulkan::arena_table().write_raw(arena_of(context()), net_.row, &row, sizeof row, 0));
    run();
    return read(net_.y);
  }

 private:
  Cached& net_;
};

TEST_CASE("programs run in memory that is not coherent", "[vulkan]") {
  Cached net;
  CachedRunner r(net);
  REQUIRE(r.context().memory().mapped() != nullptr);
  for (int64_t row = 0; row < 6; ++row) {
    const auto a = static_cast<float>(row);
    const std::vector<float> y = r.append(row, a, 1);
    CHECK(row_of(y, static_cast<size_t>(row)) == std::vector<float>{120 + 2 * a, 240 + 4 * a, 360 + 6 * a});
    CHECK(row_of(y, 0) == std::vector<float>{120, 240, 360});
  }
  r.context().reset_state();
  CHECK(r.read(net.cache) == std::vector<float>(18, 0));
  CHECK(row_of(r.append(5, 1, 0), 0) == std::vector<float>{100, 200, 300});
  const float scale = -1;
  r.executable().set_param_range("w", kF32, &scale, sizeof scale, 0);
  CHECK(row_of(r.append(5, 1, 0), 5) == std::vector<float>{98, 204, 306});
}

TEST_CASE("a part that the host writes leaves what the device wrote beside it", "[vulkan]") {
  Cached net;
  CachedRunner r(net);
  r.append(0, 1, 0);
  r.read(net.cache);
  r.append(2, 1, 0);
  // Rows are 12 bytes: the host has seen the first one and the zeros behind it, and now writes the second.
  const float second[] = {7, 8, 9};
  tests::must(rlx::vulkan::arena_table().write(VulkanRunner::arena_of(r.context()), net.cache, kF32, second,
                                               sizeof second, Cached::kSize));
  const std::vector<float> cache = r.read(net.cache);
  CHECK(row_of(cache, 0) == std::vector<float>{2, 4, 6});
  CHECK(row_of(cache, 1) == std::vector<float>{7, 8, 9});
  CHECK(row_of(cache, 2) == std::vector<float>{2, 4, 6});
}

TEST_CASE("a block that comes back from the pool brings no bytes along", "[vulkan]") {
  const auto device = tests::non_coherent_device();
  tests::Doubling net(1000, 3);
  VulkanRunner r(net.program, device);
  r.executable().finalize();
  for (int i = 0; i < 3; ++i) {
    rlx::vulkan::Context context(r.executable());
    VulkanRunner::write(context, net.x, ramp(1000, static_cast<float>(i)));
    context.run();
    CHECK(VulkanRunner::read(context, net.y)[999] == static_cast<float>(999 + i) * 8);
  }
  CHECK(device->pool(rlx::vulkan::MemoryKind::kDevice).stats().hits > 0);
}

TEST_CASE("copies on the device are seen by the host", "[vulkan]") {
  tests::Doubling net(64);
  VulkanRunner r(net.program, tests::non_coherent_device());
  r.write(net.x, ramp(64));
  r.run();
  CHECK(r.read(net.y)[10] == 20);
  tests::must(rlx::vulkan::arena_table().copy_range(VulkanRunner::arena_of(r.context()), net.x, 0, net.y, 0, 64 * 4));
  CHECK(r.read(net.x)[10] == 20);
  r.run();
  CHECK(r.read(net.y)[10] == 40);
}

// That the tests above would notice.
TEST_CASE("what is not flushed or not invalidated is not seen", "[vulkan]") {
  tests::Doubling net(64);
  VulkanRunner r(net.program, tests::non_coherent_device());
  r.write(net.x, ramp(64));
  r.run();
  CHECK(r.read(net.y)[10] == 20);
  {
    const Forgetful forgetful(Forgetful::What::kFlush);
    r.write(net.x, ramp(64, 5));
    r.run();
    CHECK(r.read(net.y)[10] == 20);
  }
  r.write(net.x, ramp(64, 5));
  r.run();
  {
    const Forgetful forgetful(Forgetful::What::kInvalidate);
    CHECK(r.read(net.y)[10] == 20);
  }
  CHECK(r.read(net.y)[10] == 30);
}

}  // namespace
