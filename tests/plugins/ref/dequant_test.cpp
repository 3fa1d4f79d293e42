// Packed weights: against independent decoders (dequant_golden.txt, see make_dequant_golden.py) and by hand.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

#include <fstream>
#include <set>
#include <string>

using namespace tests;

namespace {

Value bytes_of_hex(rlx_dtype dtype, const std::string& hex) {
  Value v{dtype, {}, std::vector<std::byte>(hex.size() / 2)};
  for (size_t i = 0; i < v.bytes.size(); ++i)
    v.bytes[i] = static_cast<std::byte>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
  v.dims = {1, v.elements()};
  return v;
}

Attrs scheme(const char* name, int64_t block, bool is_signed, rlx_dtype to = kF32) {
  return {{"scheme", name}, {"block", block}, {"signed", int64_t{is_signed}}, {"to", DTypeValue{to}}};
}

Value packed(Dims dims, const std::vector<int64_t>& bytes) {
  return integers(kU8, std::move(dims), bytes);
}

}  // namespace

TEST_CASE("packed blocks are what independent decoders see in them", "[ref]") {
  std::ifstream file(RLX_DEQUANT_GOLDEN);
  std::set<std::string> seen;
  for (std::string name, packed_hex, numbers_hex; file >> name >> packed_hex >> numbers_hex;) {
    INFO(name);
    seen.insert(name);
    const Value w = bytes_of_hex(kU8, packed_hex), expected = bytes_of_hex(kF32, numbers_hex);
    const int64_t block = name.substr(0, 3) == "fp8" || name == "nvfp4" ? int64_t(expected.elements()) : 0;
    const Value got = run_one("dequantize_blocks", scheme(name.c_str(), block, true), {w}, {kF32, expected.dims});
    // The others round a product of scales before they use it, in f32.
    for (size_t i = 0; i < expected.elements(); ++i) {
      const double a = numbers(got)[i], b = numbers(expected)[i];
      INFO(i);
      if (b != b)
        REQUIRE(a != a);
      else
        REQUIRE((a == b || std::fabs(a - b) <= 1e-6 * (1 + std::fabs(b))));
    }
  }
  REQUIRE(seen.size() == 17);
}

TEST_CASE("codes with scales beside them", "[ref]") {
  const Value scale = f32({2, 2}, {1, 0.5, 2, 10});
  const auto run = [](const char* name, bool is_signed, const Inputs& inputs) {
    return run_one("dequantize_blocks", scheme(name, 2, is_signed), inputs, {kF32, {2, 4}});
  };
  const Value bytes = packed({2, 4}, {1, 255, 4, 128, 0, 2, 127, 3});
  require_close(run("int8_block", true, {bytes, scale}), {1, -1, 2, -64, 0, 4, 1270, 30}, 0);
  require_close(run("int8_block_asym", false, {bytes, scale, integers(kU8, {2, 2}, {1, 128, 0, 127})}),
                {0, 254, -62, 0, 0, 4, 0, -1240}, 0);
  require_close(run("int8_block_asym", true, {bytes, scale, integers(kI8, {2, 2}, {1, -128, 0, 127})}),
                {0, -2, 66, 0, 0, 4, 0, -1240}, 0);
  const Value nibbles = packed({2, 2}, {0x81, 0x7f, 0x20, 0x3c});
  require_close(run("int4_block", true, {nibbles, scale}), {1, -8, -0.5, 3.5, 0, 4, -40, 30}, 0);
  require_close(run("int4_block", false, {nibbles, scale, integers(kU8, {2, 2}, {8, 8, 0, 15})}),
                {-7, 0, 3.5, -0.5, 0, 4, -30, -120}, 0);
  require_close(run("fp8_e4m3", true, {packed({2, 4}, {0x38, 0xb8, 0x40, 0x01, 0, 0x80, 0x7e, 0x08}), scale}),
                {1, -1, 1, 0x1p-10, 0, 0, 4480, 0.15625}, 0);
  // One scale for all.
  require_close(run("fp8_e5m2", true, {packed({2, 4}, {0x3c, 0xbc, 0x40, 0x01, 0, 0x80, 0x7b, 0x04}), f32({}, {2})}),
                {2, -2, 4, 0x1p-15, 0, 0, 114688, 0x1p-13}, 0);
}

TEST_CASE("numbers are rounded once, to the dtype asked for", "[ref]") {
  // 3·0.1 in f32, in f16.
  const Inputs inputs = {packed({1, 1}, {3}), f32({}, {0.1})};
  require_close(run_one("dequantize_blocks", scheme("int8_block", 1, true, kF64), inputs, {kF64, {1, 1}}),
                {3 * double{0.1f}}, 0);
  require_close(run_one("dequantize_blocks", scheme("int8_block", 1, true, kF16), inputs, {kF16, {1, 1}}),
                {0.300048828125}, 0);
}

TEST_CASE("dequant_matmul multiplies rows of x with rows of packed weights", "[ref]") {
  const Attrs attrs{{"scheme", "int8_block"}, {"block", int64_t{2}}, {"signed", int64_t{1}}};
  const Value w = packed({3, 2}, {1, 2, 255, 0, 3, 3}), scale = f32({3, 1}, {1, 0.5, 2});
  const Value x = f32({2, 2}, {1, 10, -1, 1});
  require_close(run_one("dequant_matmul", attrs, {x, w, scale}, {kF32, {2, 3}}), {21, -0.5, 66, 1, 0.5, 0}, 0);
  require_close(run_one("dequant_matmul", attrs, {f32({2}, {1, 10}), w, scale}, {kF32, {3}}), {21, -0.5, 66}, 0);
}
