// Products with packed weights in every instruction set, against the numbers that their layout describes.
#include "kernels/expect.hpp"
#include "packed_blocks.hpp"

namespace {

using namespace tests;
namespace quant = rlx::sdk::quant;

struct Packed {
  Values bytes;    // as doubles, for OneNode
  Values numbers;  // without what lies beside
};

Packed packed(unsigned scheme, uint64_t count, bool is_signed) {
  const quant::Layout layout = quant::layout_of(scheme);
  std::mt19937_64 random(seed());
  std::vector<unsigned char> bytes(count / layout.values * layout.bytes);
  for (unsigned char& b : bytes) b = static_cast<unsigned char>(random());
  put_ordinary_scales(scheme, bytes.data(), bytes.size(), random);
  Packed p{Values(bytes.begin(), bytes.end()), Values(count)};
  for (uint64_t i = 0; i < count; ++i) {
    const auto within = static_cast<unsigned>(i % layout.values);
    const unsigned char* block = bytes.data() + i / layout.values * layout.bytes;
    const auto group =
        quant::group_affine(scheme, block, quant::block_affine<double>(scheme, block), within / layout.group);
    const unsigned code = quant::raw_code(scheme, block, within);
    p.numbers[i] = group.scale * double{quant::number_of_code(scheme, code, is_signed)} + group.offset;
  }
  return p;
}

}  // namespace

TEST_CASE("products with packed weights are those with their numbers", "[cpu]") {
  constexpr uint64_t kDepth = 768, kColumns = 35, kBlock = 48;
  const uint64_t rows = GENERATE(1, 6, 14);
  const bool is_signed = GENERATE(true, false);
  for (unsigned scheme = 0; scheme < quant::kSchemes; ++scheme) {
    const quant::Layout layout = quant::layout_of(scheme);
    INFO(layout.name << ", " << rows << " rows, signed " << is_signed);
    Packed w = packed(scheme, kColumns * kDepth, is_signed);
    const Values x = random_values(rows * kDepth, seed() + 1),
                 scale = random_values(kColumns * kDepth / kBlock, 3, 0, 0.1);
    Values zero(kColumns * kDepth / kBlock);
    for (size_t i = 0; i < zero.size(); ++i) zero[i] = double(i % 8);
    const bool has_scale = layout.beside != quant::kNothing, has_zero = layout.beside >= quant::kMayZero;
    for (size_t i = 0; i < w.numbers.size(); ++i) {
      if (has_zero) w.numbers[i] -= zero[i / kBlock];
      if (has_scale) w.numbers[i] *= scale[i / kBlock];
    }
    Values want(rows * kColumns);
    for (uint64_t m = 0; m < rows; ++m)
      for (uint64_t n = 0; n < kColumns; ++n)
        for (uint64_t k = 0; k < kDepth; ++k) want[m * kColumns + n] += x[m * kDepth + k] * w.numbers[n * kDepth + k];
    for_each_target([&] {
      OneNode node("dequant_matmul", {{"scheme", std::string(layout.name)},
                                      {"block", has_scale ? static_cast<int64_t>(kBlock) : int64_t{0}},
                                      {"signed", int64_t{is_signed}}});
      node.in({rows, kDepth}, x).in({kColumns, w.bytes.size() / kColumns}, w.bytes, RLX_DTYPE_U8);
      if (has_scale) node.in({kColumns, kDepth / kBlock}, scale);
      if (has_zero) node.in({kColumns, kDepth / kBlock}, zero, is_signed ? RLX_DTYPE_I8 : RLX_DTYPE_U8);
      expect_close(node.out({rows, kColumns}).run(2), want, 1e-4, 1e-4);
    });
  }
}

TEST_CASE("every code of an 8-bit float is its number, with NaN and infinities", "[cpu]") {
  for (const unsigned scheme : {quant::kFp8E4m3, quant::kFp8E5m2}) {
    Values x(16), codes(256 * 16), want(256);
    x[3] = 1;
    for (unsigned code = 0; code < 256; ++code) {
      codes[code * 16 + 3] = code;
      want[code] = quant::number_of_code(scheme, code, true);
    }
    for_each_target([&] {
      OneNode node(
          "dequant_matmul",
          {{"scheme", std::string(quant::layout_of(scheme).name)}, {"block", int64_t{0}}, {"signed", int64_t{1}}});
      expect_close(node.in({1, 16}, x).in({256, 16}, codes, RLX_DTYPE_U8).out({1, 256}).run(), want, 0);
    });
  }
}
