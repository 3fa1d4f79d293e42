#include "program/serialise.hpp"

#include "core/program/graphs.hpp"
#include "options.hpp"
#include "program/default_plan.hpp"
#include "program/fingerprint.hpp"

#include <random>

using namespace rlx;
using tests::Builder;

namespace {

Program example(float weight = 2.0f) {
  Builder b;
  const ValueId x = b.input("x", {2, 3});
  const ValueId s = b.state("s", {2, 3});
  REQUIRE(b.graph.param("w", tests::f32({3})));
  const ValueId y = b.add(b.unary("exp", x), b.constant({3}, {1, weight, 3}));
  b.op("state_write", {s, y});
  b.output("y", b.reshape(y, {6}));
  Graph body;
  const ValueId bx = tests::value_of(body.input("x", tests::f32({2, 3})));
  REQUIRE(body.add_output("y", tests::value_of(body.add("unary", {bx}, {{"kind", std::string("exp")}}))));
  const std::vector<ValueId> inputs = {y};
  const NodeId n = tests::value_of(b.graph.add_node("fused_elementwise", inputs, {}, {}, 1, {body}));
  b.output("z", b.graph.node(n).outputs[0]);
  Program p = b.lower();
  REQUIRE(plan_arena(p, {}));
  return p;
}

std::span<const std::byte> payload_of(const std::vector<std::byte>& file) {
  return std::span<const std::byte>(file).subspan(40);
}

}  // namespace

TEST_CASE("a program survives the way to bytes and back", "[program]") {
  const Program p = example();
  const std::vector<std::byte> bytes = serialise(p);
  const Program back = tests::value_of(parse_program(bytes));
  CHECK(back.fingerprint() == p.fingerprint());
  CHECK(serialise(back) == bytes);
  CHECK(back.outputs()[0].name == "y");
  CHECK(back.raw().arena_bytes == p.raw().arena_bytes);
  CHECK(tests::ops_of(back) == tests::ops_of(p));
}

TEST_CASE("fingerprints are the same in every process and differ by a constant's bytes", "[program]") {
  CHECK(example().fingerprint() == example().fingerprint());
  CHECK(example(2.0f).fingerprint() != example(2.5f).fingerprint());
  // A fixed value: it must not depend on the host or change from version to version unnoticed.
  const std::array<uint64_t, 2> known = {0xb99f1daeb0797118u, 0x77a599cb79a96c90u};
  CHECK(hash_bytes("The quick brown fox jumps over the lazy dog", 43) == known);
}

TEST_CASE("a file cut anywhere is refused", "[program]") {
  const std::vector<std::byte> bytes = serialise(example());
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto result = parse_program(std::span<const std::byte>(bytes).first(size));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::kDataLoss);
  }
}

TEST_CASE("a file with any byte changed is refused", "[program]") {
  std::vector<std::byte> bytes = serialise(example());
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i >= 12 && i < 16) continue;  // reserved
    bytes[i] ^= std::byte{0x10};
    CHECK_FALSE(parse_program(bytes));
    bytes[i] ^= std::byte{0x10};
  }
}

TEST_CASE("a payload with changed bytes is a checked program or an error", "[program]") {
  const std::vector<std::byte> file = serialise(example());
  std::mt19937 random(tests::seed());
  size_t refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::byte> payload(payload_of(file).begin(), payload_of(file).end());
    for (uint32_t i = 0; i <= random() % 3; ++i)
      payload[random() % payload.size()] = static_cast<std::byte>(random() % 2 ? random() : random() % 3);
    const auto result = parse_program_payload(payload);
    refused += !result;
    if (result) CHECK(parse_program(serialise(*result)));
  }
  CHECK(refused > 0);
}

TEST_CASE("a plan that a plugin could not follow is refused by tensor", "[program]") {
  Program p = example();
  std::vector<uint64_t> good;
  for (const rlx_tensor& t : p.tensors()) good.push_back(t.plan_offset);
  const uint64_t arena = p.raw().arena_bytes;
  const auto message = [&](size_t tensor, uint64_t offset, uint64_t arena_bytes) {
    std::vector<uint64_t> offsets = good;
    offsets[tensor] = offset;
    p.set_plan(offsets, arena_bytes, 0);
    const auto result = parse_program(serialise(p));
    return result ? std::string() : result.error().message;
  };
  size_t planned = 0, views = 0;
  for (size_t t = 0; t < good.size(); ++t) {
    if (good[t] == RLX_NO_OFFSET) continue;
    const std::string name = "program: tensor " + std::to_string(t);
    const bool is_view = p.tensors()[t].view_of != RLX_NO_INDEX;
    CHECK(message(t, good[t], arena).empty());
    CHECK(message(t, arena, arena) == name + " ends beyond the arena");
    if (is_view) {
      CHECK(message(t, good[t] + 4, arena + 4) == name + " does not lie where the tensor is that it views");
    } else {
      CHECK_THAT(message(t, RLX_NO_OFFSET, arena), tests::contains_text("has no place in the arena"));
      CHECK_THAT(message(t, good[t] + 4, arena + 4), tests::contains_text("not a multiple of 64"));
    }
    ++(is_view ? views : planned);
  }
  CHECK(planned > 0);
  CHECK(views > 0);
  CHECK_THAT(message(0, good[0], UINT64_MAX), tests::contains_text("an arena of 18446744073709551615 bytes"));
}

TEST_CASE("a plan that puts two live tensors into one place is refused, one in place is not", "[program]") {
  Builder b;
  const ValueId x = b.unary("abs", b.input("x", {64}));
  const ValueId y = b.unary("neg", x);
  b.output("z", b.unary("exp", b.add(x, y)));
  Program p = b.lower();
  REQUIRE(plan_arena(p, {}));
  std::vector<uint64_t> good;
  for (const rlx_tensor& t : p.tensors()) good.push_back(t.plan_offset);
  const auto made_by = [&](const char* op, size_t nth) {
    for (const rlx_node& n : p.nodes())
      if (tests::text(n.op) == op && nth-- == 0) return n.outputs[0];
    return RLX_NO_INDEX;
  };
  // Moves one tensor to the place of another, shift bytes further on.
  const auto message = [&](uint32_t tensor, uint32_t to, uint64_t shift = 0) {
    std::vector<uint64_t> offsets = good;
    offsets[tensor] = good[to] + shift;
    p.set_plan(offsets, p.raw().arena_bytes + 256, 0);
    const auto result = parse_program(serialise(p));
    return result ? std::string() : result.error().message;
  };
  const auto over = [](uint32_t tensor, uint32_t other) {
    return "program: tensor " + std::to_string(tensor) + " lies in the arena over tensor " + std::to_string(other) +
           ", which is alive at the same time";
  };
  const uint32_t in = p.inputs()[0].tensor, abs = made_by("unary", 0), neg = made_by("unary", 1);
  const uint32_t sum = made_by("binary", 0), exp = made_by("unary", 2);
  CHECK(message(abs, abs).empty());
  CHECK(message(abs, in) == over(abs, in));        // an input lives for the whole run
  CHECK(message(neg, abs) == over(neg, abs));      // the sum still reads it
  CHECK(message(sum, neg, 64) == over(sum, neg));  // the operand dies here, but at another place
  CHECK(message(sum, abs).empty());                // in place
  CHECK(message(sum, neg).empty());
  CHECK(message(exp, abs).empty());  // dead by then
}

TEST_CASE("lengths are not believed", "[program]") {
  std::vector<std::byte> payload(8, std::byte{0xff});
  CHECK_FALSE(parse_program_payload(payload));
  payload[7] = std::byte{0x0f};
  CHECK_FALSE(parse_program_payload(payload));
}

TEST_CASE("a newer version is not guessed at", "[program]") {
  std::vector<std::byte> bytes = serialise(example());
  bytes[8] = std::byte{9};
  const auto result = parse_program(bytes);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Code::kUnimplemented);
}
