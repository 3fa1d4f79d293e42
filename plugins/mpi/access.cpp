// Contiguous and strided access to peers' heaps.
#include "rank.hpp"

#include <algorithm>
#include <climits>
#include <cstring>

namespace rlx::mpi {
namespace {

// A datatype for blocks in a row; released with the object.
class Blocks {
 public:
  Blocks(const rlx_strided& layout, uint64_t stride, const char* call) {
    check(MPI_Type_create_hvector(static_cast<int>(layout.count), static_cast<int>(layout.block_bytes),
                                  static_cast<MPI_Aint>(stride), MPI_BYTE, &type_),
          call, "MPI_Type_create_hvector");
    check(MPI_Type_commit(&type_), call, "MPI_Type_commit");
  }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  ~Blocks() { MPI_Type_free(&type_); }
  MPI_Datatype type() const { return type_; }

 private:
  MPI_Datatype type_ = MPI_DATATYPE_NULL;
};

// What a datatype can say and MPI's own arithmetic in int cannot get wrong.
bool fits_datatype(const rlx_strided& layout) {
  return layout.count <= INT_MAX && layout.block_bytes <= INT_MAX &&
         layout.count * layout.block_bytes <= static_cast<uint64_t>(INT_MAX);
}

bool is_empty(const rlx_strided& layout) {
  return layout.count == 0 || layout.block_bytes == 0;
}

}  // namespace

void put_bytes(rlx_rank& self, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size, const char* call) {
  if (size == 0) return;
  // Source and target may overlap in the own heap, which MPI does not allow.
  if (peer == self.rank) {
    std::memmove(self.heap + dst_offset, src, size);
    return;
  }
  for (uint64_t at = 0; at < size; at += kPiece) {
    const int piece = static_cast<int>(std::min(kPiece, size - at));
    check(MPI_Put(static_cast<const char*>(src) + at, piece, MPI_BYTE, static_cast<int>(peer),
                  self.at_heap(peer, dst_offset + at), piece, MPI_BYTE, self.win),
          call, "MPI_Put");
  }
  check(MPI_Win_flush(static_cast<int>(peer), self.win), call, "MPI_Win_flush");
}

void get_bytes(rlx_rank& self, uint32_t peer, uint64_t src_offset, void* dst, uint64_t size, const char* call) {
  if (size == 0) return;
  if (peer == self.rank) {
    std::memmove(dst, self.heap + src_offset, size);
    return;
  }
  for (uint64_t at = 0; at < size; at += kPiece) {
    const int piece = static_cast<int>(std::min(kPiece, size - at));
    check(MPI_Get(static_cast<char*>(dst) + at, piece, MPI_BYTE, static_cast<int>(peer),
                  self.at_heap(peer, src_offset + at), piece, MPI_BYTE, self.win),
          call, "MPI_Get");
  }
  check(MPI_Win_flush(static_cast<int>(peer), self.win), call, "MPI_Win_flush");
}

rlx_status* Slots::put(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size) {
  return enter([&] { put_bytes(*rank, peer, dst_offset, src, size, "put"); });
}

rlx_status* Slots::get(rlx_rank* rank, uint32_t peer, uint64_t src_offset, void* dst, uint64_t size) {
  return enter([&] { get_bytes(*rank, peer, src_offset, dst, size, "get"); });
}

rlx_status* Slots::put_strided(rlx_rank* rank, uint32_t peer, const rlx_strided* layout, const void* src) {
  return enter([&] {
    if (is_empty(*layout)) return;
    if (peer != rank->rank && fits_datatype(*layout)) {
      const Blocks there(*layout, layout->heap_stride, "put"), here(*layout, layout->local_stride, "put");
      check(MPI_Put(src, 1, here.type(), static_cast<int>(peer), rank->at_heap(peer, layout->heap_offset), 1,
                    there.type(), rank->win),
            "put", "MPI_Put");
      check(MPI_Win_flush(static_cast<int>(peer), rank->win), "put", "MPI_Win_flush");
      return;
    }
    for (uint64_t i = 0; i < layout->count; ++i)
      put_bytes(*rank, peer, layout->heap_offset + i * layout->heap_stride,
                static_cast<const char*>(src) + i * layout->local_stride, layout->block_bytes, "put");
  });
}

rlx_status* Slots::get_strided(rlx_rank* rank, uint32_t peer, const rlx_strided* layout, void* dst) {
  return enter([&] {
    if (is_empty(*layout)) return;
    if (peer != rank->rank && fits_datatype(*layout)) {
      const Blocks there(*layout, layout->heap_stride, "get"), here(*layout, layout->local_stride, "get");
      check(MPI_Get(dst, 1, here.type(), static_cast<int>(peer), rank->at_heap(peer, layout->heap_offset), 1,
                    there.type(), rank->win),
            "get", "MPI_Get");
      check(MPI_Win_flush(static_cast<int>(peer), rank->win), "get", "MPI_Win_flush");
      return;
    }
    for (uint64_t i = 0; i < layout->count; ++i)
      get_bytes(*rank, peer, layout->heap_offset + i * layout->heap_stride,
                static_cast<char*>(dst) + i * layout->local_stride, layout->block_bytes, "get");
  });
}

}  // namespace rlx::mpi
