/* The arena table: the device memory of one context, one slot per live tensor.
 *
 * A tensor is named by its index in the program. Every access is ordered on the context's queue: it sees all runs
 * that were submitted before it. Threads: one at a time per context (the host enforces it).
 * Sizes and offsets are checked by the plugin; any mismatch is INVALID_ARGUMENT or OUT_OF_RANGE and nothing is written.
 */
#ifndef RLX_ABI_ARENA_H
#define RLX_ABI_ARENA_H

#include "base.h"

RLX_EXTERN_C_BEGIN

#define RLX_IFACE_ARENA 2u

/* Owned by its context. */
typedef struct rlx_arena rlx_arena;

typedef struct rlx_slot {
  uint64_t offset_bytes;   /* in the arena */
  uint64_t capacity_bytes; /* >= the tensor's size */
  rlx_dtype dtype;
  uint32_t reserved;
} rlx_slot;

/* Set by the callee beside each number that it knows. */
enum {
  RLX_ARENA_HAS_IN_USE = 1u,
  RLX_ARENA_HAS_RESERVED = 2u,
  RLX_ARENA_HAS_PEAK = 4u,
  RLX_ARENA_HAS_LOWER_BOUND = 8u,
  RLX_ARENA_HAS_POOL = 16u
};

/* Bytes unless noted. */
typedef struct rlx_arena_stats {
  uint32_t struct_size;
  uint32_t valid;         /* RLX_ARENA_HAS_* */
  uint64_t size;          /* this arena */
  uint64_t lower_bound;   /* largest sum of tensors alive at one time */
  uint64_t scratch;       /* kernels' working memory, part of size */
  uint64_t pool_in_use;   /* all arenas of the device */
  uint64_t pool_reserved; /* in use + kept for reuse */
  uint64_t pool_peak;
  uint64_t pool_cap;    /* limit of what is kept for reuse */
  uint64_t pool_hits;   /* allocations served from the pool (count) */
  uint64_t pool_misses; /* count */
} rlx_arena_stats;

typedef struct rlx_arena_table_v1 {
  uint32_t struct_size;
  uint32_t minor;
  /* Where a tensor lives. Errors: NO_SLOT for parameters, constants and tensors the compiler removed; OUT_OF_RANGE. */
  rlx_status* (*slot)(rlx_arena* arena, uint32_t tensor, rlx_slot* out_slot);
  /* Converts and stores size_bytes / sizeof(dtype) elements, the first at element first_elem of the tensor.
   * Any dtype pair converts by the rules of the op "cast". Borrowed: src until return. */
  rlx_status* (*write)(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                       uint64_t first_elem);
  /* The same in the other direction. */
  rlx_status* (*read)(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, void* dst, uint64_t size_bytes,
                      uint64_t first_elem);
  /* Bytes as they are, in the tensor's own dtype and row-major layout. */
  rlx_status* (*write_raw)(rlx_arena* arena, uint32_t tensor, const void* src, uint64_t size_bytes,
                           uint64_t offset_bytes);
  rlx_status* (*read_raw)(rlx_arena* arena, uint32_t tensor, void* dst, uint64_t size_bytes, uint64_t offset_bytes);
  /* Copies on the device, between tensors of this arena (ranges may overlap). */
  rlx_status* (*copy_range)(rlx_arena* arena, uint32_t dst_tensor, uint64_t dst_offset_bytes, uint32_t src_tensor,
                            uint64_t src_offset_bytes, uint64_t size_bytes);
  /* Copies a tensor on the device from another arena of the same executable. */
  rlx_status* (*copy_from)(rlx_arena* arena, rlx_arena* src_arena, uint32_t tensor);
  rlx_status* (*stats)(rlx_arena* arena, rlx_arena_stats* out_stats);
} rlx_arena_table_v1;

RLX_ASSERT_SIZE(rlx_slot, 24);
RLX_ASSERT_FIELD(rlx_slot, offset_bytes, 0);
RLX_ASSERT_FIELD(rlx_slot, capacity_bytes, 8);
RLX_ASSERT_FIELD(rlx_slot, dtype, 16);
RLX_ASSERT_FIELD(rlx_slot, reserved, 20);
RLX_ASSERT_SIZE(rlx_arena_stats, 80);
RLX_ASSERT_FIELD(rlx_arena_stats, struct_size, 0);
RLX_ASSERT_FIELD(rlx_arena_stats, valid, 4);
RLX_ASSERT_FIELD(rlx_arena_stats, size, 8);
RLX_ASSERT_FIELD(rlx_arena_stats, lower_bound, 16);
RLX_ASSERT_FIELD(rlx_arena_stats, scratch, 24);
RLX_ASSERT_FIELD(rlx_arena_stats, pool_in_use, 32);
RLX_ASSERT_FIELD(rlx_arena_stats, pool_reserved, 40);
RLX_ASSERT_FIELD(rlx_arena_stats, pool_peak, 48);
RLX_ASSERT_FIELD(rlx_arena_stats, pool_cap, 56);
RLX_ASSERT_FIELD(rlx_arena_stats, pool_hits, 64);
RLX_ASSERT_FIELD(rlx_arena_stats, pool_misses, 72);
RLX_ASSERT_SIZE(rlx_arena_table_v1, 72);
RLX_ASSERT_FIELD(rlx_arena_table_v1, struct_size, 0);
RLX_ASSERT_FIELD(rlx_arena_table_v1, minor, 4);
RLX_ASSERT_FIELD(rlx_arena_table_v1, slot, 8);
RLX_ASSERT_FIELD(rlx_arena_table_v1, write, 16);
RLX_ASSERT_FIELD(rlx_arena_table_v1, read, 24);
RLX_ASSERT_FIELD(rlx_arena_table_v1, write_raw, 32);
RLX_ASSERT_FIELD(rlx_arena_table_v1, read_raw, 40);
RLX_ASSERT_FIELD(rlx_arena_table_v1, copy_range, 48);
RLX_ASSERT_FIELD(rlx_arena_table_v1, copy_from, 56);
RLX_ASSERT_FIELD(rlx_arena_table_v1, stats, 64);

RLX_EXTERN_C_END

#endif
