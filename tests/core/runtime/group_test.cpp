// Graphs with collectives, run by several ranks that are threads of the test.
#include "core/runtime/devices.hpp"
#include "sanitizer.hpp"

#include <unistd.h>
#include <atomic>
#include <functional>
#include <thread>

using namespace rlx;
using tests::f32;
using tests::need;

namespace {

using Group = std::shared_ptr<ProcessGroup>;
using Outputs = std::vector<NamedTensor>;

Status expect(bool condition, const std::string& what) {
  if (condition) return {};
  return error(Code::kUnknown, what);
}

// Runs the function as each rank of a world, and every rank must succeed. Catch2 belongs to the test's own thread.
void require_ranks(uint32_t world, const std::function<Status(const Group&)>& function,
                   const Transport& transport = Transport::local(), uint64_t heap = 4096) {
  static std::atomic<uint32_t> count{0};
  const std::string name = "graph-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
  std::vector<Status> statuses(world);
  std::vector<std::thread> threads;
  for (uint32_t r = 0; r < world; ++r)
    threads.emplace_back([&, r] {
      RankOptions options;
      options.rank = r;
      options.world_size = world;
      options.group = name;
      options.heap_bytes = heap;
      auto group = ProcessGroup::create(transport, options);
      statuses[r] =
          group ? function(std::make_shared<ProcessGroup>(std::move(*group))) : tl::unexpected<Error>(group.error());
    });
  for (std::thread& t : threads) t.join();
  for (uint32_t r = 0; r < world; ++r) {
    INFO("rank " << r << ": " << (statuses[r] ? "" : statuses[r].error().text()));
    CHECK(statuses[r].has_value());
  }
}

Result<Session> open(const std::shared_ptr<Registry>& registry, const Group& group, const Graph& graph) {
  SessionOptions options;
  options.device = "ref";
  options.group = group;
  return Session::create(registry, graph, std::move(options));
}

// y = op(x), and z = -y, so that a device works before and after.
Graph graph_of(std::string_view op, const Shape& shape, const Attrs& attrs) {
  Graph g("collective");
  const ValueId x = need(g.input("x", {DType::kF32, shape}));
  const ValueId twice = need(g.add("binary", {x, x}, {{"kind", std::string("add")}}));
  const ValueId y = need(g.add(op, {twice}, attrs, "meeting"));
  need(g.add_output("y", y));
  need(g.add_output("z", need(g.add("unary", {y}, {{"kind", std::string("neg")}}))));
  return g;
}

bool holds(const Tensor& tensor, const std::vector<float>& wanted) {
  const auto values = tensor.as<float>();
  return std::vector<float>(values.begin(), values.end()) == wanted;
}

// Rank r brings [10r, 10r + 1, ...]; wanted(r) is what it gets.
void check(std::string_view op, const Attrs& attrs, const std::function<std::vector<float>(uint32_t)>& wanted) {
  const auto registry = tests::registry();
  const Graph graph = graph_of(op, {6}, attrs);
  require_ranks(3, [&](const Group& group) -> Status {
    RLX_ASSIGN(Session session, open(registry, group, graph));
    std::vector<float> mine;
    for (int i = 0; i < 6; ++i) mine.push_back(static_cast<float>(10 * group->rank()) + static_cast<float>(i));
    RLX_ASSIGN(const Tensor x, Tensor::of<float>(DType::kF32, {6}, mine));
    for (int round = 0; round < 3; ++round) {
      RLX_ASSIGN(const Outputs outputs, session.run({{"x", x.view()}}));
      std::vector<float> y = wanted(group->rank());
      RLX_TRY(expect(holds(outputs[0].tensor, y), "y"));
      for (float& v : y) v = -v;
      RLX_TRY(expect(holds(outputs[1].tensor, y), "z"));
    }
    return group->barrier();
  });
}

}  // namespace

TEST_CASE("collectives run between the parts of a program", "[group]") {
  using Floats = std::vector<float>;
  check("all_reduce", {{"kind", std::string("sum")}}, [](uint32_t) { return Floats{60, 66, 72, 78, 84, 90}; });
  check("all_reduce", {{"kind", std::string("max")}}, [](uint32_t) { return Floats{40, 42, 44, 46, 48, 50}; });
  check("reduce_scatter", {{"kind", std::string("sum")}, {"ranks", int64_t{3}}}, [](uint32_t r) {
    const float first = 60 + 12 * static_cast<float>(r);
    return Floats{first, first + 6};
  });
  check("broadcast", {{"root", int64_t{2}}}, [](uint32_t) { return Floats{40, 42, 44, 46, 48, 50}; });
  check("all_gather", {{"ranks", int64_t{3}}}, [](uint32_t) {
    Floats all;
    for (int r = 0; r < 3; ++r)
      for (int i = 0; i < 6; ++i) all.push_back(static_cast<float>(20 * r + 2 * i));
    return all;
  });
  check("all_to_all", {{"ranks", int64_t{3}}}, [](uint32_t r) {
    Floats parts;
    for (int from = 0; from < 3; ++from)
      for (int i = 0; i < 2; ++i) parts.push_back(static_cast<float>(20 * from + 2 * i) + 4 * static_cast<float>(r));
    return parts;
  });
}

TEST_CASE("collectives in a row, of parameters, constants and states, and at the ends of a program", "[group]") {
  Graph g("row");
  const ValueId x = need(g.input("x", {DType::kF32, {2}}));
  const ValueId w = need(g.param("w", {DType::kF32, {2}}));
  const ValueId total = need(g.state("total", {DType::kF32, {2}}));
  const ValueId c = need(g.constant(Literal::of<float>(DType::kF32, {2}, std::vector<float>{100, 200})));
  const ValueId gathered = need(g.add("all_gather", {w}, {{"ranks", int64_t{2}}}));
  const ValueId back = need(g.add("reduce_scatter", {gathered}, {{"ranks", int64_t{2}}}));
  const ValueId sum = need(g.add("all_reduce", {x}));
  const ValueId sent = need(g.add("broadcast", {c}, {{"root", int64_t{1}}}));
  const ValueId before = need(g.add("all_reduce", {total}));
  const ValueId after = need(g.add("binary", {total, x}, {{"kind", std::string("add")}}));
  need(g.add("state_write", {total, after}));
  for (const auto& [name, value] :
       {std::pair("x", x), {"back", back}, {"sum", sum}, {"sent", sent}, {"before", before}})
    need(g.add_output(name, value));
  const auto registry = tests::registry();
  require_ranks(2, [&](const Group& group) -> Status {
    const float mine = static_cast<float>(group->rank() + 1);
    RLX_ASSIGN(Session session, open(registry, group, g));
    RLX_ASSIGN(Executable executable, session.executable());
    RLX_ASSIGN(const Tensor weights, Tensor::of<float>(DType::kF32, {2}, std::vector<float>{mine, 10 * mine}));
    RLX_TRY(executable.set_param("w", weights.view()));
    RLX_ASSIGN(Context context, executable.create_context());
    RLX_ASSIGN(const Tensor input, Tensor::of<float>(DType::kF32, {2}, std::vector<float>{mine, 5}));
    RLX_TRY(context.set_input("x", input.view()));
    for (int round = 0; round < 3; ++round) {
      RLX_TRY(context.run());
      const auto is = [&](std::string_view name, const std::vector<float>& wanted) -> Status {
        RLX_ASSIGN(const Tensor t, context.output(name));
        return expect(holds(t, wanted), std::string(name) + " in round " + std::to_string(round));
      };
      const float n = static_cast<float>(round);
      RLX_TRY(is("x", {mine, 5}));
      // Each rank has twice its own part: both brought the same gathered values.
      RLX_TRY(is("back", {2 * mine, 20 * mine}));
      RLX_TRY(is("sum", {3, 10}));
      RLX_TRY(is("sent", {100, 200}));
      RLX_TRY(is("before", {3 * n, 10 * n}));
    }
    return group->barrier();
  });
}

TEST_CASE("a graph with collectives needs a group of the right size", "[group]") {
  const auto registry = tests::registry();
  const Graph graph = graph_of("all_gather", {6}, {{"ranks", int64_t{4}}});
  auto alone = open(registry, nullptr, graph);
  REQUIRE(alone);
  const auto refused = alone->executable();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kUnimplemented);
  CHECK_THAT(refused.error().message, tests::contains_text("all_gather 'meeting'"));
  CHECK(refused.error().remedy == "give the session a process group");
  require_ranks(2, [&](const Group& group) -> Status {
    RLX_ASSIGN(Session session, open(registry, group, graph));
    const auto wrong = session.executable();
    if (wrong) return error(Code::kUnknown, "4 ranks in a group of 2");
    return expect(wrong.error().message.find("made for 4 ranks, the group has 2") != std::string::npos,
                  wrong.error().text());
  });
}

TEST_CASE("a rank that is lost ends the runs of the others, and the segment is named", "[group]") {
  const auto registry = tests::registry();
  const Graph graph = graph_of("all_reduce", {6}, {});
  require_ranks(3, [&](const Group& group) -> Status {
    if (group->rank() == 2) return {};
    RLX_ASSIGN(Session session, open(registry, group, graph));
    RLX_ASSIGN(const Tensor x, Tensor::zeros(DType::kF32, {6}));
    const auto lost = session.run({{"x", x.view()}});
    if (lost) return error(Code::kUnknown, "no error");
    const std::string& text = lost.error().message;
    return expect(lost.error().code == Code::kPeerLost && text.find("rank 2 of 3") != std::string::npos &&
                      text.find("'meeting'") != std::string::npos && text.find("on group") != std::string::npos,
                  lost.error().text());
  });
}

TEST_CASE("two runs over one group at a time are refused", "[group]") {
  const auto registry = tests::registry();
  const Graph graph = graph_of("all_reduce", {6}, {});
  std::atomic<bool> refused{false};
  require_ranks(2, [&](const Group& group) -> Status {
    RLX_ASSIGN(Session session, open(registry, group, graph));
    RLX_ASSIGN(Executable executable, session.executable());
    RLX_ASSIGN(Context first, executable.create_context());
    RLX_ASSIGN(Context second, executable.create_context());
    RLX_ASSIGN(const Tensor x, Tensor::zeros(DType::kF32, {6}));
    RLX_TRY(first.set_input("x", x.view()));
    RLX_TRY(second.set_input("x", x.view()));
    if (group->rank() == 1) {
      while (!refused) std::this_thread::yield();
      return first.run();
    }
    // The one that comes to the group first waits there for rank 1; the other one must not.
    RLX_ASSIGN(const Pending a, first.submit());
    RLX_ASSIGN(const Pending b, second.submit());
    const Pending* waits = nullptr;
    Status end;
    while (!waits) {
      const auto moment = std::chrono::milliseconds(1);
      if (end = a.wait(moment); end || end.error().code != Code::kDeadlineExceeded) waits = &b;
      if (waits) break;
      if (end = b.wait(moment); end || end.error().code != Code::kDeadlineExceeded) waits = &a;
    }
    refused = true;
    RLX_TRY(waits->wait());
    return expect(!end && end.error().code == Code::kBusy, end ? "two runs at a time" : end.error().text());
  });
}

TEST_CASE("values between segments lie in the group's heap while it has room", "[group]") {
  if (tests::kThreadSanitizer) RLX_SKIP("the sanitizer takes a word that two ranks have mapped for two words");
  const auto registry = tests::registry();
  constexpr int64_t kCount = 16384;
  const Graph graph = graph_of("all_reduce", {kCount}, {});
  for (const bool room : {true, false})
    require_ranks(
        2,
        [&](const Group& group) -> Status {
          RLX_ASSIGN(Session session, open(registry, group, graph));
          RLX_ASSIGN(Executable executable, session.executable());
          RLX_ASSIGN(Context context, executable.create_context());
          RLX_ASSIGN(const Tensor x, Tensor::zeros(DType::kF32, {kCount}));
          RLX_TRY(context.set_input("x", x.view()));
          RLX_TRY(context.run());
          // Processes reach each other's heaps only.
          const std::string used(name_of(group->last_algorithm()));
          RLX_TRY(expect((used == "direct") == room, used));
          return group->barrier();
        },
        Transport::shm(), room ? 1 << 20 : 4096);
}

TEST_CASE("collectives have a text form", "[group]") {
  const Graph graph = graph_of("reduce_scatter", {6}, {{"kind", std::string("prod")}, {"ranks", int64_t{3}}});
  const Graph parsed = need(parse_graph(print(graph)));
  CHECK(structurally_equal(graph, parsed));
  CHECK(print(parsed) == print(graph));
}
