// Programs over two devices give what one device gives, and say what went where.
#include "core/runtime/picky.hpp"
#include "options.hpp"
#include "plugin/host_memory.hpp"

#include <cmath>
#include <random>

using namespace rlx;
using tests::contains_text;
using tests::f32;
using tests::floats;
using tests::need;
using tests::picky_session;
using tests::Refusing;
using tests::text_of;

namespace {

ValueId unary(Graph& g, ValueId x, const std::string& kind, const std::string& name) {
  return need(g.add("unary", {x}, {{"kind", kind}}, name));
}
ValueId binary(Graph& g, ValueId a, ValueId b, const std::string& kind, const std::string& name) {
  return need(g.add("binary", {a, b}, {{"kind", kind}}, name));
}

// y = softmax(-x) + x: three ops, the middle one to be refused.
Graph sandwich() {
  Graph g("sandwich");
  const ValueId x = need(g.input("x", {DType::kF32, {2, 4}}));
  const ValueId negated = unary(g, x, "neg", "negate");
  const ValueId soft = need(g.add("cumsum", {negated}, {{"axis", int64_t{1}}}, "running"));
  need(g.add_output("y", binary(g, soft, x, "add", "add")));
  return g;
}

const Tensor& sandwich_input() {
  static const Tensor x = f32({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  return x;
}
const std::vector<float> kSandwichResult = {0, -1, -3, -6, 0, -5, -11, -18};

const CompileReport::Op* find_moved(const CompileReport& report, std::string_view op) {
  for (const CompileReport::Op& o : report.ops)
    if (o.op == op && o.placement == Placement::kMoved) return &o;
  return nullptr;
}

// A network of n random nodes named n0, n1, ... over [4, 8] tensors, some of which change the shape and back.
Graph random_graph(std::mt19937& random, int n) {
  Graph g("random");
  std::vector<ValueId> values;
  for (int i = 0; i < 2; ++i) values.push_back(need(g.input("x" + std::to_string(i), {DType::kF32, {4, 8}})));
  values.push_back(need(g.param("w", {DType::kF32, {4, 8}})));
  std::vector<float> numbers(64);
  for (float& v : numbers) v = static_cast<float>(random() % 200) / 100.0f - 1;
  const ValueId square = need(g.constant(Literal::of<float>(DType::kF32, {8, 8}, numbers)));
  const auto pick = [&] { return values[random() % values.size()]; };
  for (int i = 0; i < n; ++i) {
    const std::string name = "n" + std::to_string(i);
    switch (random() % 7) {
      case 0:
        values.push_back(unary(g, pick(), "tanh", name));
        break;
      case 1:
        values.push_back(unary(g, pick(), "neg", name));
        break;
      case 2:
        values.push_back(binary(g, pick(), pick(), "sub", name));
        break;
      case 3:
        values.push_back(binary(g, pick(), pick(), "max", name));
        break;
      case 4:
        values.push_back(need(g.add("matmul", {pick(), square}, {}, name)));
        values.back() = unary(g, values.back(), "tanh", name + "b");
        break;
      case 5:
        values.push_back(need(g.add("softmax", {pick()}, {{"axis", int64_t{1}}}, name)));
        break;
      default:
        const ValueId flat = need(g.add("reshape", {pick()}, {{"shape", std::vector<int64_t>{8, 4}}}));
        const ValueId turned = need(g.add("transpose", {flat}, {{"perm", std::vector<int64_t>{1, 0}}}, name));
        values.push_back(turned);
    }
  }
  for (int i = 0; i < 3; ++i) need(g.add_output("y" + std::to_string(i), pick()));
  need(g.add_output("last", values.back()));
  need(g.add_output("first", values.front()));
  return g;
}

std::vector<std::vector<float>> run_random(Session& session, std::mt19937 random) {
  Executable executable = need(session.executable());
  const auto tensor = [&] {
    std::vector<float> numbers(32);
    for (float& v : numbers) v = static_cast<float>(random() % 400) / 100.0f - 2;
    return f32({4, 8}, numbers);
  };
  const Tensor w = tensor();
  need(executable.set_param("w", w.view()));
  Context context = need(executable.create_context());
  std::vector<std::vector<float>> results;
  for (int run = 0; run < 2; ++run) {
    const Tensor a = tensor(), b = tensor();
    need(context.set_input("x0", a.view()));
    need(context.set_input("x1", b.view()));
    need(context.run());
    for (size_t i = 0; i < executable.outputs().size(); ++i) results.push_back(floats(need(context.output(i))));
  }
  return results;
}

}  // namespace

TEST_CASE("what the device refuses moves to the fallback, and the report says so", "[runtime][partition]") {
  const Refusing refusing("cumsum");
  const std::string device = GENERATE(as<std::string>(), "picky:0", "picky:1");
  CAPTURE(device);
  Session session = picky_session(sandwich(), device);
  const auto outputs = need(session.run({{"x", sandwich_input().view()}}));
  CHECK(floats(outputs[0].tensor) == kSandwichResult);
  const Executable executable = need(session.executable());
  CHECK(executable.device().id() == device + "+ref:0");
  CHECK(session.device().id() == device);
  const CompileReport& report = executable.report();
  const CompileReport::Op* moved = find_moved(report, "cumsum");
  REQUIRE(moved);
  CHECK(moved->device == "ref:0");
  CHECK(moved->nodes == std::vector<std::string>{"running"});
  CHECK_THAT(moved->reason, contains_text("picky refuses cumsum"));
  REQUIRE(report.segments.size() == 3);
  CHECK(report.segments[1].device == "ref:0");
  CHECK(report.segments[1].bytes_in == 32);
  CHECK(report.segments[1].bytes_out == 32);
  CHECK_THAT(report.text(), contains_text("moved") && contains_text("to ref:0: running (") &&
                                contains_text("segment 2 on ref:0: 1 nodes"));
  CHECK_THAT(report.json(),
             contains_text("\"moved\"") && contains_text("\"running\"") && contains_text("\"bytes_in\""));
}

TEST_CASE("a device that runs everything makes no partition", "[runtime][partition]") {
  Session session = picky_session(sandwich());
  const Executable executable = need(session.executable());
  CHECK(executable.device().id() == "picky:0");
  CHECK(executable.report().segments.empty());
}

TEST_CASE("without a fallback a refused node is an error", "[runtime][partition]") {
  const Refusing refusing("cumsum");
  Session session = picky_session(sandwich(), "picky:0", "");
  const auto executable = session.executable();
  REQUIRE_FALSE(executable);
  CHECK(executable.error().code == Code::kUnimplemented);
  CHECK_THAT(text_of(executable),
             contains_text("picky:0 cannot run 1 node: cumsum 'running'") && contains_text("picky refuses cumsum"));
}

TEST_CASE("nodes that no device runs are all listed with every reason", "[runtime][partition]") {
  const Refusing refusing("cumsum,unary");
  Session session = picky_session(sandwich(), "picky:0", "picky:1");
  const auto executable = session.executable();
  REQUIRE_FALSE(executable);
  CHECK(executable.error().code == Code::kUnimplemented);
  CHECK_THAT(text_of(executable), contains_text("none of the devices picky:0, picky:1") &&
                                      contains_text("unary 'negate': picky:0: picky refuses unary, picky:1: ") &&
                                      contains_text("cumsum 'running'"));
}

TEST_CASE("the rest of a device list helps, and so do the CPUs by default", "[runtime][partition]") {
  const Refusing refusing("cumsum");
  SessionOptions options;
  options.device = "nosuch,picky:1,ref,alsonone";
  Session listed = need(Session::create(tests::picky_registry(), sandwich(), options));
  CHECK(need(listed.executable()).device().id() == "picky:1+ref:0");
  options.device = "picky:0";
  Session by_default = need(Session::create(tests::picky_registry(), sandwich(), options));
  const auto executable = by_default.executable();
  if (tests::picky_registry()->find("cpu")) {
    CHECK(need(executable).device().id() == "picky:0+cpu:0");
  } else {
    CHECK_FALSE(executable);  // ref is a software device: it helps only where it is named
  }
  // A choice is not replaced as a whole unless that was listed.
  const Refusing everything("cumsum,unary,binary,fused_elementwise");
  Session replaced = need(Session::create(tests::picky_registry(), sandwich(), options));
  const auto none = replaced.executable();
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Code::kUnimplemented);
  if (tests::picky_registry()->find("cpu"))
    CHECK_THAT(none.error().text(), contains_text("picky:0 can run no part of the program: ") &&
                                        contains_text("cumsum: picky refuses cumsum"));
  options.fallback = "ref";
  Session allowed = need(Session::create(tests::picky_registry(), sandwich(), options));
  CHECK(need(allowed.executable()).report().segments.size() == 1);
  options.fallback = "ref,nosuch";
  const auto unknown = Session::create(tests::picky_registry(), sandwich(), options);
  REQUIRE_FALSE(unknown);
  CHECK_THAT(unknown.error().text(), contains_text("nosuch"));
}

TEST_CASE("random graphs over two devices give what one gives", "[runtime][partition]") {
  for (uint32_t round = 0; round < 60; ++round) {
    const uint32_t seed = tests::seed() + round;
    CAPTURE(seed);
    std::mt19937 random(seed);
    const Graph graph = random_graph(random, 3 + static_cast<int>(random() % 25));
    const std::mt19937 numbers = random;
    Session one = picky_session(graph);
    const auto expected = run_random(one, numbers);
    const uint32_t modulus = 2 + random() % 4;
    const Refusing refusing("%" + std::to_string(modulus) + "+" + std::to_string(random() % modulus));
    for (const char* device : {"picky:0", "picky:1"}) {
      CAPTURE(device);
      Session two = picky_session(graph, device);
      const auto actual = run_random(two, numbers);
      REQUIRE(actual.size() == expected.size());
      for (size_t i = 0; i < actual.size(); ++i) {
        CAPTURE(i);
        REQUIRE(actual[i].size() == expected[i].size());
        for (size_t j = 0; j < actual[i].size(); ++j) {
          CAPTURE(j, actual[i][j], expected[i][j]);
          REQUIRE(std::fabs(actual[i][j] - expected[i][j]) <= 1e-5f * std::max(1.0f, std::fabs(expected[i][j])));
        }
      }
    }
  }
}

TEST_CASE("an error at run time names the segment, its device and the node", "[runtime][partition]") {
  const Refusing refusing("gather");
  Graph g("bad index");
  const ValueId x = need(g.input("x", {DType::kF32, {4}}));
  const ValueId at = need(g.input("at", {DType::kI64, {1}}));
  const ValueId y = need(g.add("gather", {unary(g, x, "neg", "negate"), at}, {{"axis", int64_t{0}}}, "pick"));
  need(g.add_output("y", unary(g, y, "abs", "size")));
  Session session = picky_session(std::move(g));
  const Tensor values = f32({4}, {1, 2, 3, 4});
  const int64_t good = 2, bad = 9;
  const Tensor index = need(Tensor::of<int64_t>(DType::kI64, {1}, std::span(&good, 1)));
  const Tensor wrong = need(Tensor::of<int64_t>(DType::kI64, {1}, std::span(&bad, 1)));
  CHECK_THAT(text_of(session.run({{"x", values.view()}, {"at", wrong.view()}})),
             contains_text("segment 2 of 3 on ref:0") && contains_text("pick"));
  const auto outputs = need(session.run({{"x", values.view()}, {"at", index.view()}}));
  CHECK(floats(outputs[0].tensor) == std::vector<float>{3});
}

TEST_CASE("a fallback device that is out of memory is named", "[runtime][partition]") {
  const Refusing refusing("cumsum");
  Graph g("large");
  const ValueId x = need(g.input("x", {DType::kF32, {1 << 20}}));
  need(g.add_output("y", need(g.add("cumsum", {unary(g, x, "neg", "negate")}, {{"axis", int64_t{0}}}, "running"))));
  Session session = picky_session(std::move(g));
  Executable executable = need(session.executable());
  need(executable.finalize());
  // Room for the first segment's arena and no more.
  uint64_t used = 0;
  for (const char* tag : {"ref", "cpu"}) used += plugin::host_memory_in_use(tag);
  const uint64_t before = plugin::limit_host_memory(used + (9 << 20));
  const auto context = executable.create_context();
  plugin::limit_host_memory(before);
  REQUIRE_FALSE(context);
  CHECK(context.error().code == Code::kResourceExhausted);
  CHECK_THAT(context.error().text(), contains_text("segment 2 of 2 on ref:0"));
  need(executable.create_context());
}
