// What products of matrices share on the host: how they are cut into tiles (device/matmul.hpp,
// device/fragment_tile.hpp) and which activations they apply themselves.
#pragma once

#include "emitter.hpp"

#include <rlx/sdk/claim.hpp>

namespace rlx::simt {

struct Tiling {
  uint32_t tile, across, threads, shared_bytes;  // across: tiles along the columns
  uint64_t tiles;                                // of all batches

  // Of device/matmul.hpp.
  Tiling(uint64_t rows, uint64_t columns, uint64_t batches, rlx_dtype dtype) {
    constexpr uint64_t kStep = 16, kPerThread = 4;
    // From this many outputs on the large tile has more reuse than it wastes.
    constexpr uint64_t kLargeOutput = 128 * 128;
    const bool wide = dtype != RLX_DTYPE_F32 && dtype != RLX_DTYPE_F16 && dtype != RLX_DTYPE_BF16;
    const uint64_t accumulator_bytes = wide ? 8 : 4, size = rows * columns >= kLargeOutput ? 64 : 32;
    cut(size, rows, columns, batches);
    threads = static_cast<uint32_t>(size / kPerThread * (size / kPerThread));
    shared_bytes = static_cast<uint32_t>(2 * kStep * (size + 1) * accumulator_bytes);
  }
  // Of device/fragment_tile.hpp. *_depth_major: what its template arguments say.
  Tiling(const Geometry& geometry, uint64_t rows, uint64_t columns, uint64_t batches, bool a_depth_major,
         bool b_depth_major, uint32_t element_bytes = 2) {
    // The large tile loads half as much for each product, if every multiprocessor gets one.
    cut(128, rows, columns, batches);
    if (tiles < geometry.multiprocessors) cut(64, rows, columns, batches);
    threads = 2 * (tile / ::simt::kFragmentWarpColumns) * geometry.warp;
    const auto elements = [&](bool depth_major) {
      const uint32_t pad = 16 / element_bytes, step = ::simt::kFragmentStepBytes / element_bytes;
      return depth_major ? step * (tile + pad) : tile * (step + pad);
    };
    shared_bytes = 2 * (elements(a_depth_major) + elements(b_depth_major)) * element_bytes;
  }
  // The text of a kernel's instance; more: template arguments behind type and tile.
  std::string body(const char* kernel, rlx_dtype dtype, const char* more = "") const {
    return body(kernel, type_name(dtype), more);
  }
  std::string body(const char* kernel, const std::string& type, const char* more = "") const {
    return std::string(kernel) + "<" + type + ", " + std::to_string(tile) + more + ">";
  }

 private:
  void cut(uint64_t size, uint64_t rows, uint64_t columns, uint64_t batches) {
    tile = static_cast<uint32_t>(size);
    across = static_cast<uint32_t>((columns + size - 1) / size);
    tiles = (rows + size - 1) / size * across * batches;
  }
};

// f16, bf16, f32, f64.
bool is_float(rlx_dtype dtype);
// The type as which the device's matrix units multiply a dtype, "f16"; empty where they do not, or would lose digits
// that nobody has given up.
std::string unit_type(const Geometry& geometry, rlx_dtype dtype);

// What a node's attribute "activation" is to device code; NULL for one that products do not apply.
const ::simt::Activation* activation_of(const sdk::NodeView& n);
// NO for an activation that is left to the decomposition.
sdk::Claim claim_activation(const sdk::NodeView& n);

}  // namespace rlx::simt
