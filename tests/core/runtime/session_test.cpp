// Sessions on the reference device.
#include "core/runtime/devices.hpp"

#include <atomic>
#include <cstring>
#include <thread>

using namespace rlx;
using tests::f32;
using tests::floats;
using tests::need;
using tests::text_of;

namespace {

// y = x + 1 with x of [n, 2]
Graph symbolic_graph() {
  Graph g("symbolic");
  const ValueId x = need(g.input("x", {DType::kF32, {g.symbol("n"), 2}}));
  const ValueId one = need(g.constant(Literal::scalar_f32(1.0f)));
  need(g.add_output("y", need(g.add("binary", {x, one}, {{"kind", std::string("add")}}))));
  return g;
}

}  // namespace

TEST_CASE("a session adds two vectors on the reference device", "[runtime]") {
  Session session = tests::session(tests::add_graph({3}));
  CHECK(session.device().info().plugin == "ref");
  const Tensor a = f32({3}, {1, 2, 3}), b = f32({3}, {10, 20, 30});
  const auto outputs = need(session.run({{"a", a.view()}, {"b", b.view()}}));
  REQUIRE(outputs.size() == 1);
  CHECK(outputs[0].name == "y");
  CHECK(floats(outputs[0].tensor) == std::vector<float>{11, 22, 33});
}

TEST_CASE("an output behind a reshape is written through its view", "[runtime]") {
  Graph g("reshaped");
  const ValueId x = need(g.input("x", {DType::kF32, {2, 2}}));
  const ValueId y = need(g.add("unary", {x}, {{"kind", std::string("neg")}}));
  need(g.add_output("flat", need(g.add("reshape", {y}, {{"shape", std::vector<int64_t>{4}}}))));
  need(g.add_output("same", x));
  Session session = tests::session(std::move(g));
  const Tensor input = f32({2, 2}, {1, 2, 3, 4});
  const auto outputs = need(session.run({{"x", input.view()}}));
  CHECK(floats(outputs[0].tensor) == std::vector<float>{-1, -2, -3, -4});
  CHECK(outputs[0].tensor.shape() == Shape{4});
  CHECK(floats(outputs[1].tensor) == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("symbols take their values from the inputs", "[runtime]") {
  Session session = tests::session(symbolic_graph());
  CHECK(session.symbols() == std::vector<std::string>{"n"});
  for (const int64_t n : {1, 3, 1}) {
    const Tensor x = f32({n, 2}, std::vector<float>(static_cast<size_t>(n) * 2, 5.0f));
    const auto y = need(session.run({{"x", x.view()}}));
    CHECK(y[0].tensor.shape() == Shape{n, 2});
    CHECK(floats(y[0].tensor) == std::vector<float>(static_cast<size_t>(n) * 2, 6.0f));
  }
}

TEST_CASE("rounded sizes are padded on the way in and cut on the way out", "[runtime]") {
  SessionOptions options;
  std::atomic<int> compiled = 0;
  options.bucket = [](std::string_view, int64_t value) { return (value + 3) / 4 * 4; };
  options.progress = [&](std::string_view phase, uint64_t done, uint64_t) {
    compiled += phase == "compile" && done == 1;
  };
  Session session = tests::session(symbolic_graph(), options);
  for (const int64_t n : {1, 2, 3, 4, 5}) {
    std::vector<float> values, expected;
    for (int64_t i = 0; i < n * 2; ++i) {
      values.push_back(static_cast<float>(i));
      expected.push_back(static_cast<float>(i + 1));
    }
    const Tensor x = f32({n, 2}, values);
    const auto y = need(session.run({{"x", x.view()}}));
    CHECK(y[0].tensor.shape() == Shape{n, 2});
    CHECK(floats(y[0].tensor) == expected);
  }
  CHECK(compiled == 2);  // for 4 and for 8
}

TEST_CASE("an input that is padded may lie anywhere, as one that is not may", "[runtime]") {
  SessionOptions options;
  options.bucket = [](std::string_view, int64_t value) { return (value + 3) / 4 * 4; };
  Session session = tests::session(symbolic_graph(), options);
  for (const int64_t n : {3, 4}) {
    const std::vector<float> values(static_cast<size_t>(n) * 2, 5);
    const size_t bytes = values.size() * sizeof(float);
    std::vector<char> memory(bytes + 1);
    std::memcpy(memory.data() + 1, values.data(), bytes);
    const auto y = need(session.run({{"x", {{DType::kF32, {n, 2}}, memory.data() + 1, bytes}}}));
    CHECK(floats(y[0].tensor) == std::vector<float>(values.size(), 6));
  }
}

TEST_CASE("a static dim is not padded", "[runtime]") {
  SessionOptions options;
  options.bucket = [](std::string_view, int64_t value) { return value + 1; };
  Session session = tests::session(symbolic_graph(), options);
  const Tensor x = f32({2, 1}, {1, 2});
  CHECK(text_of(session.run({{"x", x.view()}})).find("expected f32[n, 2], got f32[2, 1]") != std::string::npos);
}

TEST_CASE("wrong bindings are refused by name", "[runtime]") {
  Session session = tests::session(symbolic_graph());
  CHECK(text_of(session.executable()).find("symbols without a value: n") != std::string::npos);
  CHECK(text_of(session.executable({{"m", 1}})).find("symbol 'm' does not exist; known: n") != std::string::npos);
  CHECK(text_of(session.executable({{"n", -3}})).find("symbol 'n' is bound to -3") != std::string::npos);
}

TEST_CASE("inputs that disagree about a symbol are refused", "[runtime]") {
  Graph g("two");
  const int64_t n = g.symbol("n");
  const ValueId a = need(g.input("a", {DType::kF32, {n}}));
  const ValueId b = need(g.input("b", {DType::kF32, {n}}));
  need(g.add_output("y", need(g.add("binary", {a, b}, {{"kind", std::string("add")}}))));
  Session session = tests::session(std::move(g));
  const Tensor three = f32({3}, {1, 2, 3}), two = f32({2}, {1, 2});
  const std::string text = text_of(session.run({{"a", three.view()}, {"b", two.view()}}));
  CHECK(text.find("input 'b': symbol n is 3 elsewhere, got f32[2]") != std::string::npos);
}

TEST_CASE("only so many executables are kept", "[runtime]") {
  SessionOptions options;
  std::atomic<int> compiled = 0;
  options.max_buckets = 2;
  options.progress = [&](std::string_view phase, uint64_t done, uint64_t) {
    compiled += phase == "compile" && done == 1;
  };
  Session session = tests::session(symbolic_graph(), options);
  for (const int64_t n : {1, 2, 1, 3, 1, 2}) need(session.executable({{"n", n}}));
  // 1 and 2; 1 again; 3 drops 2; 1 again; 2 anew.
  CHECK(compiled == 4);
}

TEST_CASE("executables of one session are built by many threads at once", "[runtime]") {
  Session session = tests::session(symbolic_graph());
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int64_t n = 1; n < 4; ++n)
        if (!session.executable({{"n", n + t % 2}})) ++failures;
    });
  for (std::thread& t : threads) t.join();
  CHECK(failures == 0);
}

TEST_CASE("a device that does not exist is an error that names it", "[runtime]") {
  const auto session = Session::create(tests::registry(), tests::neg_graph({1}), {.device = "nosuch"});
  REQUIRE_FALSE(session);
  CHECK(session.error().code == Code::kNotFound);
  CHECK(session.error().message.find("nosuch") != std::string::npos);
}

TEST_CASE("constants are folded by running them", "[runtime]") {
  const Evaluator evaluate = make_evaluator(tests::registry());
  Graph g("constants");
  const ValueId two = need(g.constant(Literal::scalar_f32(2.0f)));
  const ValueId y = need(g.add("binary", {two, two}, {{"kind", std::string("mul")}}));
  need(g.add_output("y", y));
  need(g.add_output("two", two));
  const std::vector<Literal> values = need(evaluate(g));
  REQUIRE(values.size() == 2);
  CHECK(values[0].bytes.as<float>()[0] == 4.0f);
  CHECK(values[1].bytes.as<float>()[0] == 2.0f);
  CHECK_FALSE(evaluate(tests::neg_graph({1})));
}

TEST_CASE("parameters are set by name before the first context", "[runtime]") {
  Graph g("scaled");
  const ValueId x = need(g.input("x", {DType::kF32, {2}}));
  const ValueId w = need(g.param("w", {DType::kF32, {2}}));
  need(g.add_output("y", need(g.add("binary", {x, w}, {{"kind", std::string("mul")}}))));
  Session session = tests::session(std::move(g));
  Executable executable = need(session.executable());
  REQUIRE(executable.params().size() == 1);
  const auto too_early = executable.create_context();
  REQUIRE_FALSE(too_early);
  CHECK(too_early.error().code == Code::kFailedPrecondition);
  CHECK(too_early.error().message.find("w") != std::string::npos);
  const Tensor wrong = f32({3}, {1, 2, 3}), right = f32({2}, {10, 100});
  CHECK(text_of(executable.set_param("w", wrong.view())).find("parameter 'w': expected f32[2], got f32[3]") !=
        std::string::npos);
  CHECK(text_of(executable.set_param("v", right.view())).find("'v' does not exist; known: w") != std::string::npos);
  need(executable.set_param("w", right.view()));
  const Tensor input = f32({2}, {1, 2});
  CHECK(floats(need(session.run({{"x", input.view()}}))[0].tensor) == std::vector<float>{10, 200});
  CHECK(executable.set_param("w", right.view()).error().code == Code::kFailedPrecondition);
}

TEST_CASE("the report says what was compiled", "[runtime]") {
  Session session = tests::session(tests::add_graph({16}));
  Executable executable = need(session.executable());
  need(executable.finalize());
  const CompileReport& report = executable.report();
  CHECK(report.device == session.device().id());
  CHECK(report.nodes_after == 1);
  CHECK(report.arena_bytes >= 3 * 64);
  CHECK(executable.fingerprint().size() == 32);
  CHECK(executable.fingerprint() == need(tests::session(tests::add_graph({16})).executable()).fingerprint());
}

TEST_CASE("contexts and executables may outlive their session", "[runtime]") {
  Context context;
  {
    Session session = tests::session(tests::neg_graph({1}));
    context = need(need(session.executable()).create_context());
  }
  const Tensor x = f32({1}, {7});
  need(context.set_input("x", x.view()));
  need(context.run());
  CHECK(floats(need(context.output("y"))) == std::vector<float>{-7});
}
