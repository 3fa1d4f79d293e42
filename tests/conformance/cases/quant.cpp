// Packed weights: every scheme, rows for kernels of one row, of a few and of many, odd numbers of outputs.
#include "../case.hpp"

#include <rlx/sdk/quant_layout.hpp>

#include <algorithm>

namespace conformance {
namespace {

namespace quant = rlx::sdk::quant;

struct Weights {
  unsigned scheme;
  int64_t rows, numbers;
  int64_t block = 0;  // numbers that share a scale in a tensor of its own
  bool is_signed = true;
  bool one_scale = false;  // for all rows

  quant::Layout layout() const { return quant::layout_of(scheme); }

  // The packed tensor and what belongs to it.
  std::vector<Input> inputs() const {
    std::vector<Input> list = {packed(scheme, {rows, numbers / layout().values * layout().bytes})};
    if (layout().beside == quant::kNothing) return list;
    const Shape scales = {rows, block ? numbers / block : 1};
    list.push_back(uniform(DType::kF32, one_scale ? Shape{} : scales, 0.001, 0.01));
    if (layout().beside == quant::kMustZero || (layout().beside == quant::kMayZero && !is_signed))
      list.push_back(is_signed ? integers(DType::kI8, scales, -8, 7) : integers(DType::kU8, scales, 0, 15));
    return list;
  }
  Attrs attrs() const {
    return {attr("scheme", layout().name), attr("block", block), attr("signed", int64_t{is_signed})};
  }
};

Case& add_matmul(CaseList& list, DType dtype, Shape x, const Weights& w) {
  std::vector<Input> inputs = {uniform(dtype, x)};
  for (Input& input : w.inputs()) inputs.push_back(std::move(input));
  Case& c = list.add("dequant_matmul", std::move(inputs), w.attrs());
  c.tolerance = std::max(2.0, static_cast<double>(w.numbers) / 8);  // the error of a sum grows with its length
  return c;
}

// One way for each scheme, with at least two blocks in a row.
Weights plain(unsigned scheme, int64_t rows, int64_t blocks = 2) {
  const quant::Layout layout = quant::layout_of(scheme);
  if (layout.values > 2) return {scheme, rows, blocks * layout.values};
  return {scheme, rows, blocks * 32, 32, scheme != quant::kInt4Block};
}

void add_decoding(CaseList& list) {
  for (unsigned scheme = 0; scheme < quant::kSchemes; ++scheme) {
    const Weights w = plain(scheme, 3);
    list.add("dequantize_blocks", w.inputs(), w.attrs());
  }
  for (const DType to : {DType::kF16, DType::kBF16, DType::kF64}) {
    const Weights w = plain(quant::kQ4_K, 2);
    Attrs attrs = w.attrs();
    attrs.set("to", to);
    list.add("dequantize_blocks", w.inputs(), std::move(attrs));
  }
  // Rows that are no multiple of anything.
  for (const Weights& w :
       {Weights{quant::kInt8Block, 3, 7}, Weights{quant::kInt4Block, 3, 10, 5},
        Weights{quant::kFp8E4m3, 2, 5, 0, true, true}, Weights{quant::kInt8BlockAsym, 2, 6, 3, false}})
    list.add("dequantize_blocks", w.inputs(), w.attrs());
  list.add("dequantize_blocks", {packed(quant::kQ8_0, {2, 2, 34})}, {attr("scheme", "q8_0")});
  list.add("dequantize_blocks", {packed(quant::kQ8_0, {0, 34})}, {attr("scheme", "q8_0")});
}

void add_products(CaseList& list) {
  for (unsigned scheme = 0; scheme < quant::kSchemes; ++scheme)
    for (const int64_t rows : {1, 3, 20}) {
      const Weights w = plain(scheme, 37);
      add_matmul(list, DType::kF32, {rows, w.numbers}, w);
    }
  for (const DType dtype : {DType::kF16, DType::kBF16, DType::kF64})
    for (const unsigned scheme : {quant::kQ4_0, quant::kQ4_K, quant::kQ6_K, quant::kMxfp4, quant::kInt4Block})
      for (const int64_t rows : {1, 4, 33}) {
        const Weights w = plain(scheme, 70);
        add_matmul(list, dtype, {rows, w.numbers}, w);
      }
  for (const Weights& w : {Weights{quant::kInt8Block, 5, 96}, Weights{quant::kInt8Block, 5, 96, 0, true, true},
                           Weights{quant::kInt8BlockAsym, 5, 96, 48, false}, Weights{quant::kInt4Block, 5, 64, 16},
                           Weights{quant::kFp8E5m2, 5, 64, 64}, Weights{quant::kNvfp4, 5, 128, 0, true, true},
                           Weights{quant::kInt8Block, 5, 13}, Weights{quant::kInt4Block, 5, 10, 5}})
    for (const int64_t rows : {2, 9}) add_matmul(list, DType::kF32, {rows, w.numbers}, w);
  // Vectors, batches, nothing.
  add_matmul(list, DType::kF32, {512}, plain(quant::kQ4_K, 9));
  add_matmul(list, DType::kF32, {2, 3, 64}, plain(quant::kQ4_0, 9));
  add_matmul(list, DType::kF32, {0, 64}, plain(quant::kQ4_0, 9));
  add_matmul(list, DType::kF32, {3, 64}, plain(quant::kQ4_0, 0));
  // A row of weights longer than what a warp, a thread or a cache line takes at a time.
  add_matmul(list, DType::kF32, {2, 2304}, plain(quant::kQ4_K, 6, 9));
  add_matmul(list, DType::kF32, {1, 1056}, plain(quant::kQ8_0, 6, 33));
  add_matmul(list, DType::kF16, {70, 1280}, plain(quant::kQ5_K, 130, 5));
}

}  // namespace

void add_quant_cases(CaseList& list) {
  add_decoding(list);
  add_products(list);
}

}  // namespace conformance
