// Ops that trade resolution: resize and the block rearrangements.
//   resize: ONNX Resize-13; the output shape is sizes      resize_nearest_2x: each pixel becomes 2×2
//   space_to_depth: [N, C, H, W] → [N, C·b², H/b, W/b]     depth_to_space: the inverse, dcr or crd
#include "ops/decompose.hpp"
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

#include <cmath>

namespace rlx::ops {
namespace {

Status fill_scales(InferContext& c) {
  const Shape& x = c.shape(0);
  const std::vector<int64_t>& sizes = c.attrs.ints("sizes");
  std::vector<double> scales = c.attrs.floats("scales");
  if (scales.empty()) {
    for (size_t i = 0; i < x.rank(); ++i) {
      const bool known = is_static(x[i]) && x[i] > 0;
      scales.push_back(known ? static_cast<double>(sizes[i]) / static_cast<double>(x[i]) : 1.0);
    }
  }
  if (scales.size() != x.rank()) return bad(c, "scales has {} entries for shape {}", scales.size(), text(c, 0));
  for (const double s : scales)
    if (!(s > 0) || !std::isfinite(s)) return bad(c, "scales has entry {}", s);
  c.attrs.set("scales", std::move(scales));
  return {};
}

Result<Types> infer_resize(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  RLX_TRY(check_present(c, "sizes"));
  const Shape& x = c.shape(0);
  const std::vector<int64_t>& sizes = c.attrs.ints("sizes");
  if (sizes.size() != x.rank()) return bad(c, "sizes has {} entries for shape {}", sizes.size(), text(c, 0));
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] < 0) return bad(c, "sizes has entry {}", sizes[i]);
    if (x[i] == 0 && sizes[i] > 0)
      return bad(c, "axis {} of shape {} is empty, cannot give {}", i, text(c, 0), sizes[i]);
  }
  RLX_ASSIGN(const Shape shape, make_shape(c, sizes));
  RLX_TRY(fill_scales(c));
  const size_t roi = c.attrs.floats("roi").size();
  const bool crops = c.attrs.str("coordinate_mode") == "tf_crop_and_resize";
  if (crops ? roi != 2 * x.rank() : roi != 0 && roi != 2 * x.rank())
    return bad(c, "roi has {} entries for shape {}", roi, text(c, 0));
  return one(c.dtype(0), shape);
}

Result<Types> infer_resize_nearest_2x(InferContext& c) {
  RLX_TRY(check_rank(c, 0, 4));
  const Shape& x = c.shape(0);
  const int64_t dims[] = {x[0], x[1], mul_dims(x[2], 2), mul_dims(x[3], 2)};
  return one(c, c.dtype(0), dims);
}

int64_t divide(int64_t dim, int64_t by) {
  if (by == 1) return dim;
  return is_static(dim) ? dim / by : kUnknownDim;
}

Result<Types> infer_space_to_depth(InferContext& c) {
  RLX_TRY(check_rank(c, 0, 4));
  RLX_TRY(check_positive(c, "block"));
  const Shape& x = c.shape(0);
  const int64_t block = c.attrs.i("block");
  for (const size_t i : {2, 3})
    if (is_static(x[i]) && x[i] % block != 0)
      return bad(c, "block {} does not divide axis {} of shape {}", block, i, text(c, 0));
  const int64_t dims[] = {x[0], mul_dims(x[1], mul_dims(block, block)), divide(x[2], block), divide(x[3], block)};
  return one(c, c.dtype(0), dims);
}

Result<Types> infer_depth_to_space(InferContext& c) {
  RLX_TRY(check_rank(c, 0, 4));
  RLX_TRY(check_positive(c, "block"));
  const Shape& x = c.shape(0);
  const int64_t block = c.attrs.i("block"), area = mul_dims(block, block);
  if (is_static(x[1]) && x[1] % area != 0)
    return bad(c, "block {} squared does not divide the channels of shape {}", block, text(c, 0));
  const int64_t dims[] = {x[0], divide(x[1], area), mul_dims(x[2], block), mul_dims(x[3], block)};
  return one(c, c.dtype(0), dims);
}

}  // namespace

Family resize_ops() {
  static const OpSchema schemas[] = {
      {.name = "resize",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {choice_attr("mode", {"nearest", "linear", "cubic"}), ints_attr("sizes"),
                 optional_floats_attr("scales"),
                 choice_attr("coordinate_mode",
                             {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
                              "tf_crop_and_resize"},
                             "half_pixel"),
                 choice_attr("nearest_mode", {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"},
                             "round_prefer_floor"),
                 float_attr("cubic_coeff_a", -0.75), flag_attr("exclude_outside", false),
                 float_attr("extrapolation_value", 0), optional_floats_attr("roi")},
       .infer = infer_resize,
       .decompose = decompose_resize},
      {.name = "resize_nearest_2x",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .infer = infer_resize_nearest_2x,
       .decompose = decompose_resize_nearest_2x},
      {.name = "space_to_depth",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {int_attr("block")},
       .infer = infer_space_to_depth,
       .decompose = decompose_space_to_depth},
      {.name = "depth_to_space",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {int_attr("block"), choice_attr("mode", {"dcr", "crd"}, "dcr")},
       .infer = infer_depth_to_space,
       .decompose = decompose_depth_to_space},
  };
  return schemas;
}

}  // namespace rlx::ops
