// What contexts offer works the same over two devices: states, binding, feeds, submit, sizes, threads, figures.
#include "core/runtime/picky.hpp"
#include "plugin/host_memory.hpp"

#include <thread>

using namespace rlx;
using tests::contains_text;
using tests::f32;
using tests::floats;
using tests::need;
using tests::picky_session;
using tests::Refusing;

namespace {

using Floats = std::vector<float>;

// total += x; old and new: running sums over the total before and after, where the device refuses cumsum.
Graph counter(int64_t size) {
  Graph g("counter");
  const TensorType type{DType::kF32, {size}};
  const ValueId x = need(g.input("x", type));
  const ValueId total = need(g.state("total", type));
  const ValueId sum = need(g.add("binary", {total, x}, {{"kind", std::string("add")}}, "sum"));
  const ValueId after = need(g.add("state_write", {total, sum}, {}, "keep"));
  need(g.add_output("old", need(g.add("cumsum", {total}, {{"axis", int64_t{0}}}, "before"))));
  need(g.add_output("new", need(g.add("cumsum", {after}, {{"axis", int64_t{0}}}, "after"))));
  return g;
}

Floats ones(int64_t size, float value) {
  return Floats(static_cast<size_t>(size), value);
}

// y = x + cumsum(-x) * w
Graph weighted(const Shape& shape) {
  Graph g("weighted");
  const ValueId x = need(g.input("x", {DType::kF32, shape}));
  const ValueId w = need(g.param("w", {DType::kF32, shape}));
  const ValueId negated = need(g.add("unary", {x}, {{"kind", std::string("neg")}}, "negate"));
  const ValueId sums = need(g.add("cumsum", {negated}, {{"axis", int64_t{0}}}, "running"));
  const ValueId scaled = need(g.add("binary", {sums, w}, {{"kind", std::string("mul")}}, "scale"));
  need(g.add_output("y", need(g.add("binary", {x, scaled}, {{"kind", std::string("add")}}, "add"))));
  return g;
}

Executable compiled(const std::string& device) {
  Session session = picky_session(weighted({3}), device);
  Executable executable = need(session.executable());
  const Tensor w = f32({3}, {1, 10, 100});
  need(executable.set_param("w", w.view()));
  return executable;
}

const Floats kFirst = {0, -28, -597};  // of 1, 2, 3

}  // namespace

TEST_CASE("a small state is read on both devices, before and after its write", "[runtime][partition]") {
  const Refusing refusing("cumsum");
  const std::string device = GENERATE(as<std::string>(), "picky:0", "picky:1");
  CAPTURE(device);
  Session session = picky_session(counter(3), device);
  const Executable executable = need(session.executable());
  REQUIRE(executable.report().segments.size() > 1);
  Context context = need(executable.create_context()), other = need(executable.create_context());
  const auto run = [](Context& c) {
    const Tensor x = f32({3}, {1, 1, 1});
    need(c.set_input("x", x.view()));
    need(c.run());
    return std::pair{floats(need(c.output("old"))), floats(need(c.output("new")))};
  };
  CHECK(run(context) == std::pair{Floats{0, 0, 0}, Floats{1, 2, 3}});
  CHECK(run(context) == std::pair{Floats{1, 2, 3}, Floats{2, 4, 6}});
  CHECK(floats(need(context.read_state("total"))) == Floats{2, 2, 2});
  need(other.clone_state(context));
  const Tensor five = f32({3}, {5, 5, 5});
  need(context.write_state("total", five.view()));
  CHECK(run(context) == std::pair{Floats{5, 10, 15}, Floats{6, 12, 18}});
  CHECK(run(other) == std::pair{Floats{2, 4, 6}, Floats{3, 6, 9}});
  need(context.reset_state());
  CHECK(run(context) == std::pair{Floats{0, 0, 0}, Floats{1, 2, 3}});
}

TEST_CASE("a large state goes where its readers had to go", "[runtime][partition]") {
  const Refusing refusing("cumsum");
  constexpr int64_t kSize = 4096;
  Session session = picky_session(counter(kSize));
  const Executable executable = need(session.executable());
  bool told = false;
  for (const CompileReport::Op& op : executable.report().ops)
    told = told || (op.op == "state_write" && op.placement == Placement::kMoved && op.device == "ref:0" &&
                    op.reason == "state 'total' is used there");
  CHECK(told);
  Context context = need(executable.create_context());
  const Tensor x = f32({kSize}, ones(kSize, 1));
  need(context.set_input("x", x.view()));
  need(context.run());
  need(context.run());
  CHECK(floats(need(context.output("new"))).back() == 2 * kSize);
  CHECK(floats(need(context.output("old"))).back() == kSize);
}

TEST_CASE("submit, binding, views, feeds and figures work over two devices", "[runtime][partition]") {
  const Refusing refusing("cumsum");
  const std::string device = GENERATE(as<std::string>(), "picky:0", "picky:1");
  CAPTURE(device);
  const Executable executable = compiled(device);
  Context context = need(executable.create_context());
  Tensor x = f32({3}, {1, 2, 3}), y = f32({3}, {0, 0, 0});
  need(context.bind_input(0, std::as_const(x).view()));
  need(need(context.submit()).wait());
  CHECK(floats(need(context.output("y"))) == kFirst);
  const TensorView view = need(context.output_view(0));
  CHECK(static_cast<const float*>(view.data)[2] == kFirst[2]);

  const TensorView inputs[] = {std::as_const(x).view()};
  const MutableTensorView outputs[] = {y.view()};
  need(context.run(inputs, outputs));
  CHECK(floats(y) == kFirst);
  x.as<float>()[0] = 0;  // bound: read at each run
  need(context.run(inputs, outputs));
  CHECK(floats(y) == Floats{0, -18, -497});

  const std::vector<KernelTime> kernels = need(context.profile());
  std::string text;
  uint64_t launched = 0;
  for (const KernelTime& k : kernels) {
    CHECK(k.operand_bytes >= 12);
    if (k.op != "transfer") launched += k.operand_bytes;
  }
  CHECK(executable.report().operand_bytes == launched);
  for (const KernelTime& k : kernels) text += k.op + "@" + k.kernel + ";";
  CHECK_THAT(text, contains_text("cumsum@ref:0 ") && contains_text("unary@" + device + " "));
  CHECK((text.find("transfer@picky:1 to the device") != std::string::npos) == (device == "picky:1"));
  const ArenaStats stats = need(context.arena_stats());
  CHECK(stats.size >= executable.report().arena_bytes);
  CHECK(executable.report().weight_bytes >= 12);
  CHECK(executable.report().kernel_count >= 3);

  Context fed = need(executable.create_context());
  const Tensor one = f32({3}, {1, 0, 0});
  need(fed.set_input("x", one.view()));
  need(fed.feed("y", "x"));
  need(fed.run());
  CHECK(floats(need(fed.output("y"))) == Floats{0, -10, -100});
  need(fed.run());
  CHECK(floats(need(fed.output("y"))) == Floats{0, 90, 10900});
}

TEST_CASE("a parameter that was never set is named once, whichever segment reads it", "[runtime][partition]") {
  const Refusing refusing("cumsum");
  Session session = picky_session(weighted({3}));
  Executable executable = need(session.executable());
  const auto context = executable.create_context();
  REQUIRE_FALSE(context);
  CHECK(context.error().code == Code::kFailedPrecondition);
  CHECK_THAT(context.error().text(), contains_text("parameters without a value: 'w'"));
}

TEST_CASE("contexts of a partition run side by side and share the weights", "[runtime][partition]") {
  const Refusing refusing("cumsum");
  const Executable executable = compiled("picky:1");
  const Tensor x = f32({3}, {1, 2, 3});
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      auto context = executable.create_context();
      bool same = context && context->set_input("x", x.view());
      for (int i = 0; same && i < 50; ++i) {
        same = same && context->run();
        const auto y = context->output("y");
        same = same && y && std::equal(kFirst.begin(), kFirst.end(), y->as<float>().begin());
      }
      good += same;
    });
  for (std::thread& t : threads) t.join();
  CHECK(good == 4);
}

TEST_CASE("sizes, buckets and fingerprints of a partition", "[runtime][partition]") {
  Graph g("symbolic");
  const ValueId x = need(g.input("x", {DType::kF32, {g.symbol("n"), 2}}));
  const ValueId sums = need(g.add("cumsum", {x}, {{"axis", int64_t{0}}}, "running"));
  need(g.add_output("y", need(g.add("unary", {sums}, {{"kind", std::string("neg")}}, "negate"))));
  const Refusing refusing("cumsum");
  SessionOptions options;
  options.device = "picky:1";
  options.fallback = "ref";
  options.bucket = [](std::string_view, int64_t value) { return (value + 3) / 4 * 4; };
  Session session = need(Session::create(tests::picky_registry(), g, options));
  for (const int64_t n : {1, 3, 6}) {
    const Tensor in = f32({n, 2}, Floats(static_cast<size_t>(n) * 2, 1));
    const auto out = need(session.run({{"x", in.view()}}));
    CHECK(out[0].tensor.shape() == Shape{n, 2});
    CHECK(floats(out[0].tensor).back() == static_cast<float>(-n));
  }
  options.device = "picky:0";
  Session other = need(Session::create(tests::picky_registry(), g, options));
  CHECK(need(session.executable({{"n", 4}})).fingerprint() == need(other.executable({{"n", 4}})).fingerprint());
  CHECK(need(session.executable({{"n", 4}})).fingerprint() != need(session.executable({{"n", 8}})).fingerprint());
}
