// What kernels share that end in a matrix product: the choice of the tile, and the activation.
#pragma once

#include "kernels/plan.hpp"

namespace rlx::vulkan {

// A pipeline of a shader over shaders/tile.glsl for results of so many rows and columns.
PipelineKey product_pipeline(const Plan& plan, Shader shader, uint64_t rows, uint64_t cols);
Groups tiles_for(const Plan& plan, const PipelineKey& pipeline, uint64_t rows, uint64_t cols, uint64_t products);

// The number of the node's activation, 0 without one. Refuses what is no function of a float.
uint32_t activation_of(const Plan& plan);

}  // namespace rlx::vulkan
