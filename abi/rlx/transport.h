/* The transport table: one-sided access to a symmetric heap between the ranks of a process group.
 *
 * Every rank owns a heap of the same size; an offset is valid on every rank. Collectives are written once above this
 * table. All sizes and offsets in bytes. Deadlines as in base.h. Threads: one rank object is used by one thread at a
 * time.
 *
 * The host checks before it calls: peers are below the world size, ranges lie inside of the heap (without overflow),
 * signals and counters are aligned to 8 bytes, pointers are not NULL unless the size is 0. A transport checks nothing
 * of that again. Errors that it reports: DEADLINE_EXCEEDED (naming the ranks that are missing), PEER_LOST (rank;
 * sticky: the group cannot be used any more), UNAVAILABLE (native code and text).
 */
#ifndef RLX_ABI_TRANSPORT_H
#define RLX_ABI_TRANSPORT_H

#include "base.h"

RLX_EXTERN_C_BEGIN

#define RLX_IFACE_TRANSPORT 4u

/* wait_signal: any rank may be the sender. */
#define RLX_ANY_RANK UINT32_MAX

/* One rank's view of a process group. */
typedef struct rlx_rank rlx_rank;

/* Memory of a device, or of the host, that is a source or target without lying in the heap. */
typedef struct rlx_rank_memory rlx_rank_memory;

typedef struct rlx_rank_options {
  uint32_t struct_size;
  uint32_t rank;
  uint32_t world_size; /* >= 1 */
  uint32_t reserved;
  uint64_t heap_bytes;  /* the same on every rank; starts as zeros */
  uint64_t deadline_ns; /* for the group to come together */
  rlx_str group;        /* name under which the ranks find each other */
  const rlx_ext* next;
} rlx_rank_options;

/* 0 where unknown. */
typedef struct rlx_link_info {
  uint32_t struct_size;
  uint32_t flags; /* RLX_LINK_* */
  uint64_t latency_ns;
  uint64_t bandwidth_bytes_per_s;
} rlx_link_info;

/* MAPPED: map() answers, loads and stores reach the peer's heap. */
enum { RLX_LINK_SAME_PROCESS = 1u, RLX_LINK_SAME_HOST = 2u, RLX_LINK_MAPPED = 4u };

/* count blocks of block_bytes each; a stride is the distance between the starts of two blocks. */
typedef struct rlx_strided {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t count;
  uint64_t block_bytes;
  uint64_t heap_offset;  /* of the first block, in the peer's heap */
  uint64_t heap_stride;  /* >= block_bytes */
  uint64_t local_stride; /* >= block_bytes */
} rlx_strided;

/* Where a region lies. With an address the transport loads and stores there; without one it stages through read and
 * write, which get ctx back. An arena slot has its table's read_raw and write_raw behind them. */
typedef struct rlx_region_desc {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t size;
  void* address; /* NULL: not reachable by loads and stores */
  void* ctx;
  rlx_status* (*read)(void* ctx, uint64_t offset, void* dst, uint64_t size);
  rlx_status* (*write)(void* ctx, uint64_t offset, const void* src, uint64_t size);
} rlx_region_desc;

typedef uint32_t rlx_collective_kind;
enum {
  RLX_COLLECTIVE_ALL_REDUCE = 1,
  RLX_COLLECTIVE_ALL_GATHER = 2,
  RLX_COLLECTIVE_REDUCE_SCATTER = 3,
  RLX_COLLECTIVE_BROADCAST = 4,
  RLX_COLLECTIVE_ALL_TO_ALL = 5
};

typedef uint32_t rlx_reduction;
enum {
  RLX_REDUCTION_SUM = 1,
  RLX_REDUCTION_PROD = 2,
  RLX_REDUCTION_MIN = 3,
  RLX_REDUCTION_MAX = 4,
  RLX_REDUCTION_MEAN = 5,
  RLX_REDUCTION_AND = 6,
  RLX_REDUCTION_OR = 7
};

/* A collective over all ranks that the transport executes by itself. src == dst is in place. */
typedef struct rlx_collective {
  uint32_t struct_size;
  rlx_collective_kind kind;
  rlx_reduction reduction; /* ALL_REDUCE, REDUCE_SCATTER */
  rlx_dtype dtype;
  uint32_t root; /* BROADCAST */
  uint32_t reserved;
  const void* src;
  void* dst;
  uint64_t count; /* elements: ALL_REDUCE and BROADCAST in all, else those of one rank */
  uint64_t deadline_ns;
} rlx_collective;

typedef struct rlx_transport_table_v1 {
  uint32_t struct_size;
  uint32_t minor;
  /* Creates the group or joins it. Collective: returns when every rank attached. Errors: ALREADY_EXISTS (the rank is
   * taken), ABI_MISMATCH, INVALID_ARGUMENT (another heap or world size; every rank gets it), RESOURCE_EXHAUSTED. */
  rlx_status* (*attach)(const rlx_rank_options* options, rlx_rank** out_rank);
  /* Leaves the group; a rank that still waits for this one gets PEER_LOST. NULL is allowed. */
  void (*detach)(rlx_rank* rank);
  /* Removes what a crashed group left behind under this name. BUSY while a rank lives. */
  rlx_status* (*destroy)(rlx_str group);
  /* This rank's own heap, aligned to 4096; borrowed until detach. */
  void* (*heap)(rlx_rank* rank);
  rlx_status* (*link)(rlx_rank* rank, uint32_t peer, rlx_link_info* out_info);
  /* The peer's heap as memory of this process; borrowed until detach. UNIMPLEMENTED where it is none. */
  rlx_status* (*map)(rlx_rank* rank, uint32_t peer, void** out_heap);
  /* Local completion: src may be reused on return; remote visibility needs fence, quiet, a signal or a barrier. */
  rlx_status* (*put)(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size);
  rlx_status* (*get)(rlx_rank* rank, uint32_t peer, uint64_t src_offset, void* dst, uint64_t size);
  rlx_status* (*put_strided)(rlx_rank* rank, uint32_t peer, const rlx_strided* layout, const void* src);
  rlx_status* (*get_strided)(rlx_rank* rank, uint32_t peer, const rlx_strided* layout, void* dst);
  /* Puts, then stores value into the 8-byte signal at signal_offset of the peer, in that order. */
  rlx_status* (*put_signal)(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size,
                            uint64_t signal_offset, uint64_t value);
  /* Waits until the own signal is >= value. from: the rank that will send it, or RLX_ANY_RANK. */
  rlx_status* (*wait_signal)(rlx_rank* rank, uint64_t signal_offset, uint64_t value, uint32_t from,
                             uint64_t deadline_ns);
  /* On the 8 bytes at offset; wakes a wait_signal there. */
  rlx_status* (*atomic_add)(rlx_rank* rank, uint32_t peer, uint64_t offset, uint64_t value, uint64_t* out_old);
  /* Earlier puts of this rank arrive at each target before later ones. */
  rlx_status* (*fence)(rlx_rank* rank);
  /* Earlier puts of this rank, async ones included, are complete and visible. */
  rlx_status* (*quiet)(rlx_rank* rank, uint64_t deadline_ns);
  /* Implies quiet. A barrier that ran into its deadline is resumed by the next call. */
  rlx_status* (*barrier)(rlx_rank* rank, uint64_t deadline_ns);
  /* Start after the wait points (of this rank's own timeline) and return a point of that timeline. Borrowed: src and
   * dst until the point has passed. */
  rlx_status* (*put_async)(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size,
                           const rlx_point* waits, uint64_t wait_count, rlx_point* out_end);
  rlx_status* (*get_async)(rlx_rank* rank, uint32_t peer, uint64_t src_offset, void* dst, uint64_t size,
                           const rlx_point* waits, uint64_t wait_count, rlx_point* out_end);
  rlx_status* (*wait_point)(rlx_rank* rank, rlx_point point, uint64_t deadline_ns);
  /* The desc is copied; its memory stays until release_region. */
  rlx_status* (*register_region)(rlx_rank* rank, const rlx_region_desc* desc, rlx_rank_memory** out_region);
  void (*release_region)(rlx_rank* rank, rlx_rank_memory* region);
  rlx_status* (*put_region)(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, rlx_rank_memory* src,
                            uint64_t src_offset, uint64_t size);
  rlx_status* (*get_region)(rlx_rank* rank, uint32_t peer, uint64_t src_offset, rlx_rank_memory* dst,
                            uint64_t dst_offset, uint64_t size);
  /* Ends all waits of all ranks, now and later, with this code because of this rank. The first call counts. */
  rlx_status* (*fail)(rlx_rank* rank, rlx_code code, uint32_t culprit);
  /* UNIMPLEMENTED for what the transport cannot do better than the host. */
  rlx_status* (*collective)(rlx_rank* rank, const rlx_collective* what);
} rlx_transport_table_v1;

RLX_ASSERT_SIZE(rlx_rank_options, 56);
RLX_ASSERT_FIELD(rlx_rank_options, struct_size, 0);
RLX_ASSERT_FIELD(rlx_rank_options, rank, 4);
RLX_ASSERT_FIELD(rlx_rank_options, world_size, 8);
RLX_ASSERT_FIELD(rlx_rank_options, reserved, 12);
RLX_ASSERT_FIELD(rlx_rank_options, heap_bytes, 16);
RLX_ASSERT_FIELD(rlx_rank_options, deadline_ns, 24);
RLX_ASSERT_FIELD(rlx_rank_options, group, 32);
RLX_ASSERT_FIELD(rlx_rank_options, next, 48);
RLX_ASSERT_SIZE(rlx_link_info, 24);
RLX_ASSERT_FIELD(rlx_link_info, struct_size, 0);
RLX_ASSERT_FIELD(rlx_link_info, flags, 4);
RLX_ASSERT_FIELD(rlx_link_info, latency_ns, 8);
RLX_ASSERT_FIELD(rlx_link_info, bandwidth_bytes_per_s, 16);
RLX_ASSERT_SIZE(rlx_strided, 48);
RLX_ASSERT_FIELD(rlx_strided, struct_size, 0);
RLX_ASSERT_FIELD(rlx_strided, reserved, 4);
RLX_ASSERT_FIELD(rlx_strided, count, 8);
RLX_ASSERT_FIELD(rlx_strided, block_bytes, 16);
RLX_ASSERT_FIELD(rlx_strided, heap_offset, 24);
RLX_ASSERT_FIELD(rlx_strided, heap_stride, 32);
RLX_ASSERT_FIELD(rlx_strided, local_stride, 40);
RLX_ASSERT_SIZE(rlx_region_desc, 48);
RLX_ASSERT_FIELD(rlx_region_desc, struct_size, 0);
RLX_ASSERT_FIELD(rlx_region_desc, reserved, 4);
RLX_ASSERT_FIELD(rlx_region_desc, size, 8);
RLX_ASSERT_FIELD(rlx_region_desc, address, 16);
RLX_ASSERT_FIELD(rlx_region_desc, ctx, 24);
RLX_ASSERT_FIELD(rlx_region_desc, read, 32);
RLX_ASSERT_FIELD(rlx_region_desc, write, 40);
RLX_ASSERT_SIZE(rlx_collective, 56);
RLX_ASSERT_FIELD(rlx_collective, struct_size, 0);
RLX_ASSERT_FIELD(rlx_collective, kind, 4);
RLX_ASSERT_FIELD(rlx_collective, reduction, 8);
RLX_ASSERT_FIELD(rlx_collective, dtype, 12);
RLX_ASSERT_FIELD(rlx_collective, root, 16);
RLX_ASSERT_FIELD(rlx_collective, reserved, 20);
RLX_ASSERT_FIELD(rlx_collective, src, 24);
RLX_ASSERT_FIELD(rlx_collective, dst, 32);
RLX_ASSERT_FIELD(rlx_collective, count, 40);
RLX_ASSERT_FIELD(rlx_collective, deadline_ns, 48);
RLX_ASSERT_SIZE(rlx_transport_table_v1, 208);
RLX_ASSERT_FIELD(rlx_transport_table_v1, struct_size, 0);
RLX_ASSERT_FIELD(rlx_transport_table_v1, minor, 4);
RLX_ASSERT_FIELD(rlx_transport_table_v1, attach, 8);
RLX_ASSERT_FIELD(rlx_transport_table_v1, detach, 16);
RLX_ASSERT_FIELD(rlx_transport_table_v1, destroy, 24);
RLX_ASSERT_FIELD(rlx_transport_table_v1, heap, 32);
RLX_ASSERT_FIELD(rlx_transport_table_v1, link, 40);
RLX_ASSERT_FIELD(rlx_transport_table_v1, map, 48);
RLX_ASSERT_FIELD(rlx_transport_table_v1, put, 56);
RLX_ASSERT_FIELD(rlx_transport_table_v1, get, 64);
RLX_ASSERT_FIELD(rlx_transport_table_v1, put_strided, 72);
RLX_ASSERT_FIELD(rlx_transport_table_v1, get_strided, 80);
RLX_ASSERT_FIELD(rlx_transport_table_v1, put_signal, 88);
RLX_ASSERT_FIELD(rlx_transport_table_v1, wait_signal, 96);
RLX_ASSERT_FIELD(rlx_transport_table_v1, atomic_add, 104);
RLX_ASSERT_FIELD(rlx_transport_table_v1, fence, 112);
RLX_ASSERT_FIELD(rlx_transport_table_v1, quiet, 120);
RLX_ASSERT_FIELD(rlx_transport_table_v1, barrier, 128);
RLX_ASSERT_FIELD(rlx_transport_table_v1, put_async, 136);
RLX_ASSERT_FIELD(rlx_transport_table_v1, get_async, 144);
RLX_ASSERT_FIELD(rlx_transport_table_v1, wait_point, 152);
RLX_ASSERT_FIELD(rlx_transport_table_v1, register_region, 160);
RLX_ASSERT_FIELD(rlx_transport_table_v1, release_region, 168);
RLX_ASSERT_FIELD(rlx_transport_table_v1, put_region, 176);
RLX_ASSERT_FIELD(rlx_transport_table_v1, get_region, 184);
RLX_ASSERT_FIELD(rlx_transport_table_v1, fail, 192);
RLX_ASSERT_FIELD(rlx_transport_table_v1, collective, 200);

RLX_EXTERN_C_END

#endif
