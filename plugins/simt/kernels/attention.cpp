// Attention: one kernel for many queries and for few, and one more that joins the parts of the keys when few queries
// meet many keys.
#include "kernel.hpp"
#include "strides.hpp"

namespace rlx::simt::kernels {

namespace {

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

// How the work is shared by blocks.
struct Shares {
  uint32_t side, warps, features;  // rows and keys of a tile; warps of a block; features of a tile
  uint64_t chunks, parts, blocks;

  Shares(const Emitter& e, uint64_t element_bytes, const Heads& q, const Heads& k, const Heads& v) {
    constexpr uint64_t kMostParts = 64, kLeastSteps = 4;  // a shorter part would wait more than it works
    side = static_cast<uint32_t>(::simt::kAttentionSideBytes / element_bytes);
    warps = side / 16;
    features = std::max(q.features, v.features) <= 64 ? 64 : 128;
    chunks = (v.features + features - 1) / features;
    const uint64_t rows = q.heads / k.heads * q.positions;
    const uint64_t whole = q.batch * k.heads * chunks * ((rows + side - 1) / side);
    const uint64_t steps = (k.positions + side - 1) / side, wanted = 2 * uint64_t{e.geometry().multiprocessors};
    parts = whole == 0
                ? 1
                : std::clamp<uint64_t>(wanted / whole, 1, std::clamp<uint64_t>(steps / kLeastSteps, 1, kMostParts));
    blocks = whole * parts;
  }
  uint32_t shared_bytes(uint64_t element_bytes) const {
    return static_cast<uint32_t>(2 * side * (features * element_bytes + 16) + warps * 16 * 16 * element_bytes);
  }
};

uint32_t mask_kind(std::string_view name) {
  if (name == "causal") return ::simt::kMaskCausal;
  if (name == "window") return ::simt::kMaskWindow;
  if (name == "custom") return ::simt::kMaskCustom;
  if (name == "bias") return ::simt::kMaskBias;
  return ::simt::kMaskNone;
}

}  // namespace

Claim claim_attention(const NodeView&) {
  return Claim::native();
}

void emit_attention(Emitter& e, const NodeView& n) {
  const auto heads = static_cast<uint64_t>(n.i("heads")), kv_heads = static_cast<uint64_t>(n.i("kv_heads"));
  const Heads q = heads_of(n, n.in(0), heads), k = heads_of(n, n.in(1), kv_heads), v = heads_of(n, n.in(2), kv_heads);
  const std::string type = type_name(n.in(0).dtype);
  const uint64_t element_bytes = sdk::dtype_size(n.in(0).dtype);
  const Shares shares(e, element_bytes, q, k, v);
  auto launch = e.launch<::simt::AttentionParams>("attention.hpp",
                                                  "attention<" + type + ", " + std::to_string(shares.features) + ">");
  auto& p = launch.params;
  p.blocks = shares.blocks;
  p.parts = shares.parts;
  p.chunks = shares.chunks;
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
  const uint64_t rows = q.batch * heads * q.positions;
  const uint64_t sum_bytes = std::max<uint64_t>(element_bytes, sizeof(float));
  if (p.parts > 1) launch.point_to_scratch(p.partial, rows * p.parts * (v.features + 2) * sum_bytes);
  auto join = e.launch<::simt::AttentionParams>("attention.hpp", "attention_join<" + type + ">");
  join.like(launch);
  launch.blocks(grid_for(e.geometry(), shares.blocks, 1), shares.warps * e.geometry().warp,
                shares.shared_bytes(element_bytes));
  if (join.params.parts > 1) join.blocks(grid_for(e.geometry(), rows, 1), row_block(e.geometry(), v.features));
}

}  // namespace rlx::simt::kernels
