// Attention in its three layouts.
#include "kernels/layout.hpp"

namespace rlx::vulkan::kernels {

namespace {

// Sizes, and the steps of batch, head and position; features are neighbours.
struct Heads {
  uint64_t batch, heads, positions, features;
  uint64_t strides[3];
};

Heads heads_of(const Plan& plan, const rlx_tensor& t, uint64_t heads) {
  const std::string_view layout = plan.node.s("layout");
  const auto& d = t.dims;
  if (layout == "bhsd") return {d[0], d[1], d[2], d[3], {d[1] * d[2] * d[3], d[2] * d[3], d[3]}};
  if (layout == "bshd") return {d[0], d[2], d[1], d[3], {d[1] * d[2] * d[3], d[3], d[2] * d[3]}};
  if (layout == "bs_hd") return {d[0], heads, d[1], d[2] / heads, {d[1] * d[2], d[2] / heads, d[2]}};
  plan.refuse("no kernel for layout " + std::string(layout));
}

uint32_t mask_of(const Plan& plan) {
  const std::string_view kind = plan.node.s("mask");
  if (kind == "none") return RLX_MASK_NONE;
  if (kind == "causal") return RLX_MASK_CAUSAL;
  if (kind == "window") return RLX_MASK_WINDOW;
  if (kind == "custom") return RLX_MASK_CUSTOM;
  if (kind == "bias") return RLX_MASK_BIAS;
  plan.refuse("no kernel for mask " + std::string(kind));
}

}  // namespace

void attention(Plan& plan) {
  plan.need_float(0);
  const sdk::NodeView& node = plan.node;
  const auto heads = static_cast<uint64_t>(node.i("heads")), kv_heads = static_cast<uint64_t>(node.i("kv_heads"));
  const Heads q = heads_of(plan, node.in(0), heads), k = heads_of(plan, node.in(1), kv_heads),
              v = heads_of(plan, node.in(2), kv_heads), y = heads_of(plan, node.out(), heads);
  if (v.features > RLX_MAX_VALUE_FEATURES)
    plan.refuse("heads of " + std::to_string(v.features) + " features, the kernel takes " +
                std::to_string(RLX_MAX_VALUE_FEATURES));
  gpu::AttentionParams p{};
  for (uint32_t i = 0; i < 3; ++i) plan.count_of(node.in(i));
  p.batch = static_cast<uint32_t>(q.batch);
  p.heads = static_cast<uint32_t>(q.heads);
  p.queries = static_cast<uint32_t>(q.positions);
  p.keys = static_cast<uint32_t>(k.positions);
  p.features = static_cast<uint32_t>(q.features);
  p.value_features = static_cast<uint32_t>(v.features);
  p.group = static_cast<uint32_t>(heads / kv_heads);
  p.mask_kind = mask_of(plan);
  p.window = static_cast<int>(plan.small(static_cast<uint64_t>(node.i("window")), "keys of a window"));
  p.scale = static_cast<float>(node.f("scale"));
  p.softcap = static_cast<float>(node.f("softcap"));
  p.dtype = node.in(0).dtype;
  for (size_t i = 0; i < 3; ++i) {
    p.q_strides[i] = static_cast<uint32_t>(q.strides[i]);
    p.k_strides[i] = static_cast<uint32_t>(k.strides[i]);
    p.v_strides[i] = static_cast<uint32_t>(v.strides[i]);
    p.dst_strides[i] = static_cast<uint32_t>(y.strides[i]);
  }
  const uint32_t rows = plan.small(q.batch * q.heads * q.positions, "queries");
  if (p.mask_kind >= RLX_MASK_CUSTOM) {
    const uint64_t dims[] = {q.batch, q.heads, q.positions, k.positions};
    plan.count_of(node.in(3));
    const Strides strides = broadcast_strides(sdk::dims(node.in(3)), dims);
    for (size_t i = 0; i < 4; ++i) p.mask_strides[i] = static_cast<uint32_t>(strides[i]);
  }
  plan.dispatch({Shader::k_attention}, Plan::groups_for(rows), p,
                {{&p.q, node.input(0)},
                 {&p.k, node.input(1)},
                 {&p.v, node.input(2)},
                 {&p.mask, plan.input(3)},
                 {&p.dst, node.output(0), true}});
}

}  // namespace rlx::vulkan::kernels
