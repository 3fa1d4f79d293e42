#include "kernels/product.hpp"

namespace rlx::vulkan {

namespace {

uint64_t tile_count(const ProductSize& size, uint64_t rows, uint64_t cols) {
  return (size.rows + rows - 1) / rows * ((size.cols + cols - 1) / cols) * size.count;
}

// What shaders/tile_fragments.glsl needs of shared memory.
uint64_t shared_bytes(const MatrixShape& shape, uint64_t side) {
  constexpr uint64_t kHalf = 2, kFloat = 4, kSquare = RLX_SUBGROUPS_SQUARE;
  const uint64_t rows = kSquare * side * shape.m, cols = kSquare * side * shape.n;
  const uint64_t depth = (RLX_FRAGMENT_DEPTH + shape.k - 1) / shape.k * shape.k;
  return kHalf * (rows * (depth + RLX_FRAGMENT_PAD) + depth * (cols + RLX_FRAGMENT_PAD)) +
         kFloat * kSquare * kSquare * shape.m * shape.n;
}

// Fragments of a subgroup along either side: as many as leave the device enough workgroups. 0 = not even one fits.
uint32_t fragments_of_side(const MatrixUnits& units, const MatrixShape& shape, const ProductSize& size) {
  constexpr uint64_t kEnoughTiles = 64;
  uint32_t best = 0;
  for (const uint32_t side : {1u, 2u, 4u}) {
    const uint64_t rows = uint64_t{side} * RLX_SUBGROUPS_SQUARE * shape.m;
    const uint64_t cols = uint64_t{side} * RLX_SUBGROUPS_SQUARE * shape.n;
    if (shared_bytes(shape, side) > units.shared_bytes) break;
    if (best != 0 && tile_count(size, rows, cols) < kEnoughTiles) break;
    best = side;
  }
  return best;
}

ProductTile tile_by_threads(const Plan& plan, Shader shader, const ProductSize& size) {
  // Sixteen threads a side where that fills the tiles: half the loads from memory, but four times the work at an edge.
  constexpr uint64_t kLarge = 128;
  const uint32_t side = size.rows >= kLarge && size.cols >= kLarge ? 16 : 8;
  const uint64_t tiles = tile_count(size, uint64_t{side} * RLX_BLOCK, uint64_t{side} * RLX_BLOCK);
  return {{shader, {plan.node.in(0).dtype, side, activation_of(plan)}}, Plan::groups_for(plan.small(tiles, "tiles"))};
}

}  // namespace

ProductTile tile_of_product(const Plan& plan, const ProductShaders& shaders, const ProductSize& size) {
  const MatrixUnits& units = plan.matrix_units;
  for (const MatrixShape& shape : units.shapes) {
    if (plan.node.in(0).dtype != RLX_DTYPE_F16 || size.rows < shape.m || size.cols < shape.n || size.depth < shape.k)
      continue;
    const uint32_t side = fragments_of_side(units, shape, size);
    if (side == 0) continue;
    const uint32_t threads = units.lanes * RLX_SUBGROUPS_SQUARE * RLX_SUBGROUPS_SQUARE;
    const uint64_t tiles = tile_count(size, uint64_t{side} * RLX_SUBGROUPS_SQUARE * shape.m,
                                      uint64_t{side} * RLX_SUBGROUPS_SQUARE * shape.n);
    PipelineKey pipeline{units.emulated ? shaders.emulated : shaders.cooperative,
                         {RLX_DTYPE_F16, threads, activation_of(plan), shape.m, shape.n, shape.k, side}};
    pipeline.subgroup_size = units.emulated ? 0 : units.lanes;
    return {pipeline, Plan::groups_for(plan.small(tiles, "tiles"))};
  }
  return tile_by_threads(plan, shaders.threads, size);
}

uint32_t activation_of(const Plan& plan) {
  struct Kind {
    std::string_view name;
    uint32_t number;
  };
  constexpr Kind kKinds[] = {
      {"none", RLX_NO_ACTIVATION},
#define RLX_UNARY(number, name, value) {#name, number},
#include "shaders/unary_kinds.inc"
#undef RLX_UNARY
  };
  if (!plan.node.find("activation")) return RLX_NO_ACTIVATION;
  const std::string_view name = plan.node.s("activation");
  for (const Kind& kind : kKinds)
    if (kind.name == name) return kind.number;
  plan.refuse("no kernel for activation " + std::string(name));
}

}  // namespace rlx::vulkan
