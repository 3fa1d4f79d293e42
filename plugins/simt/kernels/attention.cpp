// Attention of few queries over resident keys. Many queries are better off as products of matrices: there the operands'
// tiles are shared by queries, so they are left to the decomposition.
#include "kernel.hpp"
#include "strides.hpp"

namespace rlx::simt::kernels {

namespace {

constexpr uint64_t kMostQueries = 16;
constexpr uint32_t kBlock = 128;
constexpr uint64_t kMostFeatures = 2048;  // of v: a row of them is in shared memory

struct Heads {
  uint64_t batch, heads, positions, features;
  ::simt::HeadStrides strides;
};

Heads heads_of(const NodeView& n, const rlx_tensor& t, uint64_t heads) {
  const std::string_view layout = n.s("layout");
  Heads h{t.dims[0], heads, 0, 0, {}};
  const bool heads_first = layout == "bhsd";
  h.positions = t.dims[heads_first ? 2 : 1];
  h.features = layout == "bs_hd" ? t.dims[2] / heads : t.dims[3];
  const auto features = static_cast<int64_t>(h.features), positions = static_cast<int64_t>(h.positions);
  const auto count = static_cast<int64_t>(heads);
  h.strides = heads_first ? ::simt::HeadStrides{count * positions * features, positions * features, features}
                          : ::simt::HeadStrides{positions * count * features, features, count * features};
  return h;
}

uint32_t mask_kind(std::string_view name) {
  if (name == "causal") return ::simt::kMaskCausal;
  if (name == "window") return ::simt::kMaskWindow;
  if (name == "custom") return ::simt::kMaskCustom;
  if (name == "bias") return ::simt::kMaskBias;
  return ::simt::kMaskNone;
}

}  // namespace

Claim claim_attention(const NodeView& n) {
  const auto kv_heads = static_cast<uint64_t>(n.i("kv_heads"));
  const Heads q = heads_of(n, n.in(0), static_cast<uint64_t>(n.i("heads"))), v = heads_of(n, n.in(2), kv_heads);
  if (q.positions > kMostQueries)
    return Claim::no(std::to_string(q.positions) + " queries: more than " + std::to_string(kMostQueries) +
                     " are faster as products of matrices");
  if (v.features > kMostFeatures)
    return Claim::no(std::to_string(v.features) + " features: at most " + std::to_string(kMostFeatures) +
                     " fit shared memory");
  return Claim::native();
}

void emit_attention(Emitter& e, const NodeView& n) {
  const auto heads = static_cast<uint64_t>(n.i("heads")), kv_heads = static_cast<uint64_t>(n.i("kv_heads"));
  const Heads q = heads_of(n, n.in(0), heads), k = heads_of(n, n.in(1), kv_heads), v = heads_of(n, n.in(2), kv_heads);
  auto launch = e.launch<::simt::AttentionParams>("attention.hpp", "attention_rows<" + type_name(n.in(0).dtype) + ">");
  auto& p = launch.params;
  p.batch = q.batch;
  p.heads = heads;
  p.kv_heads = kv_heads;
  p.queries = q.positions;
  p.keys = k.positions;
  p.features = q.features;
  p.v_features = v.features;
  p.q = q.strides;
  p.k = k.strides;
  p.v = v.strides;
  p.y = heads_of(n, n.out(), heads).strides;
  p.mask_kind = mask_kind(n.s("mask"));
  p.window = n.i("window");
  p.scale = n.f("scale");
  p.softcap = n.f("softcap");
  if (p.mask_kind == ::simt::kMaskCustom || p.mask_kind == ::simt::kMaskBias) {
    rlx_tensor scores{};
    scores.rank = 4;
    const uint64_t dims[] = {q.batch, heads, q.positions, k.positions};
    std::copy(std::begin(dims), std::end(dims), scores.dims);
    const Strides strides = broadcast_strides(n.in(3), scores);
    std::copy(strides.begin(), strides.end(), p.mask_strides);
    launch.point(p.mask, n.input(3));
  }
  launch.point(p.query, n.input(0));
  launch.point(p.key, n.input(1));
  launch.point(p.value, n.input(2));
  launch.point(p.output, n.output(0));
  const uint64_t values = kBlock + kBlock / e.geometry().warp + v.features;
  const uint64_t bytes = n.in(0).dtype == RLX_DTYPE_F64 ? 8 : 4;
  launch.blocks(grid_for(e.geometry(), q.batch * heads * q.positions, 1), kBlock,
                static_cast<uint32_t>(values * bytes));
}

}  // namespace rlx::simt::kernels
