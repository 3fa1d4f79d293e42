// Weights that stay packed in memory, codes of a few bits under shared scales (sdk/quant_layout.hpp).
//   dequantize_blocks: y[…, k] = scale·(code − zero) + offset, the numbers that the bytes stand for
//   dequant_matmul:    y[…, n] = Σ_k x[…, k] · w[n, k], w what dequantize_blocks makes of row n
#include "ops/decompose.hpp"
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

#include <rlx/sdk/quant_layout.hpp>

#include <algorithm>

namespace rlx::ops {
namespace {

namespace quant = sdk::quant;

std::vector<std::string_view> scheme_names() {
  std::vector<std::string_view> names;
  for (unsigned scheme = 0; scheme < quant::kSchemes; ++scheme) names.push_back(quant::layout_of(scheme).name);
  return names;
}

bool is_u8(DType dtype) {
  return dtype == DType::kU8;
}

// How many numbers a row of input `w` holds.
Result<int64_t> numbers_of_row(const InferContext& c, const quant::Layout& layout, size_t w) {
  const int64_t bytes = c.shape(w)[c.shape(w).rank() - 1];
  if (bytes < 0) return kUnknownDim;
  if (bytes % layout.bytes != 0)
    return bad(c, "rows of {} bytes in {} are no multiple of {}, a block of {}", bytes, text(c, w), layout.bytes,
               layout.name);
  return mul_dims(bytes / layout.bytes, layout.values);
}

// Stores how many numbers have a scale of their own: all of a row, where nothing is said.
Status normalise_block(InferContext& c, const quant::Layout& layout, int64_t numbers) {
  const int64_t block = c.attrs.i("block");
  if (layout.beside == quant::kNothing) {
    if (block != 0) return bad(c, "block is {}, but {} has its scales inside", block, layout.name);
    return {};
  }
  if (block < 0) return bad(c, "block is {}, needs at least 0", block);
  if (numbers < 0) return {};
  if (block == 0)
    c.attrs.set("block", std::max<int64_t>(numbers, 1));
  else if (numbers % block != 0)
    return bad(c, "block {} does not divide the {} numbers of a row", block, numbers);
  return {};
}

// A scale or zero point for each block of a row, or (scalar_too) one for all.
Status check_beside(const InferContext& c, size_t w, size_t input, int64_t numbers, bool scalar_too,
                    std::string_view what) {
  if (scalar_too && c.shape(input).rank() == 0) return {};
  std::vector<int64_t> dims(c.shape(w).begin(), c.shape(w).end());
  const int64_t block = c.attrs.i("block");
  dims.back() = numbers < 0 || block == 0 ? kUnknownDim : numbers / block;
  RLX_ASSIGN(const Shape shape, make_shape(c, dims));
  return check_shape(c, input, shape, what);
}

// Input w is packed, its scale and zero point are the two inputs behind it. Returns the numbers of a row.
Result<int64_t> check_packed(InferContext& c, size_t w) {
  const std::string& name = c.attrs.str("scheme");
  const quant::Layout layout = quant::layout_of(quant::find_scheme(name.data(), static_cast<unsigned>(name.size())));
  const bool has_scale = c.has(w + 1), has_zero = c.has(w + 2);
  RLX_TRY(check_dtype(c, w, is_u8, "u8, packed"));
  RLX_ASSIGN(const int64_t numbers, numbers_of_row(c, layout, w));
  RLX_TRY(normalise_block(c, layout, numbers));
  const bool needs_scale = layout.beside != quant::kNothing && layout.beside != quant::kMayScale;
  if (needs_scale && !has_scale) return bad(c, "{} needs a scale", layout.name);
  if (layout.beside == quant::kNothing && has_scale) return bad(c, "{} has its scales inside", layout.name);
  if (layout.beside == quant::kMustZero && !has_zero) return bad(c, "{} needs a zero point", layout.name);
  if (layout.beside < quant::kMayZero && has_zero) return bad(c, "{} has no zero point", layout.name);
  if (has_scale) {
    if (c.dtype(w + 1) != DType::kF32) return bad(c, "scale has dtype {}, needs f32", name_of(c.dtype(w + 1)));
    RLX_TRY(check_beside(c, w, w + 1, numbers, true, "scale"));
  }
  if (has_zero) {
    const DType needed = c.attrs.flag("signed") ? DType::kI8 : DType::kU8;
    if (c.dtype(w + 2) != needed)
      return bad(c, "zero point has dtype {}, needs {}", name_of(c.dtype(w + 2)), name_of(needed));
    RLX_TRY(check_beside(c, w, w + 2, numbers, false, "zero point"));
  }
  return numbers;
}

Result<Types> infer_dequantize_blocks(InferContext& c) {
  const DType to = c.attrs.dtype("to");
  if (!is_valid(to) || !is_float(to)) return bad(c, "to is {}, needs a float", name_of(to));
  RLX_TRY(check_rank_between(c, 0, 1, kMaxRank));
  RLX_ASSIGN(const int64_t numbers, check_packed(c, 0));
  std::vector<int64_t> dims(c.shape(0).begin(), c.shape(0).end());
  dims.back() = numbers;
  return one(c, to, dims);
}

Result<Types> infer_dequant_matmul(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_TRY(check_rank_between(c, 0, 1, kMaxRank));
  RLX_TRY(check_rank(c, 1, 2));
  RLX_ASSIGN(const int64_t numbers, check_packed(c, 1));
  std::vector<int64_t> dims(c.shape(0).begin(), c.shape(0).end());
  if (!may_equal(dims.back(), numbers))
    return bad(c, "rows of {} have {} elements, rows of the {} weights {} hold {}", text(c, 0), dims.back(),
               c.attrs.str("scheme"), text(c, 1), numbers);
  dims.back() = c.shape(1)[0];
  return one(c, c.dtype(0), dims);
}

std::vector<AttrSpec> packed_attrs() {
  return {choice_attr("scheme", scheme_names()), int_attr("block", 0), flag_attr("signed", true)};
}

std::vector<AttrSpec> dequantize_attrs() {
  std::vector<AttrSpec> attrs = packed_attrs();
  attrs.push_back(dtype_attr("to", DType::kF32));
  return attrs;
}

}  // namespace

Family quant_ops() {
  static const OpSchema schemas[] = {
      {.name = "dequantize_blocks",
       .min_inputs = 1,
       .max_inputs = 3,
       .required_inputs = 1,
       .attrs = dequantize_attrs(),
       .infer = infer_dequantize_blocks,
       .decompose = decompose_dequantize_blocks},
      {.name = "dequant_matmul",
       .min_inputs = 2,
       .max_inputs = 4,
       .required_inputs = 2,
       .attrs = packed_attrs(),
       .infer = infer_dequant_matmul,
       .decompose = decompose_dequant_matmul},
  };
  return schemas;
}

}  // namespace rlx::ops
