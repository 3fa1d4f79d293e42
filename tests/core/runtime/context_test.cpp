// One run at a time, runs in the background, and objects that go in any order.
#include "core/runtime/devices.hpp"
#include "core/runtime/fake_device.hpp"
#include "plugin/status.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

using namespace rlx;
using namespace std::chrono_literals;
using tests::f32;
using tests::FakeDevice;
using tests::floats;
using tests::need;
using tests::text_of;

namespace {

// Holds runs until it is opened.
class Gate {
 public:
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void wait_for_one() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

rlx_status* out_of_memory() {
  Error e;
  e.code = Code::kResourceExhausted;
  e.message = "no memory";
  return plugin::make_status(e);
}

Context ready(FakeDevice& device) {
  Context context = need(device.compile(tests::neg_graph({1})).create_context());
  const Tensor x = f32({1}, {3});
  need(context.set_input(0, x.view()));
  return context;
}

}  // namespace

TEST_CASE("the plugin's progress reaches the caller, whose exceptions end there", "[runtime]") {
  FakeDevice device;
  std::vector<std::string> told;
  Executable executable =
      device.compile(tests::neg_graph({1}), [&](std::string_view phase, uint64_t done, uint64_t total) {
        told.push_back(std::string(phase) + " " + std::to_string(done) + "/" + std::to_string(total));
        if (phase == "pack") throw std::runtime_error("not interested");
      });
  CHECK(told == std::vector<std::string>{"optimise 0/0", "compile 0/0", "compile 1/1"});
  told.clear();
  need(executable.finalize());
  CHECK(told == std::vector<std::string>{"pack 0/2", "pack 1/2", "pack 2/2"});
}

TEST_CASE("a second thread gets BUSY and never runs at the same time", "[runtime]") {
  FakeDevice device;
  Context context = ready(device);
  std::atomic<int> busy = 0, good = 0, other = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const Status status = context.run();
        if (status)
          ++good;
        else
          ++(status.error().code == Code::kBusy ? busy : other);
      }
    });
  for (std::thread& t : threads) t.join();
  CHECK(device.most == 1);
  CHECK(good > 0);
  CHECK(other == 0);
  CHECK(good + busy == 2000);
}

TEST_CASE("while a submitted run goes on the context is busy", "[runtime]") {
  for (const bool submits : {false, true}) {
    CAPTURE(submits);
    FakeDevice device;
    device.submits = submits;
    Gate gate;
    device.run = [&]() -> rlx_status* {
      gate.pass();
      return nullptr;
    };
    Context context = ready(device);
    const Pending pending = need(context.submit());
    gate.wait_for_one();
    CHECK(pending.wait(0ns).error().code == Code::kDeadlineExceeded);
    CHECK(pending.wait(1ms).error().code == Code::kDeadlineExceeded);
    CHECK(context.run().error().code == Code::kBusy);
    CHECK(context.submit().error().code == Code::kBusy);
    CHECK(context.output(0).error().code == Code::kBusy);
    gate.open();
    need(pending.wait());
    need(pending.wait());  // twice is fine
    CHECK(floats(need(context.output(0))) == std::vector<float>{-3});
    need(need(context.submit()).wait());
  }
}

TEST_CASE("a submitted run that nobody waits for frees the context", "[runtime]") {
  for (const bool submits : {false, true}) {
    CAPTURE(submits);
    FakeDevice device;
    device.submits = submits;
    Context context = ready(device);
    need(context.submit());
    Status status = context.run();
    while (!status && status.error().code == Code::kBusy) {
      std::this_thread::yield();
      status = context.run();
    }
    need(status);
  }
}

TEST_CASE("a failed run reports to the one who waits", "[runtime]") {
  for (const bool submits : {false, true}) {
    CAPTURE(submits);
    FakeDevice device;
    device.submits = submits;
    device.run = out_of_memory;
    Context context = ready(device);
    const Pending pending = need(context.submit());
    const Pending copy = pending;
    CHECK(pending.wait().error().message == "no memory");
    CHECK(copy.wait().error().code == Code::kResourceExhausted);
    CHECK(context.output(0).error().code == Code::kFailedPrecondition);
    device.run = nullptr;
    need(context.run());
    need(context.output(0));
    device.run = out_of_memory;
    CHECK_FALSE(context.profile());
    CHECK(context.output(0).error().code == Code::kFailedPrecondition);
  }
}

TEST_CASE("a pending run may outlive its context, and the context its executable", "[runtime]") {
  for (const bool submits : {false, true}) {
    CAPTURE(submits);
    FakeDevice device;
    device.submits = submits;
    device.run = []() -> rlx_status* {
      std::this_thread::sleep_for(5ms);
      return nullptr;
    };
    Pending pending;
    {
      Context context = ready(device);
      pending = need(context.submit());
    }
    need(pending.wait());
    pending = {};
    CHECK(device.contexts == 0);
    CHECK(device.executables == 0);
  }
}

TEST_CASE("inputs are checked before a run is submitted", "[runtime]") {
  FakeDevice device;
  Context context = need(device.compile(tests::neg_graph({1})).create_context());
  CHECK(context.submit().error().code == Code::kFailedPrecondition);
  CHECK(Pending().wait().error().code == Code::kFailedPrecondition);
}

TEST_CASE("staged copies happen around submitted runs too", "[runtime]") {
  FakeDevice device;
  device.host_pointers = false;
  device.submits = true;
  Context context = need(device.compile(tests::neg_graph({2})).create_context());
  Tensor x = f32({2}, {1, 2}), y = f32({2}, {0, 0});
  need(context.bind_input(0, x.view()));
  need(context.bind_output(0, y.view()));
  need(need(context.submit()).wait());
  CHECK(floats(y) == std::vector<float>{-1, -2});
}

TEST_CASE("out of memory is a status and the next attempt works", "[runtime]") {
  FakeDevice device;
  device.create_context = out_of_memory;
  Executable executable = device.compile(tests::neg_graph({1}));
  CHECK(executable.create_context().error().code == Code::kResourceExhausted);
  device.create_context = nullptr;
  Context context = need(executable.create_context());
  const Tensor x = f32({1}, {3});
  need(context.set_input(0, x.view()));
  device.run = out_of_memory;
  CHECK(context.run().error().code == Code::kResourceExhausted);
  device.run = nullptr;
  need(context.run());
  CHECK(floats(need(context.output(0))) == std::vector<float>{-3});
}

TEST_CASE("a report can be read while another thread packs the weights", "[runtime]") {
  FakeDevice device;
  Executable executable = device.compile(tests::neg_graph({1}));
  const CompileReport& before = executable.report();
  Status packed;
  std::thread packing([&] { packed = executable.finalize(); });
  const uint64_t seen = executable.report().kernel_count;
  packing.join();
  need(packed);
  CHECK((seen == 0 || seen == 1));
  CHECK(before.kernel_count == 0);
  CHECK(executable.report().kernel_count == 1);
  CHECK(executable.report().operand_bytes == 8);
  REQUIRE(executable.report().ordering);
  CHECK(executable.report().ordering->barriers == 2);
  CHECK(executable.report().ordering->dependencies == 3);
}

TEST_CASE("a device that cannot tell its figures still runs, and packs once", "[runtime]") {
  FakeDevice device;
  device.stats = out_of_memory;
  Executable executable = device.compile(tests::neg_graph({1}));
  const uint64_t planned = executable.report().arena_bytes;
  Context first = need(executable.create_context()), second = need(executable.create_context());
  CHECK(device.finalized == 1);
  CHECK(executable.report().arena_bytes == planned);
}

TEST_CASE("arena figures and kernel times come from the device", "[runtime]") {
  FakeDevice device;
  Context context = ready(device);
  CHECK(need(context.arena_stats()).size == 4096);
  const std::vector<KernelTime> times = need(context.profile());
  REQUIRE(times.size() == 1);
  CHECK(times[0].kernel == "fake");
  CHECK(times[0].operand_bytes == 8);
  CHECK(floats(need(context.output(0))) == std::vector<float>{-3});
}
