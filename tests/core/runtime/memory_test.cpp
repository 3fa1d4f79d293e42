// Memory on the devices of this build, in bytes as the host counts them: weights once, and a status when there is none.
#include "core/runtime/devices.hpp"
#include "options.hpp"
#include "plugin/host_memory.hpp"

#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

using namespace rlx;
using plugin::host_memory_in_use;
using tests::need;
using tests::text_of;

namespace {

constexpr int64_t kSize = 512;
constexpr uint64_t kWeightBytes = 2 * kSize * kSize * sizeof(float);
constexpr int kThreads = 8;

std::vector<float> random_floats(size_t count, uint32_t stream) {
  std::mt19937 random(tests::seed() + stream);
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
  return values;
}

// y = relu(x w0) w1: one weight is a constant, one a parameter.
Graph network() {
  Graph g("network");
  const TensorType square{DType::kF32, {kSize, kSize}};
  const ValueId x = need(g.input("x", {DType::kF32, {4, kSize}}));
  const std::vector<float> values = random_floats(kSize * kSize, 1);
  const ValueId w0 = need(g.constant(Literal::of<float>(DType::kF32, square.shape, values)));
  const ValueId w1 = need(g.param("w1", square));
  const ValueId h = need(g.add("unary", {need(g.add("matmul", {x, w0}))}, {{"kind", std::string("relu")}}));
  need(g.add_output("y", need(g.add("matmul", {h, w1}))));
  return g;
}

Executable compiled(const Device& device) {
  SessionOptions options;
  options.device = device.id();
  Session session = tests::session(network(), options);
  Executable executable = need(session.executable());
  const Tensor w1 = tests::f32({kSize, kSize}, random_floats(kSize * kSize, 2));
  need(executable.set_param("w1", w1.view()));
  return executable;
}

// Devices whose memory is the host's, which counts and limits it; the others have tests of their own.
std::vector<Device> devices_in_host_memory() {
  std::vector<Device> devices(tests::registry()->devices());
  std::erase_if(devices, [](const Device& device) { return !device.info().host_pointers; });
  REQUIRE_FALSE(devices.empty());
  return devices;
}

Result<std::vector<float>> run_once(Context& context, const Tensor& x) {
  RLX_TRY(context.set_input(0, x.view()));
  RLX_TRY(context.run());
  RLX_ASSIGN(const Tensor y, context.output(0));
  const auto values = y.as<float>();
  return std::vector<float>(values.begin(), values.end());
}

// Bytes of all arenas, by the device's own figures: the pool's where it has one.
uint64_t arena_bytes(const Context& context, size_t contexts) {
  const ArenaStats stats = need(context.arena_stats());
  return stats.pool_reserved ? stats.pool_reserved : contexts * stats.size;
}

// The limit in force goes back to what it was.
struct MemoryLimit {
  explicit MemoryLimit(uint64_t bytes) : before(plugin::limit_host_memory(bytes)) {}
  ~MemoryLimit() { plugin::limit_host_memory(before); }
  uint64_t before;
};

}  // namespace

TEST_CASE("weights are held once for eight contexts in eight threads", "[runtime]") {
  for (const Device& device : devices_in_host_memory()) {
    const std::string tag = device.info().plugin;
    CAPTURE(tag);
    Executable executable = compiled(device);
    Context first = need(executable.create_context());
    const Tensor x = tests::f32({4, kSize}, random_floats(4 * kSize, 3));
    const std::vector<float> expected = need(run_once(first, x));
    const uint64_t weights = host_memory_in_use(tag) - arena_bytes(first, 1);
    CHECK(executable.report().weight_bytes == kWeightBytes);
    CHECK(weights >= kWeightBytes);
    CHECK(weights < kWeightBytes + kWeightBytes / 16);

    std::mutex mutex;
    std::vector<Context> contexts;  // kept, so that all eight are alive when memory is counted
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        auto context = executable.create_context({.threads = 1});
        if (!context) {
          ++wrong;
          return;
        }
        for (int i = 0; i < 5; ++i) {
          const auto y = run_once(*context, x);
          if (!y || *y != expected) ++wrong;
        }
        const std::lock_guard lock(mutex);
        contexts.push_back(std::move(*context));
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
    CHECK(contexts.size() == kThreads);
    CHECK(executable.report().weight_bytes == kWeightBytes);
    CHECK(host_memory_in_use(tag) - arena_bytes(first, kThreads + 1) == weights);
  }
}

TEST_CASE("a context that the machine's memory cannot hold is a status, and smaller ones work", "[runtime]") {
  for (const Device& device : devices_in_host_memory()) {
    CAPTURE(device.id());
    SessionOptions options;
    options.device = device.id();
    const std::string tag = device.info().plugin;
    Session huge = tests::session(tests::neg_graph({int64_t{1} << 50}), options);
    const Executable executable = need(huge.executable());
    const uint64_t before = host_memory_in_use(tag);
    const Result<Context> refused = executable.create_context();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::kResourceExhausted);
    CHECK_THAT(refused.error().message, tests::contains_text("cannot allocate"));
    CHECK(host_memory_in_use(tag) <= before);
    Session small = tests::session(tests::neg_graph({4}), options);
    CHECK(need(small.executable()).create_context());
  }
}

TEST_CASE("running out of memory is a status at every step, and the next attempt works", "[runtime]") {
  for (const Device& device : devices_in_host_memory()) {
    CAPTURE(device.id());
    const std::string tag = device.info().plugin;
    const Tensor x = tests::f32({4, kSize}, random_floats(4 * kSize, 3));
    Executable executable = compiled(device);
    Context alive = need(executable.create_context());
    const std::vector<float> expected = need(run_once(alive, x));
    {
      const MemoryLimit none(1);
      const Result<Context> refused = executable.create_context();
      // A pool may still serve it; what it may not do is anything but a context or this status.
      if (!refused) CHECK(refused.error().code == Code::kResourceExhausted);
      CHECK(need(run_once(alive, x)) == expected);
      SessionOptions options;
      options.device = device.id();
      Session session = tests::session(network(), options);
      Result<Executable> unpacked = session.executable();
      const Tensor w1 = tests::f32({kSize, kSize}, random_floats(kSize * kSize, 2));
      Status status = unpacked ? unpacked->set_param("w1", w1.view()) : Status(tl::unexpected<Error>(unpacked.error()));
      if (status) status = unpacked->finalize();
      REQUIRE_FALSE(status);
      CHECK(status.error().code == Code::kResourceExhausted);
    }
    Context again = need(executable.create_context());
    CHECK(need(run_once(again, x)) == expected);
  }
}
