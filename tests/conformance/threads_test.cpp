// One executable, many threads: contexts of their own never disturb each other; one context is never shared.
#include "behaviour_device.hpp"

#include <atomic>
#include <thread>

using namespace conformance;
using rlx::DType;
using rlx::ValueId;

namespace {

constexpr int kThreads = 8, kRuns = 10;

// y = softmax(x·w)
rlx::Graph small_network() {
  rlx::Graph graph("network");
  const ValueId x = take(graph.input("x", {DType::kF32, {4, 16}}));
  const ValueId w = take(graph.add(
      "iota", {}, {{"shape", std::vector<int64_t>{16, 8}}, {"axis", int64_t{0}}, {"step", 0.01}, {"to", DType::kF32}}));
  const ValueId product = take(graph.add("matmul", {x, w}));
  take(graph.add_output("y", take(graph.add("softmax", {product}))));
  return graph;
}

rlx::Graph long_chain() {
  constexpr int64_t kSize = 256;
  rlx::Graph graph("chain");
  const ValueId x = take(graph.input("x", {DType::kF32, {kSize, kSize}}));
  ValueId y = x;
  for (int i = 0; i < 32; ++i) y = take(graph.add("matmul", {y, x}));
  take(graph.add_output("y", y));
  return graph;
}

rlx::Tensor ramp(float scale) {
  std::vector<float> values(64);
  for (size_t i = 0; i < values.size(); ++i) values[i] = scale * static_cast<float>(i % 7);
  return floats({4, 16}, values);
}

}  // namespace

TEST_CASE("threads with contexts of their own share one executable", "[conformance]") {
  for (const rlx::Device& device : devices()) {
    INFO(device.id());
    const rlx::Executable executable = compile(device, small_network());
    std::vector<std::vector<float>> expected;
    rlx::Context alone = take(executable.create_context());
    for (int t = 0; t < kThreads; ++t) {
      take(alone.set_input(0, ramp(static_cast<float>(t)).view()));
      take(alone.run());
      expected.push_back(to_floats(take(alone.output(0))));
    }
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      // Assertions are not thread-safe in Catch2 v2: a thread only counts.
      threads.emplace_back([&, t, input = ramp(static_cast<float>(t))] {
        auto context = executable.create_context();
        for (int i = 0; i < kRuns; ++i) {
          const bool ran = context && context->set_input(0, input.view()) && context->run();
          const auto output = ran ? context->output(0) : rlx::Result<rlx::Tensor>(rlx::Tensor());
          if (!ran || !output || to_floats(*output) != expected[static_cast<size_t>(t)]) ++wrong;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
  }
}

TEST_CASE("submitted runs of contexts end in any order, each with its own results", "[conformance]") {
  constexpr size_t kContexts = 3;
  for (const rlx::Device& device : devices()) {
    INFO(device.id());
    const rlx::Executable executable = compile(device, small_network());
    std::vector<rlx::Context> contexts;
    std::vector<std::vector<float>> expected;
    for (size_t i = 0; i < kContexts; ++i) {
      contexts.push_back(take(executable.create_context()));
      take(contexts[i].set_input(0, ramp(static_cast<float>(i)).view()));
      take(contexts[i].run());
      expected.push_back(to_floats(take(contexts[i].output(0))));
    }
    for (int round = 0; round < 3; ++round) {
      std::vector<rlx::Pending> pending;
      for (size_t i = 0; i < kContexts; ++i) {
        take(contexts[i].set_input(0, ramp(static_cast<float>((i + static_cast<size_t>(round)) % kContexts)).view()));
        pending.push_back(take(contexts[i].submit()));
      }
      for (size_t i = kContexts; i-- > 0;) {
        take(pending[i].wait());
        CHECK(to_floats(take(contexts[i].output(0))) == expected[(i + static_cast<size_t>(round)) % kContexts]);
      }
    }
  }
}

TEST_CASE("a context that runs is busy for everyone else", "[conformance]") {
  for (const rlx::Device& device : devices()) {
    INFO(device.id());
    rlx::Context context = take(compile(device, long_chain()).create_context());
    const rlx::Tensor x = take(rlx::Tensor::zeros(DType::kF32, {256, 256}));
    take(context.set_input(0, x.view()));
    // This thread may be suspended for the whole of a submitted run; not every time.
    rlx::Status second;
    for (int attempt = 0; attempt < 100 && second; ++attempt) {
      const rlx::Pending pending = take(context.submit());
      second = context.run();
      take(pending.wait());
    }
    REQUIRE(!second);
    CHECK(second.error().code == rlx::Code::kBusy);
    take(context.run());
  }
}
