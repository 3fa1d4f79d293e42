#include "onednn/forward.hpp"

namespace rlx::cpu::onednn {

namespace {

constexpr dnnl_prop_kind_t kForward = dnnl_forward_inference;

Desc::Handle handle_of(const Desc* desc) {
  return desc ? desc->get() : nullptr;
}

// Calls create(&desc) and keeps what it made.
template <typename Create>
dnnl_status_t keep(PrimitiveDesc& out, Create&& create) {
  dnnl_primitive_desc_t desc = nullptr;
  const dnnl_status_t status = create(&desc);
  if (status == dnnl_success) out.reset(desc);
  return status;
}

#if DNNL_VERSION_MAJOR < 3
// init(&operation) describes the operation, from which oneDNN 2 describes the primitive.
template <typename Operation, typename Init>
dnnl_status_t keep_operation(PrimitiveDesc& out, const_dnnl_primitive_attr_t attr, Init&& init) {
  Operation operation;
  if (const dnnl_status_t status = init(&operation); status != dnnl_success) return status;
  return keep(out, [&](auto* desc) { return dnnl_primitive_desc_create(desc, &operation, attr, engine(), nullptr); });
}
#endif

}  // namespace

dnnl_status_t describe_reorder(const Desc& from, const Desc& to, const_dnnl_primitive_attr_t attr, PrimitiveDesc& out) {
  return keep(out, [&](auto* desc) {
    return dnnl_reorder_primitive_desc_create(desc, from.get(), engine(), to.get(), engine(), attr);
  });
}

#if DNNL_VERSION_MAJOR >= 3

dnnl_status_t describe_convolution(bool transposed, const Desc& src, const Desc& weights, const Desc* bias,
                                   const Desc& dst, const Window& w, const_dnnl_primitive_attr_t attr,
                                   PrimitiveDesc& out) {
  return keep(out, [&](auto* desc) {
    return transposed ? dnnl_deconvolution_forward_primitive_desc_create(
                            desc, engine(), kForward, dnnl_deconvolution_direct, src.get(), weights.get(),
                            handle_of(bias), dst.get(), w.strides, w.dilations, w.pads_begin, w.pads_end, attr)
                      : dnnl_convolution_forward_primitive_desc_create(
                            desc, engine(), kForward, dnnl_convolution_direct, src.get(), weights.get(),
                            handle_of(bias), dst.get(), w.strides, w.dilations, w.pads_begin, w.pads_end, attr);
  });
}

dnnl_status_t describe_pooling(dnnl_alg_kind_t kind, const Desc& src, const Desc& dst, const dnnl_dims_t kernel,
                               const Window& w, const_dnnl_primitive_attr_t attr, PrimitiveDesc& out) {
  return keep(out, [&](auto* desc) {
    return dnnl_pooling_forward_primitive_desc_create(desc, engine(), kForward, kind, src.get(), dst.get(), w.strides,
                                                      kernel, w.dilations, w.pads_begin, w.pads_end, attr);
  });
}

dnnl_status_t describe_batch_norm(const Desc& data, float eps, const_dnnl_primitive_attr_t attr, PrimitiveDesc& out) {
  return keep(out, [&](auto* desc) {
    return dnnl_batch_normalization_forward_primitive_desc_create(
        desc, engine(), kForward, data.get(), data.get(), eps, dnnl_use_global_stats | dnnl_use_scale | dnnl_use_shift,
        attr);
  });
}

dnnl_status_t describe_lrn(const Desc& data, const LrnWindow& w, const_dnnl_primitive_attr_t attr, PrimitiveDesc& out) {
  return keep(out, [&](auto* desc) {
    return dnnl_lrn_forward_primitive_desc_create(desc, engine(), kForward, dnnl_lrn_across_channels, data.get(),
                                                  data.get(), w.size, w.alpha, w.beta, w.bias, attr);
  });
}

dnnl_status_t append_sum(dnnl_post_ops_t ops) {
  return dnnl_post_ops_append_sum(ops, 1.0f, 0, dnnl_data_type_undef);
}

dnnl_status_t append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t alg, float alpha, float beta) {
  return dnnl_post_ops_append_eltwise(ops, alg, alpha, beta);
}

#else

dnnl_status_t describe_convolution(bool transposed, const Desc& src, const Desc& weights, const Desc* bias,
                                   const Desc& dst, const Window& w, const_dnnl_primitive_attr_t attr,
                                   PrimitiveDesc& out) {
  if (transposed)
    return keep_operation<dnnl_deconvolution_desc_t>(out, attr, [&](auto* operation) {
      return dnnl_dilated_deconvolution_forward_desc_init(operation, kForward, dnnl_deconvolution_direct, src.get(),
                                                          weights.get(), handle_of(bias), dst.get(), w.strides,
                                                          w.dilations, w.pads_begin, w.pads_end);
    });
  return keep_operation<dnnl_convolution_desc_t>(out, attr, [&](auto* operation) {
    return dnnl_dilated_convolution_forward_desc_init(operation, kForward, dnnl_convolution_direct, src.get(),
                                                      weights.get(), handle_of(bias), dst.get(), w.strides, w.dilations,
                                                      w.pads_begin, w.pads_end);
  });
}

dnnl_status_t describe_pooling(dnnl_alg_kind_t kind, const Desc& src, const Desc& dst, const dnnl_dims_t kernel,
                               const Window& w, const_dnnl_primitive_attr_t attr, PrimitiveDesc& out) {
  return keep_operation<dnnl_pooling_v2_desc_t>(out, attr, [&](auto* operation) {
    return dnnl_pooling_v2_forward_desc_init(operation, kForward, kind, src.get(), dst.get(), w.strides, kernel,
                                             w.dilations, w.pads_begin, w.pads_end);
  });
}

dnnl_status_t describe_batch_norm(const Desc& data, float eps, const_dnnl_primitive_attr_t attr, PrimitiveDesc& out) {
  return keep_operation<dnnl_batch_normalization_desc_t>(out, attr, [&](auto* operation) {
    return dnnl_batch_normalization_forward_desc_init(operation, kForward, data.get(), eps,
                                                      dnnl_use_global_stats | dnnl_use_scale | dnnl_use_shift);
  });
}

dnnl_status_t describe_lrn(const Desc& data, const LrnWindow& w, const_dnnl_primitive_attr_t attr, PrimitiveDesc& out) {
  return keep_operation<dnnl_lrn_desc_t>(out, attr, [&](auto* operation) {
    return dnnl_lrn_forward_desc_init(operation, kForward, dnnl_lrn_across_channels, data.get(), w.size, w.alpha,
                                      w.beta, w.bias);
  });
}

dnnl_status_t append_sum(dnnl_post_ops_t ops) {
  return dnnl_post_ops_append_sum(ops, 1.0f);
}

dnnl_status_t append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t alg, float alpha, float beta) {
  return dnnl_post_ops_append_eltwise(ops, 1.0f, alg, alpha, beta);
}

#endif

}  // namespace rlx::cpu::onednn
