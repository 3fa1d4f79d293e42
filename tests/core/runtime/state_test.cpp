// Memory that lasts from run to run, on the reference device.
#include "core/runtime/devices.hpp"
#include "core/runtime/fake_device.hpp"

using namespace rlx;
using tests::f32;
using tests::floats;
using tests::need;
using tests::text_of;

namespace {

Context summing(Executable& executable, float value) {
  Context context = need(executable.create_context());
  const Tensor x = f32({2}, {value, 2 * value});
  need(context.set_input("x", x.view()));
  return context;
}

Executable sum_executable() {
  Session session = tests::session(tests::sum_graph({2}));
  return need(session.executable());
}

}  // namespace

TEST_CASE("a state grows from run to run in each context by itself", "[runtime]") {
  Executable executable = sum_executable();
  Context one = summing(executable, 1), ten = summing(executable, 10);
  for (int i = 0; i < 3; ++i) need(one.run());
  need(ten.run());
  CHECK(floats(need(one.output("y"))) == std::vector<float>{3, 6});
  CHECK(floats(need(one.read_state("total"))) == std::vector<float>{3, 6});
  CHECK(floats(need(ten.read_state("total"))) == std::vector<float>{10, 20});
}

TEST_CASE("states are written, reset and cloned", "[runtime]") {
  Executable executable = sum_executable();
  Context a = summing(executable, 1), b = summing(executable, 1);
  const std::vector<int32_t> values = {100, 200};
  const Tensor start = need(Tensor::of<int32_t>(DType::kI32, {2}, values));
  need(a.write_state("total", start.view()));
  need(a.run());
  CHECK(floats(need(a.output("y"))) == std::vector<float>{101, 202});
  need(b.clone_state(a));
  need(b.run());
  CHECK(floats(need(b.output("y"))) == std::vector<float>{102, 204});
  CHECK(floats(need(a.read_state("total"))) == std::vector<float>{101, 202});
  need(a.reset_state());
  CHECK(floats(need(a.read_state("total"))) == std::vector<float>{0, 0});
}

TEST_CASE("state mistakes are named", "[runtime]") {
  Executable executable = sum_executable();
  Context a = summing(executable, 1);
  const Tensor wrong = f32({3}, {1, 2, 3});
  CHECK(text_of(a.write_state("total", wrong.view())) ==
        "INVALID_ARGUMENT: state 'total': expected f32[2], got f32[3]");
  CHECK(text_of(a.read_state("sum")) == "NOT_FOUND: state 'sum' does not exist; known: total");
  Executable other = sum_executable();
  Context b = summing(other, 1);
  CHECK(a.clone_state(b).error().code == Code::kInvalidArgument);
}

TEST_CASE("an output can feed the next run's input", "[runtime]") {
  for (const bool host_pointers : {true, false}) {
    CAPTURE(host_pointers);
    tests::FakeDevice device;
    device.host_pointers = host_pointers;
    Context context = need(device.compile(tests::add_graph({2})).create_context());
    const Tensor a = f32({2}, {0, 0}), b = f32({2}, {1, 2});
    need(context.set_input("a", a.view()));
    need(context.set_input("b", b.view()));
    need(context.feed("y", "a"));
    for (int i = 0; i < 4; ++i) need(context.run());
    CHECK(floats(need(context.output("y"))) == std::vector<float>{4, 8});
    CHECK(text_of(context.bind_input(0, a.view())) ==
          "FAILED_PRECONDITION: input 'a' is fed from output 'y' and cannot be bound");
    CHECK(context.feed("y", "a").error().code == Code::kAlreadyExists);
    CHECK(context.feed("z", "a").error().code == Code::kNotFound);
  }
}

TEST_CASE("a feed needs equal types", "[runtime]") {
  tests::FakeDevice device;
  Graph g("two");
  const ValueId x = need(g.input("x", {DType::kF32, {2}}));
  need(g.input("other", {DType::kF32, {3}}));
  need(g.add_output("y", need(g.add("unary", {x}, {{"kind", std::string("neg")}}))));
  Context context = need(device.compile(g).create_context());
  CHECK(text_of(context.feed("y", "other")) == "INVALID_ARGUMENT: feed: output 'y' is f32[2], input 'other' is f32[3]");
}
