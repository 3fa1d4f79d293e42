// What a session says about inputs that do not fit, on every device of this build.
#include "core/runtime/devices.hpp"

#include <cmath>
#include <limits>
#include <thread>

using namespace rlx;
using tests::f32;
using tests::need;
using tests::text_of;

namespace {

std::vector<std::string> device_ids() {
  std::vector<std::string> ids;
  for (const Device& device : tests::registry()->devices()) ids.push_back(device.id());
  return ids;
}

Session session_on(const std::string& device, Graph graph) {
  SessionOptions options;
  options.device = device;
  return tests::session(std::move(graph), options);
}

// y = data[indices]
Graph lookup_graph() {
  Graph g("lookup");
  const ValueId data = need(g.input("data", {DType::kF32, {4}}));
  const ValueId indices = need(g.input("indices", {DType::kI64, {2}}));
  need(g.add_output("y", need(g.add("gather", {data, indices}, {}, "pick"))));
  return g;
}

}  // namespace

TEST_CASE("a session names inputs that are missing, unknown or given twice", "[runtime]") {
  for (const std::string& id : device_ids()) {
    CAPTURE(id);
    Session session = session_on(id, tests::add_graph({2}));
    const Tensor x = f32({2}, {1, 2});
    CHECK(text_of(session.run({})) == "FAILED_PRECONDITION: run: inputs without a value: 'a', 'b'");
    CHECK(text_of(session.run({{"b", x.view()}})) == "FAILED_PRECONDITION: run: inputs without a value: 'a'");
    CHECK(text_of(session.run({{"a", x.view()}, {"b", x.view()}, {"c", x.view()}})) ==
          "NOT_FOUND: input 'c' does not exist; known: a, b");
    CHECK(text_of(session.run({{"a", x.view()}, {"a", x.view()}})) == "INVALID_ARGUMENT: input 'a' is given twice");
    CHECK(session.run({{"a", x.view()}, {"b", x.view()}}));
  }
}

TEST_CASE("a session names the input of a wrong shape or size", "[runtime]") {
  for (const std::string& id : device_ids()) {
    CAPTURE(id);
    Session session = session_on(id, tests::add_graph({2}));
    const Tensor good = f32({2}, {1, 2}), longer = f32({3}, {1, 2, 3}), flat = f32({2, 1}, {1, 2});
    const auto with = [&](const TensorView& b) { return text_of(session.run({{"a", good.view()}, {"b", b}})); };
    CHECK(with(longer.view()) == "INVALID_ARGUMENT: input 'b': expected f32[2], got f32[3]");
    CHECK(with(flat.view()) == "INVALID_ARGUMENT: input 'b': expected f32[2], got f32[2, 1]");
    TensorView wrong = good.view();
    wrong.bytes = 7;
    CHECK(with(wrong) == "INVALID_ARGUMENT: input 'b': f32[2] has 8 bytes, got 7");
    wrong = good.view();
    wrong.data = nullptr;
    CHECK(with(wrong) == "INVALID_ARGUMENT: input 'b': no data");
    wrong.type.shape = {-2};
    CHECK(with(wrong) == "INVALID_ARGUMENT: input 'b': expected f32[2], got f32[s0]");
    CHECK(with(good.view()) == "OK");
  }
}

TEST_CASE("a wrong dtype is converted where values are copied and refused where memory is bound", "[runtime]") {
  for (const std::string& id : device_ids()) {
    CAPTURE(id);
    Session session = session_on(id, tests::neg_graph({2}));
    Context context = need(need(session.executable()).create_context());
    const std::vector<double> doubles = {1, 2};
    const Tensor wide = need(Tensor::of<double>(DType::kF64, {2}, doubles));
    need(context.set_input("x", wide.view()));
    need(context.run());
    CHECK(tests::floats(need(context.output(0))) == std::vector<float>{-1, -2});
    CHECK(text_of(context.bind_input(0, wide.view())) == "INVALID_ARGUMENT: input 'x': expected f32[2], got f64[2]");
    TensorView unknown = wide.view();
    unknown.type.dtype = static_cast<DType>(99);
    CHECK(text_of(context.set_input(0, unknown)) == "INVALID_ARGUMENT: input 'x': dtype 99 does not exist");
  }
}

TEST_CASE("NaN indices are index 0, indices out of range fail one run and the next one works", "[runtime]") {
  for (const std::string& id : device_ids()) {
    CAPTURE(id);
    Session session = session_on(id, lookup_graph());
    const Tensor data = f32({4}, {10, 11, 12, 13});
    const auto with = [&](float first) {
      const Tensor indices = f32({2}, {first, 3});
      return session.run({{"data", data.view()}, {"indices", indices.view()}});
    };
    const std::vector<NamedTensor> outputs = need(with(std::nanf("")));
    CHECK(tests::floats(outputs[0].tensor) == std::vector<float>{10, 13});
    for (const float bad : {4.0f, -5.0f, std::numeric_limits<float>::infinity()}) {
      const auto failed = with(bad);
      REQUIRE_FALSE(failed);
      CHECK(failed.error().code == Code::kOutOfRange);
      CHECK_THAT(failed.error().message, tests::contains_text("'pick'"));
      CHECK_THAT(failed.error().message, tests::contains_text("out of range for size 4"));
    }
    CHECK(tests::floats(need(with(1))[0].tensor) == std::vector<float>{11, 13});
  }
}

TEST_CASE("two threads on one context: each run is whole, the other one is BUSY", "[runtime]") {
  for (const std::string& id : device_ids()) {
    CAPTURE(id);
    Session session = session_on(id, tests::sum_graph({4096}));
    Context context = need(need(session.executable()).create_context());
    const Tensor ones = f32({4096}, std::vector<float>(4096, 1));
    need(context.set_input(0, ones.view()));
    std::atomic<int> done = 0, other = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) {
          const Status status = context.run();
          if (status) ++done;
          if (!status && status.error().code != Code::kBusy) ++other;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(other == 0);
    CHECK(done > 0);
    // Each good run added one exactly once.
    const Tensor total = need(context.read_state("total"));
    CHECK(total.as<float>()[0] == static_cast<float>(done));
    CHECK(total.as<float>()[4095] == static_cast<float>(done));
  }
}
