// Convolutions over NC… with 1 to 3 spatial axes (cross-correlation).
//   conv:           w is [M, C/g, k…]    out = ⌊(in + pads − span) / stride⌋ + 1, span = (k − 1)·dilation + 1
//   conv_transpose: w is [C, M/g, k…]    out = (in − 1)·stride + span + output_padding − pads
#include "ops/decompose.hpp"
#include "ops/families.hpp"
#include "ops/kinds.hpp"
#include "ops/spec.hpp"
#include "ops/window.hpp"

namespace rlx::ops {
namespace {

// x, w and groups fit each other; c_axis is the axis of w that counts x's channels.
Status check_conv_inputs(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  RLX_TRY(check_same_dtype(c, 0, 1));
  RLX_TRY(check_spatial(c));
  RLX_TRY(check_rank(c, 1, c.shape(0).rank()));
  RLX_TRY(check_positive(c, "groups"));
  return normalise_window(c);
}

Status check_bias(const InferContext& c, size_t input, int64_t channels) {
  if (!c.has(input)) return {};
  RLX_TRY(check_same_dtype(c, 0, input));
  return check_shape(c, input, {channels}, "the bias");
}

Result<Shape> conv_shape(InferContext& c) {
  RLX_TRY(check_conv_inputs(c));
  const Shape& x = c.shape(0);
  const Shape& w = c.shape(1);
  const int64_t groups = c.attrs.i("groups");
  if (!may_equal(x[1], mul_dims(w[1], groups)))
    return bad(c, "{} channels of {} do not fit weights {} in {} groups", x[1], text(c, 0), text(c, 1), groups);
  if (is_static(w[0]) && w[0] % groups != 0)
    return bad(c, "{} filters of {} do not split into {} groups", w[0], text(c, 1), groups);
  RLX_TRY(check_bias(c, 2, w[0]));
  std::vector<int64_t> dims = {x[0], w[0]};
  for (size_t i = 0; i + kFirstSpatial < x.rank(); ++i) {
    RLX_ASSIGN(const int64_t dim, windowed_dim(c, i, w[kFirstSpatial + i], false));
    dims.push_back(dim);
  }
  return make_shape(c, dims);
}

Result<Types> infer_conv(InferContext& c) {
  RLX_ASSIGN(const Shape shape, conv_shape(c));
  return one(c.dtype(0), shape);
}

Result<Types> infer_fused_conv(InferContext& c) {
  RLX_ASSIGN(const Shape shape, conv_shape(c));
  if (c.has(3)) {
    RLX_TRY(check_same_dtype(c, 0, 3));
    RLX_TRY(check_shape(c, 3, shape, "the residual"));
  }
  RLX_TRY(check_activation(c));
  return one(c.dtype(0), shape);
}

// The output dim of spatial axis i; all terms are bounded, so they are added before the pads are taken off.
Result<int64_t> transposed_dim(const InferContext& c, size_t i) {
  const int64_t input = c.shape(0)[kFirstSpatial + i], taps = c.shape(1)[kFirstSpatial + i];
  if (!is_static(input) || !is_static(taps)) return kUnknownDim;
  if (taps == 0) return bad(c, "the kernel is empty along spatial axis {}", i);
  if (input == 0) return bad(c, "spatial axis {} of {} is empty", i, text(c, 0));
  const int64_t span = window_span(taps, c.attrs.ints("dilations")[i]);
  const int64_t full =
      add_dims(add_dims(mul_dims(input - 1, c.attrs.ints("strides")[i]), span), c.attrs.ints("output_padding")[i]);
  const int64_t pads = add_dims(c.attrs.ints("pads_begin")[i], c.attrs.ints("pads_end")[i]);
  if (pads > full) return bad(c, "pads of {} exceed the output size {} of spatial axis {}", pads, full, i);
  return full - pads;
}

Result<Types> infer_conv_transpose(InferContext& c) {
  RLX_TRY(check_conv_inputs(c));
  const Shape& x = c.shape(0);
  const Shape& w = c.shape(1);
  const int64_t groups = c.attrs.i("groups");
  RLX_TRY(fill_ints(c, "output_padding", x.rank() - kFirstSpatial, 0, 0));
  if (!may_equal(x[1], w[0])) return bad(c, "{} channels of {} do not fit weights {}", x[1], text(c, 0), text(c, 1));
  if (is_static(x[1]) && x[1] % groups != 0)
    return bad(c, "{} channels of {} do not split into {} groups", x[1], text(c, 0), groups);
  const int64_t filters = mul_dims(w[1], groups);
  RLX_TRY(check_bias(c, 2, filters));
  std::vector<int64_t> dims = {x[0], filters};
  for (size_t i = 0; i + kFirstSpatial < x.rank(); ++i) {
    RLX_ASSIGN(const int64_t dim, transposed_dim(c, i));
    dims.push_back(dim);
  }
  return one(c, c.dtype(0), dims);
}

std::vector<AttrSpec> conv_attrs(std::vector<AttrSpec> more) {
  std::vector<AttrSpec> attrs = {optional_ints_attr("strides"), optional_ints_attr("pads_begin"),
                                 optional_ints_attr("pads_end"), optional_ints_attr("dilations"),
                                 int_attr("groups", 1)};
  attrs.insert(attrs.end(), more.begin(), more.end());
  return attrs;
}

}  // namespace

Family conv_ops() {
  static const OpSchema schemas[] = {
      {.name = "conv",
       .min_inputs = 2,
       .max_inputs = 3,
       .required_inputs = 2,
       .attrs = conv_attrs({}),
       .infer = infer_conv},
      {.name = "conv_transpose",
       .min_inputs = 2,
       .max_inputs = 3,
       .required_inputs = 2,
       .attrs = conv_attrs({optional_ints_attr("output_padding")}),
       .infer = infer_conv_transpose,
       .decompose = decompose_conv_transpose},
      {.name = "fused_conv_bias_act",
       .min_inputs = 2,
       .max_inputs = 4,
       .required_inputs = 2,
       .attrs = conv_attrs(
           {choice_attr("activation", activation_names(), "none"), float_attr("alpha", 0), float_attr("beta", 0)}),
       .infer = infer_fused_conv,
       .decompose = decompose_fused_conv},
  };
  return schemas;
}

}  // namespace rlx::ops
