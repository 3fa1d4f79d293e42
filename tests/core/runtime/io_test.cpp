// Inputs and outputs of contexts: what is checked, converted and bound.
#include "core/runtime/devices.hpp"
#include "core/runtime/fake_device.hpp"

#include <cstring>

using namespace rlx;
using tests::f32;
using tests::FakeDevice;
using tests::floats;
using tests::need;
using tests::text_of;

namespace {

struct Fixture {
  explicit Fixture(bool host_pointers = true) {
    device.host_pointers = host_pointers;
    executable = device.compile(tests::add_graph({2}));
    context = need(executable.create_context());
  }
  FakeDevice device;
  Executable executable;
  Context context;
};

}  // namespace

TEST_CASE("inputs are checked strictly", "[runtime]") {
  Fixture f;
  const Tensor wrong = f32({3}, {1, 2, 3}), right = f32({2}, {1, 2});
  CHECK(text_of(f.context.set_input("a", wrong.view())) == "INVALID_ARGUMENT: input 'a': expected f32[2], got f32[3]");
  CHECK(text_of(f.context.set_input("c", right.view())) == "NOT_FOUND: input 'c' does not exist; known: a, b");
  CHECK(text_of(f.context.set_input(2, right.view())) == "OUT_OF_RANGE: input 2 out of range: the program has 2");
  TensorView short_view = right.view();
  short_view.bytes = 4;
  CHECK(text_of(f.context.set_input(0, short_view)) == "INVALID_ARGUMENT: input 'a': f32[2] has 8 bytes, got 4");
  CHECK(text_of(f.context.set_input(0, TensorView{right.type(), nullptr, 8})) ==
        "INVALID_ARGUMENT: input 'a': no data");
}

TEST_CASE("a run without all inputs names those that are missing", "[runtime]") {
  Fixture f;
  CHECK(text_of(f.context.run()) == "FAILED_PRECONDITION: run: inputs without a value: 'a', 'b'");
  const Tensor x = f32({2}, {1, 2});
  need(f.context.set_input("b", x.view()));
  CHECK(text_of(f.context.run()) == "FAILED_PRECONDITION: run: inputs without a value: 'a'");
}

TEST_CASE("outputs do not exist before a run or after a failed one", "[runtime]") {
  Fixture f;
  CHECK(f.context.output(0).error().code == Code::kFailedPrecondition);
  const Tensor x = f32({2}, {1, 2});
  need(f.context.set_input("a", x.view()));
  need(f.context.set_input("b", x.view()));
  need(f.context.run());
  CHECK(floats(need(f.context.output("y"))) == std::vector<float>{2, 4});
  f.device.run = []() -> rlx_status* { throw std::runtime_error("boom"); };
  const Status failed = f.context.run();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Code::kInternal);
  CHECK(failed.error().message.find("boom") != std::string::npos);
  CHECK(f.context.output(0).error().code == Code::kFailedPrecondition);
  f.device.run = nullptr;
  need(f.context.run());
  CHECK(floats(need(f.context.output("y"))) == std::vector<float>{2, 4});
}

TEST_CASE("values are converted both ways", "[runtime]") {
  Fixture f;
  const std::vector<int64_t> ints = {3, -4};
  const Tensor a = need(Tensor::of<int64_t>(DType::kI64, {2}, ints));
  need(f.context.set_input("a", a.view()));
  need(f.context.set_input("b", a.view()));
  need(f.context.run());
  Tensor out = need(Tensor::zeros(DType::kI32, {2}));
  need(f.context.read_output(0, out.view()));
  CHECK(out.as<int32_t>()[0] == 6);
  CHECK(out.as<int32_t>()[1] == -8);
  Tensor wrong = need(Tensor::zeros(DType::kF32, {2, 1}));
  CHECK_FALSE(f.context.read_output(0, wrong.view()));
}

TEST_CASE("bound memory is read and written in place of copies", "[runtime]") {
  for (const bool host_pointers : {true, false}) {
    CAPTURE(host_pointers);
    Fixture f(host_pointers);
    Tensor a = f32({2}, {1, 2}), b = f32({2}, {10, 20}), y = f32({2}, {0, 0});
    need(f.context.bind_input(0, a.view()));
    need(f.context.bind_input(1, b.view()));
    need(f.context.bind_output(0, y.view()));
    need(f.context.run());
    CHECK(floats(y) == std::vector<float>{11, 22});
    a.as<float>()[0] = 5;  // seen by the next run, nothing was copied for good
    need(f.context.run());
    CHECK(floats(y) == std::vector<float>{15, 22});
    CHECK(floats(need(f.context.output(0))) == std::vector<float>{15, 22});
    CHECK((f.device.binds > 0) == host_pointers);
  }
}

TEST_CASE("memory of another type cannot be bound", "[runtime]") {
  Fixture f;
  const Tensor wrong = need(Tensor::zeros(DType::kF16, {2}));
  CHECK(text_of(f.context.bind_input(0, wrong.view())) == "INVALID_ARGUMENT: input 'a': expected f32[2], got f16[2]");
}

TEST_CASE("memory between two elements cannot be bound but copied", "[runtime]") {
  Fixture f;
  alignas(4) std::byte bytes[2 * 4 + 1] = {};
  const float x[] = {3, 4};
  std::memcpy(bytes + 1, x, sizeof x);
  const TensorView odd{{DType::kF32, Shape{2}}, bytes + 1, sizeof x};
  CHECK(
      text_of(f.context.bind_input(0, odd)) ==
      "INVALID_ARGUMENT: input 'a': memory to bind has to be aligned to the 4 bytes of f32; copy it with set_input or "
      "read_output instead");
  need(f.context.set_input(0, odd));
  need(f.context.set_input(1, odd));
  need(f.context.run());
  MutableTensorView y{{DType::kF32, Shape{2}}, bytes + 1, sizeof x};
  need(f.context.read_output(0, y));
  float sum[2];
  std::memcpy(sum, bytes + 1, sizeof sum);
  CHECK(sum[1] == 8);
}

TEST_CASE("an input that is unbound has no value", "[runtime]") {
  Fixture f;
  const Tensor x = f32({2}, {1, 2});
  need(f.context.bind_input(0, x.view()));
  need(f.context.set_input(1, x.view()));
  need(f.context.run());
  need(f.context.bind_input(0, {}));
  CHECK(text_of(f.context.run()) == "FAILED_PRECONDITION: run: inputs without a value: 'a'");
  need(f.context.bind_input(0, x.view()));
  need(f.context.set_input(0, x.view()));  // a copy takes the place of bound memory
  need(f.context.run());
}

TEST_CASE("a positional run binds once and then only runs", "[runtime]") {
  for (const bool host_pointers : {true, false}) {
    CAPTURE(host_pointers);
    Fixture f(host_pointers);
    Tensor a = f32({2}, {1, 2}), b = f32({2}, {3, 4}), y = f32({2}, {0, 0}), z = f32({2}, {0, 0});
    const TensorView inputs[] = {a.view(), b.view()};
    const MutableTensorView outputs[] = {y.view()}, others[] = {z.view()};
    need(f.context.run(inputs, outputs));
    const int binds = f.device.binds;
    for (int i = 0; i < 3; ++i) need(f.context.run(inputs, outputs));
    CHECK(f.device.binds == binds);
    CHECK(floats(y) == std::vector<float>{4, 6});
    need(f.context.run(inputs, others));
    CHECK(floats(z) == std::vector<float>{4, 6});
    CHECK(f.device.binds == (host_pointers ? binds + 1 : 0));
    CHECK_FALSE(f.context.run(std::span<const TensorView>(inputs, 1), outputs));
    TensorView other_type = inputs[0];
    other_type.type.shape = {1, 2};
    const TensorView changed[] = {other_type, inputs[1]};
    CHECK(f.context.run(changed, outputs).error().message == "input 'a': expected f32[2], got f32[1, 2]");
  }
}

TEST_CASE("a view of an output costs one copy and follows later runs", "[runtime]") {
  Fixture f;
  Tensor a = f32({2}, {1, 2});
  need(f.context.bind_input(0, a.view()));
  need(f.context.bind_input(1, a.view()));
  CHECK_FALSE(f.context.output_view(0));
  need(f.context.run());
  const TensorView view = need(f.context.output_view(0));
  CHECK(static_cast<const float*>(view.data)[1] == 4);
  a.as<float>()[1] = 10;
  need(f.context.run());
  CHECK(need(f.context.output_view(0)).data == view.data);
  CHECK(static_cast<const float*>(view.data)[1] == 20);
}

TEST_CASE("there is no view where the device has memory of its own", "[runtime]") {
  Fixture f(false);
  CHECK(f.context.output_view(0).error().code == Code::kUnimplemented);
}

TEST_CASE("tensors without elements need no data", "[runtime]") {
  FakeDevice device;
  Executable executable = device.compile(tests::neg_graph({0, 3}));
  Context context = need(executable.create_context());
  need(context.run());
  CHECK(need(context.output(0)).bytes() == 0);
  const TensorView inputs[] = {{{DType::kF32, {0, 3}}, nullptr, 0}};
  const MutableTensorView outputs[] = {{{DType::kF32, {0, 3}}, nullptr, 0}};
  need(context.run(inputs, outputs));
}
