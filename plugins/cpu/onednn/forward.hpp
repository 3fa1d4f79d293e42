// The primitives we use, described for inference, the same for oneDNN 2 (which describes an operation first) and
// oneDNN 3. Each returns oneDNN's status and sets out on success.
#pragma once

#include "onednn/onednn.hpp"

namespace rlx::cpu::onednn {

struct Window {
  dnnl_dims_t strides{}, dilations{}, pads_begin{}, pads_end{};  // oneDNN counts the gaps: dilations less one
};

// bias: null for none. transposed: conv_transpose.
dnnl_status_t describe_convolution(bool transposed, const Desc& src, const Desc& weights, const Desc* bias,
                                   const Desc& dst, const Window& window, const_dnnl_primitive_attr_t attr,
                                   PrimitiveDesc& out);
dnnl_status_t describe_pooling(dnnl_alg_kind_t kind, const Desc& src, const Desc& dst, const dnnl_dims_t kernel,
                               const Window& window, const_dnnl_primitive_attr_t attr, PrimitiveDesc& out);
// With scale, shift, mean and variance given.
dnnl_status_t describe_batch_norm(const Desc& data, float eps, const_dnnl_primitive_attr_t attr, PrimitiveDesc& out);

struct LrnWindow {
  int64_t size;
  float alpha, beta, bias;
};
dnnl_status_t describe_lrn(const Desc& data, const LrnWindow& window, const_dnnl_primitive_attr_t attr,
                           PrimitiveDesc& out);
dnnl_status_t describe_reorder(const Desc& from, const Desc& to, const_dnnl_primitive_attr_t attr, PrimitiveDesc& out);

// y += what is there, and y = alg(y, alpha, beta), at the end of a primitive.
dnnl_status_t append_sum(dnnl_post_ops_t ops);
dnnl_status_t append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t alg, float alpha, float beta);

}  // namespace rlx::cpu::onednn
