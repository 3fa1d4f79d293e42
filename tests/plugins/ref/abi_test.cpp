// The plugin as a host meets it: entry, device, life of an executable, arena, states. Also a test of the ABI headers,
// since nothing here knows the plugin's sources.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

#include <algorithm>
#include <cstring>
#include <thread>

using namespace tests;

namespace {

// y = x · w, with a parameter w.
struct Product {
  Program program;
  uint32_t x, w, y;
  Product() {
    x = program.input({kF32, {1, 2}}, "x");
    w = program.param({kF32, {2, 2}}, "w");
    y = program.output({kF32, {1, 2}}, "y");
    program.node("matmul", {{"trans_a", 0}, {"trans_b", 0}}, {x, w}, {y});
  }
};

rlx_code code_of(rlx_status* status) {
  try {
    check(status);
  } catch (const Failure& f) {
    return f.code;
  }
  return RLX_OK;
}

}  // namespace

TEST_CASE("the entry refuses a host that is too old or too new", "[ref]") {
  rlx_status* why = nullptr;
  REQUIRE(plugin_entry()(&test_host(), RLX_ABI_MINOR - 1, 0, &why) == nullptr);
  REQUIRE(code_of(why) == RLX_ABI_MISMATCH);
  why = nullptr;
  REQUIRE(plugin_entry()(&test_host(), RLX_ABI_MINOR + 9, RLX_ABI_MINOR + 1, &why) == nullptr);
  REQUIRE(code_of(why) == RLX_ABI_MISMATCH);
}

TEST_CASE("an unknown interface is not found", "[ref]") {
  const void* table = nullptr;
  uint32_t version = 0;
  REQUIRE(code_of(plugin().entry->query_interface(RLX_IFACE_TRANSPORT, 1, &table, &version)) == RLX_NOT_FOUND);
  REQUIRE(code_of(plugin().entry->query_interface(RLX_IFACE_DEVICE, 0, &table, &version)) == RLX_NOT_FOUND);
  REQUIRE(table == nullptr);
}

TEST_CASE("the device says that it is software and takes host pointers", "[ref]") {
  rlx_device_info info{};
  info.struct_size = sizeof info;
  check(plugin().device_table->info(plugin().device, &info));
  REQUIRE(info.kind == RLX_DEVICE_CPU);
  REQUIRE(info.flags == (RLX_DEVICE_SOFTWARE | RLX_DEVICE_HOST_POINTERS));
  REQUIRE(info.score == 1);
  REQUIRE(info.memory_total > 0);
  REQUIRE(info.memory_free <= info.memory_total);
}

TEST_CASE("an older host's shorter info struct is not overrun", "[ref]") {
  rlx_device_info info{};
  info.struct_size = offsetof(rlx_device_info, score);
  info.score = 77;
  check(plugin().device_table->info(plugin().device, &info));
  REQUIRE(info.kind == RLX_DEVICE_CPU);
  REQUIRE(info.score == 77);
}

TEST_CASE("query answers from the list that compile uses", "[ref]") {
  Program program;
  const uint32_t x = program.input({kF32, {2}}), y = program.output({kF32, {2}}), z = program.output({kF32, {2}});
  program.node("copy", {}, {x}, {y});
  program.node("no_such_op", {}, {x}, {z}, {}, 0, "late");
  rlx_node_support support[2]{};
  check(plugin().device_table->query(plugin().device, &program.build(), support, 2));
  REQUIRE(support[0].level == RLX_SUPPORT_NATIVE);
  REQUIRE(support[0].reason == nullptr);
  REQUIRE(support[1].level == RLX_SUPPORT_NO);
  REQUIRE(code_of(support[1].reason) == RLX_UNIMPLEMENTED);

  rlx_executable* executable = nullptr;
  try {
    check(plugin().executable->compile(plugin().device, &program.build(), nullptr, &executable));
    FAIL("compiled");
  } catch (const Failure& f) {
    REQUIRE(f.code == RLX_UNIMPLEMENTED);
    REQUIRE_THAT(f.what(), contains_text("no_such_op 'late'"));
  }
  REQUIRE(executable == nullptr);
  REQUIRE(code_of(plugin().device_table->query(plugin().device, &program.build(), support, 1)) == RLX_INVALID_ARGUMENT);
}

TEST_CASE("parameters are checked, converted and complete before contexts exist", "[ref]") {
  Product p;
  Runner runner(p.program);
  rlx_context* context = nullptr;
  REQUIRE(code_of(plugin().executable->create_context(runner.executable(), nullptr, &context)) ==
          RLX_FAILED_PRECONDITION);
  REQUIRE_THROWS_WITH(runner.finalize(), contains_text("not set: w"));
  REQUIRE_THROWS_WITH(runner.set_param("v", f32({1}, {1})), contains_text("no parameter 'v'"));
  REQUIRE_THROWS_WITH(runner.set_param("w", f32({3}, {1, 2, 3})), contains_text("expected 16 bytes"));
  runner.set_param("w", tensor(kF64, {2, 2}, {1, 2, 3, 4}));
  runner.finalize();
  REQUIRE_THROWS_WITH(runner.set_param("w", f32({2, 2}, {1, 2, 3, 4})), contains_text("finalized"));
  runner.write(p.x, f32({1, 2}, {1, 10}));
  runner.run();
  require_close(runner.read(p.y), {31, 42}, 0);
}

TEST_CASE("a part of a parameter can be replaced after finalize", "[ref]") {
  Product p;
  Runner runner(p.program);
  const float part[] = {7, 8};
  const auto replace = [&](uint64_t first) {
    return code_of(
        plugin().executable->set_param_range(runner.executable(), rlx::sdk::str("w"), kF32, part, sizeof part, first));
  };
  REQUIRE(replace(0) == RLX_FAILED_PRECONDITION);
  runner.set_param("w", f32({2, 2}, {1, 2, 3, 4}));
  runner.finalize();
  REQUIRE(replace(3) == RLX_OUT_OF_RANGE);
  REQUIRE(replace(UINT64_MAX) == RLX_OUT_OF_RANGE);
  REQUIRE(replace(2) == RLX_OK);
  runner.write(p.x, f32({1, 2}, {1, 1}));
  runner.run();
  require_close(runner.read(p.y), {8, 10}, 0);
}

TEST_CASE("bound memory is used until it is unbound", "[ref]") {
  Product p;
  Runner runner(p.program);
  runner.set_param("w", f32({2, 2}, {1, 0, 0, 1}));
  runner.finalize();
  std::vector<std::byte> in(12), out(12);  // off every vector boundary
  const float x[] = {5, 6};
  std::memcpy(in.data() + 4, x, sizeof x);
  const auto& table = *plugin().executable;
  REQUIRE(code_of(table.bind(runner.context(), p.w, in.data(), 16)) == RLX_INVALID_ARGUMENT);
  REQUIRE(code_of(table.bind(runner.context(), p.x, in.data(), 7)) == RLX_INVALID_ARGUMENT);
  REQUIRE(code_of(table.bind(runner.context(), 99, in.data(), 8)) == RLX_OUT_OF_RANGE);
  check(table.bind(runner.context(), p.x, in.data() + 4, 8));
  check(table.bind(runner.context(), p.y, out.data() + 4, 8));
  runner.run();
  float y[2];
  std::memcpy(y, out.data() + 4, sizeof y);
  REQUIRE(y[0] == 5);
  REQUIRE(y[1] == 6);

  check(table.bind(runner.context(), p.x, nullptr, 0));
  check(table.bind(runner.context(), p.y, nullptr, 0));
  runner.write(p.x, f32({1, 2}, {1, 2}));
  runner.run();
  require_close(runner.read(p.y), {1, 2}, 0);
}

TEST_CASE("the arena converts, checks ranges and knows which tensors it holds", "[ref]") {
  Product p;
  Runner runner(p.program);
  runner.set_param("w", f32({2, 2}, {1, 0, 0, 1}));
  runner.finalize();
  const auto& table = *plugin().arena;
  rlx_slot slot{};
  check(table.slot(runner.arena(), p.x, &slot));
  REQUIRE(slot.dtype == kF32);
  REQUIRE(slot.capacity_bytes >= 8);
  REQUIRE(code_of(table.slot(runner.arena(), p.w, &slot)) == RLX_NO_SLOT);
  REQUIRE(code_of(table.slot(runner.arena(), 99, &slot)) == RLX_OUT_OF_RANGE);

  const int64_t value = 3;
  check(table.write(runner.arena(), p.x, kI64, &value, sizeof value, 1));
  REQUIRE(code_of(table.write(runner.arena(), p.x, kI64, &value, sizeof value, 2)) == RLX_OUT_OF_RANGE);
  REQUIRE(code_of(table.write(runner.arena(), p.x, kI64, &value, 7, 0)) == RLX_INVALID_ARGUMENT);
  REQUIRE(code_of(table.write(runner.arena(), p.x, 99, &value, 8, 0)) == RLX_INVALID_ARGUMENT);
  require_close(runner.read(p.x), {0, 3}, 0);

  const float raw = 9;
  check(table.write_raw(runner.arena(), p.x, &raw, 4, 0));
  REQUIRE(code_of(table.write_raw(runner.arena(), p.x, &raw, 4, 5)) == RLX_OUT_OF_RANGE);
  check(table.copy_range(runner.arena(), p.y, 4, p.x, 0, 4));
  float read_back = 0;
  check(table.read_raw(runner.arena(), p.y, &read_back, 4, 4));
  REQUIRE(read_back == 9);

  rlx_context* other = nullptr;
  check(plugin().executable->create_context(runner.executable(), nullptr, &other));
  check(table.copy_from(plugin().executable->arena(other), runner.arena(), p.x));
  float copied[2];
  check(table.read_raw(plugin().executable->arena(other), p.x, copied, 8, 0));
  REQUIRE(copied[0] == 9);
  REQUIRE(copied[1] == 3);
  plugin().executable->release_context(other);
}

TEST_CASE("an executable lives as long as its contexts, and all memory goes back", "[ref]") {
  const uint64_t before = host_bytes_in_use();
  Product p;
  const auto& table = *plugin().executable;
  rlx_executable* executable = nullptr;
  check(table.compile(plugin().device, &p.program.build(), nullptr, &executable));
  const float w[] = {1, 2, 3, 4};
  check(table.set_param(executable, rlx::sdk::str("w"), kF32, w, sizeof w));
  check(table.finalize(executable));
  rlx_context* context = nullptr;
  check(table.create_context(executable, nullptr, &context));
  table.release(executable);
  const float x[] = {1, 1};
  check(plugin().arena->write_raw(table.arena(context), p.x, x, sizeof x, 0));
  check(table.run(context));
  float y[2];
  check(plugin().arena->read_raw(table.arena(context), p.y, y, sizeof y, 0));
  REQUIRE(y[0] == 4);
  REQUIRE(y[1] == 6);
  table.release_context(context);
  table.release_context(nullptr);
  table.release(nullptr);
  REQUIRE(host_bytes_in_use() == before);
}

TEST_CASE("states start with their first value, keep what was written and can be reset", "[ref]") {
  Program program;
  const uint32_t count = program.state({kF32, {1}}, "count", f32({1}, {10}));
  const uint32_t total = program.state({kF32, {1}}, "total");
  const uint32_t step = program.input({kF32, {1}}, "step");
  const uint32_t sum = program.temporary({kF32, {1}}), y = program.output({kF32, {1}}, "y");
  const uint32_t written = program.view(count, {kF32, {1}});
  program.node("binary", {{"kind", "add"}}, {count, step}, {sum});
  program.node("state_write", {{"axis", 0}}, {count, sum}, {written});
  program.node("binary", {{"kind", "add"}}, {written, total}, {y});
  Runner runner(program);
  runner.finalize();
  runner.write(step, f32({1}, {1}));
  runner.run();
  runner.run();
  require_close(runner.read(y), {12}, 0);
  require_close(runner.read(count), {12}, 0);
  check(plugin().executable->reset_state(runner.context()));
  require_close(runner.read(count), {10}, 0);
  runner.run();
  require_close(runner.read(y), {11}, 0);
}

TEST_CASE("contexts of one executable run in parallel with states of their own", "[ref]") {
  Program program;
  const uint32_t s = program.state({kI64, {1}}, "s"), step = program.input({kI64, {1}});
  const uint32_t sum = program.temporary({kI64, {1}});
  const uint32_t written = program.view(s, {kI64, {1}}), y = program.output({kI64, {1}});
  program.node("binary", {{"kind", "add"}}, {s, step}, {sum});
  program.node("state_write", {{"axis", 0}}, {s, sum}, {written});
  program.node("copy", {}, {written}, {y});
  Runner runner(program);
  runner.finalize();
  const auto& table = *plugin().executable;
  rlx_context* other = nullptr;
  check(table.create_context(runner.executable(), nullptr, &other));
  const int64_t one = 1, two = 2;
  check(plugin().arena->write_raw(runner.arena(), step, &one, 8, 0));
  check(plugin().arena->write_raw(table.arena(other), step, &two, 8, 0));
  const auto run_many = [&](rlx_context* c) {
    for (int i = 0; i < 200; ++i)
      if (rlx_status* status = table.run(c)) test_host().status_release(nullptr, status);
  };
  std::thread thread(run_many, other);
  run_many(runner.context());
  thread.join();
  int64_t theirs = 0;
  check(plugin().arena->read_raw(table.arena(other), y, &theirs, 8, 0));
  REQUIRE(ints(runner.read(y))[0] == 200);
  REQUIRE(theirs == 400);
  table.release_context(other);
}

TEST_CASE("profile runs once and names every kernel", "[ref]") {
  Product p;
  Runner runner(p.program);
  runner.set_param("w", f32({2, 2}, {1, 0, 0, 1}));
  runner.finalize();
  runner.write(p.x, f32({1, 2}, {3, 4}));
  rlx_kernel_time times[4]{};
  uint64_t count = 0;
  check(plugin().executable->profile(runner.context(), 4, sizeof times[0], times, &count));
  REQUIRE(count == 1);
  REQUIRE(rlx::sdk::view(times[0].op) == "matmul");
  REQUIRE(rlx::sdk::view(times[0].kernel) == "ref:matmul");
  REQUIRE(times[0].operand_bytes == 8 + 16 + 8);
  require_close(runner.read(p.y), {3, 4}, 0);

  rlx_executable_stats stats{};
  stats.struct_size = sizeof stats;
  check(plugin().executable->stats(runner.executable(), &stats));
  REQUIRE(stats.weight_bytes == 16);
  REQUIRE(stats.kernel_count == 1);
  REQUIRE(stats.operand_bytes == 32);
  REQUIRE((stats.valid & RLX_EXECUTABLE_HAS_BARRIERS) == 0);
}

TEST_CASE("profiles of hosts with smaller and with larger elements", "[ref]") {
  Program program;
  const uint32_t x = program.input({kF32, {2}}, "x"), h = program.temporary({kF32, {2}});
  const uint32_t y = program.output({kF32, {2}}, "y");
  program.node("binary", {{"kind", "add"}}, {x, x}, {h}, {}, 0, "first");
  program.node("binary", {{"kind", "add"}}, {h, h}, {y}, {}, 0, "second");
  Runner runner(program);
  runner.finalize();
  runner.write(x, f32({2}, {1, 2}));
  for (const uint64_t stride : {offsetof(rlx_kernel_time, operand_bytes), sizeof(rlx_kernel_time) + 16}) {
    INFO("stride " << stride);
    std::vector<unsigned char> room(3 * stride, 0xA5);
    uint64_t count = 0;
    check(plugin().executable->profile(runner.context(), 2, stride, reinterpret_cast<rlx_kernel_time*>(room.data()),
                                       &count));
    REQUIRE(count == 2);
    for (uint64_t i = 0; i < count; ++i) {
      rlx_kernel_time time{};
      const uint64_t written = std::min<uint64_t>(stride, sizeof time);
      std::memcpy(&time, room.data() + i * stride, written);
      CHECK(rlx::sdk::view(time.node) == (i == 0 ? "first" : "second"));
      CHECK(time.operand_bytes == (written == sizeof time ? 24 : 0));
      for (uint64_t at = written; at < stride; ++at) CHECK(room[i * stride + at] == 0xA5);
    }
    for (uint64_t at = 2 * stride; at < room.size(); ++at) CHECK(room[at] == 0xA5);
  }
}

TEST_CASE("an extension that must be understood is refused", "[ref]") {
  Product p;
  rlx_program program = p.program.build();
  rlx_ext ext{sizeof ext, 4711, 0, 0, nullptr};
  program.next = &ext;
  rlx_executable* executable = nullptr;
  check(plugin().executable->compile(plugin().device, &program, nullptr, &executable));
  plugin().executable->release(executable);
  executable = nullptr;
  ext.flags = RLX_EXT_MUST_UNDERSTAND;
  REQUIRE(code_of(plugin().executable->compile(plugin().device, &program, nullptr, &executable)) == RLX_UNIMPLEMENTED);
  REQUIRE(executable == nullptr);
}
