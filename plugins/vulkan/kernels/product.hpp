// What kernels share that end in a matrix product: the choice of the tile, and the activation.
#pragma once

#include "kernels/plan.hpp"

namespace rlx::vulkan {

// The ways in which one shader makes tiles: by each thread, or by subgroups with cooperative matrices or loops for
// them.
struct ProductShaders {
  Shader threads, cooperative, emulated;
};

// `count` products of rows × depth by depth × cols.
struct ProductSize {
  uint64_t rows, cols, depth, count;
};

struct ProductTile {
  PipelineKey pipeline;
  Groups groups;
};

// The tile for a product of the node's input 0. Refuses more tiles than a shader counts.
ProductTile tile_of_product(const Plan& plan, const ProductShaders& shaders, const ProductSize& size);

// The number of the node's activation, 0 without one. Refuses what is no function of a float.
uint32_t activation_of(const Plan& plan);

}  // namespace rlx::vulkan
