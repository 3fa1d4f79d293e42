#include "emitter.hpp"

#include <algorithm>

namespace rlx::simt {

std::string type_name(rlx_dtype dtype) {
  return dtype == RLX_DTYPE_BOOL ? "boolean" : sdk::dtype_name(dtype);
}

std::string word_name(rlx_dtype dtype) {
  return "u" + std::to_string(sdk::dtype_size(dtype) * 8);
}

uint32_t grid_for(const Geometry& geometry, uint64_t count, uint64_t per_block) {
  // Enough blocks for several rounds on every multiprocessor; beyond that a block takes several parts.
  constexpr uint64_t kBlocksPerMultiprocessor = 32;
  return static_cast<uint32_t>(
      std::min<uint64_t>((count + per_block - 1) / per_block, kBlocksPerMultiprocessor * geometry.multiprocessors));
}

uint32_t row_block(const Geometry& geometry, uint64_t size) {
  // Each thread takes a few elements, so that the reduction's steps are shared by more of them.
  constexpr uint64_t kPerThread = 4, kMost = ::simt::kMaxBlock;
  const uint64_t wanted = std::min((size + kPerThread - 1) / kPerThread, kMost);
  return static_cast<uint32_t>(std::max<uint64_t>(wanted + geometry.warp - 1, geometry.warp) / geometry.warp *
                               geometry.warp);
}

void Emitter::add(const char* header, const char* params_name, Launch launch) {
  plan_.source.include(header);
  launch.node = node_;
  launch.entry = plan_.source.entry(params_name, launch.body);
  for (const PointerField& p : launch.pointers) {
    plan_.reports_errors |= p.to == PointerField::To::kErrorRecord;
    plan_.counts_runs |= p.to == PointerField::To::kRunCounter;
  }
  plan_.launches.push_back(std::move(launch));
}

void Emitter::add_call(Launch launch) {
  launch.node = node_;
  plan_.launches.push_back(std::move(launch));
}

}  // namespace rlx::simt
