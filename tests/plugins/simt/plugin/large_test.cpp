// Tensors of more than 4 GiB: every offset on the way has 64 bits. The stand-in reserves the memory and fills none.
#include "plugin/stand_in.hpp"
#include "plugins/host/node_runner.hpp"

#include "catch.hpp"

using namespace tests;

namespace {

constexpr uint64_t kGiB = uint64_t{1} << 30, kSize = 5 * kGiB;

// The devices have memory for such tensors while this lives.
class LargeMemory {
 public:
  LargeMemory() { set_memory(16 * kGiB); }
  ~LargeMemory() {
    rlx_status* status = plugin().entry->shutdown(0);
    if (status) test_host().status_release(nullptr, status);
    set_memory(kGiB);
  }
};

// Writes value to one element of a tensor of bytes.
void put(Runner& runner, uint32_t tensor, uint64_t element, uint8_t value) {
  check(plugin().arena->write(runner.arena(), tensor, RLX_DTYPE_U8, &value, 1, element));
}

Value bytes_at(Runner& runner, uint32_t tensor, uint64_t first, uint64_t count) {
  Value value{RLX_DTYPE_U8, {count}, std::vector<std::byte>(count)};
  check(plugin().arena->read_raw(runner.arena(), tensor, value.bytes.data(), count, first));
  return value;
}

}  // namespace

TEST_CASE("elements beyond 4 GiB are written, read, gathered and cut out", "[simt]") {
  const LargeMemory memory;
  Program program;
  const uint32_t x = program.input(Type{RLX_DTYPE_U8, {kSize}}), index = program.input({RLX_DTYPE_I64, {3}});
  const uint32_t gathered = program.output({RLX_DTYPE_U8, {3}}), narrow = program.output({RLX_DTYPE_U8, {2}}),
                 slice = program.output({RLX_DTYPE_U8, {2}});
  const auto last = static_cast<int64_t>(kSize - 1);
  program.node("gather", {{"axis", 0}}, {x, index}, {gathered});
  program.node("narrow", {{"axis", 0}, {"start", last - 1}, {"len", 2}}, {x}, {narrow});
  program.node("slice",
               {{"starts", std::vector<int64_t>{last}},
                {"ends", std::vector<int64_t>{-1}},
                {"steps", std::vector<int64_t>{-(int64_t{9} << 29)}}},
               {x}, {slice});
  Runner runner(program);
  runner.finalize();
  const uint64_t far = kSize - 1 - (uint64_t{9} << 29);
  put(runner, x, kSize - 1, 7);
  put(runner, x, kSize - 2, 6);
  put(runner, x, 4 * kGiB + 3, 5);
  put(runner, x, 3, 4);
  put(runner, x, far, 3);
  const int64_t indices[] = {last, static_cast<int64_t>(4 * kGiB + 3), 3};
  check(plugin().arena->write(runner.arena(), index, RLX_DTYPE_I64, indices, sizeof indices, 0));
  runner.run();
  require_close(runner.read(gathered), {7, 5, 4}, 0);
  require_close(runner.read(narrow), {6, 7}, 0);
  require_close(runner.read(slice), {7, 3}, 0);
  require_close(bytes_at(runner, x, kSize - 2, 2), {6, 7}, 0);
}

TEST_CASE("an index beyond the end of 5 GiB is reported with its limit", "[simt]") {
  const LargeMemory memory;
  Program program;
  const uint32_t x = program.input(Type{RLX_DTYPE_U8, {kSize}}), index = program.input({RLX_DTYPE_I64, {1}});
  const uint32_t y = program.output({RLX_DTYPE_U8, {1}});
  program.node("gather", {{"axis", 0}}, {x, index}, {y});
  Runner runner(program);
  runner.finalize();
  const int64_t beyond = static_cast<int64_t>(kSize);
  check(plugin().arena->write(runner.arena(), index, RLX_DTYPE_I64, &beyond, sizeof beyond, 0));
  try {
    runner.run();
    FAIL("an index out of range was taken");
  } catch (const Failure& failure) {
    CHECK(failure.code == RLX_OUT_OF_RANGE);
    CHECK_THAT(failure.what(), contains_text("index 5368709120 out of range for size 5368709120"));
  }
}
