// Memory that does not lie in the heap: used where MPI can load from it, staged through the host where it cannot.
#include "rank.hpp"

#include <algorithm>

struct rlx_rank_memory {
  rlx_region_desc desc;
};

namespace rlx::mpi {

namespace {
constexpr uint64_t kStagingBytes = uint64_t{1} << 20;
}  // namespace

rlx_status* Slots::register_region(rlx_rank* rank, const rlx_region_desc* desc, rlx_rank_memory** out_region) {
  return enter([&] {
    if (!desc->address) rank->staging.resize(kStagingBytes);
    *out_region = new rlx_rank_memory{*desc};
  });
}

void Slots::release_region(rlx_rank*, rlx_rank_memory* region) {
  delete region;
}

rlx_status* Slots::put_region(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, rlx_rank_memory* src,
                              uint64_t src_offset, uint64_t size) {
  return enter([&] {
    const rlx_region_desc& from = src->desc;
    if (from.address) {
      put_bytes(*rank, peer, dst_offset, static_cast<char*>(from.address) + src_offset, size, "put");
      return;
    }
    for (uint64_t at = 0; at < size; at += kStagingBytes) {
      const uint64_t piece = std::min(kStagingBytes, size - at);
      sdk::check(host(), from.read(from.ctx, src_offset + at, rank->staging.data(), piece));
      put_bytes(*rank, peer, dst_offset + at, rank->staging.data(), piece, "put");
    }
  });
}

rlx_status* Slots::get_region(rlx_rank* rank, uint32_t peer, uint64_t src_offset, rlx_rank_memory* dst,
                              uint64_t dst_offset, uint64_t size) {
  return enter([&] {
    const rlx_region_desc& to = dst->desc;
    if (to.address) {
      get_bytes(*rank, peer, src_offset, static_cast<char*>(to.address) + dst_offset, size, "get");
      return;
    }
    for (uint64_t at = 0; at < size; at += kStagingBytes) {
      const uint64_t piece = std::min(kStagingBytes, size - at);
      get_bytes(*rank, peer, src_offset + at, rank->staging.data(), piece, "get");
      sdk::check(host(), to.write(to.ctx, dst_offset + at, rank->staging.data(), piece));
    }
  });
}

}  // namespace rlx::mpi
