/* The transport table: one-sided access to a symmetric heap between the ranks of a process group.
 *
 * Every rank owns a heap of the same size; an offset is valid on every rank. Collectives are written once above this
 * table. All sizes and offsets in bytes. Deadlines as in base.h. Threads: one rank object is used by one thread at a
 * time. Errors common to all calls: OUT_OF_RANGE (rank, offset, length, heap size), INVALID_ARGUMENT (unknown rank),
 * DEADLINE_EXCEEDED (naming the ranks that are missing), PEER_LOST (rank), UNAVAILABLE (native code and text).
 */
#ifndef RLX_ABI_TRANSPORT_H
#define RLX_ABI_TRANSPORT_H

#include "base.h"

RLX_EXTERN_C_BEGIN

#define RLX_IFACE_TRANSPORT 4u

/* One rank's view of a process group. */
typedef struct rlx_rank rlx_rank;

typedef struct rlx_rank_options {
  uint32_t struct_size;
  uint32_t rank;
  uint32_t world_size;
  uint32_t reserved;
  uint64_t heap_bytes;  /* the same on every rank */
  uint64_t deadline_ns; /* for the group to come together, and the default of every call */
  rlx_str group;        /* name under which the ranks find each other */
  const rlx_ext* next;
} rlx_rank_options;

typedef struct rlx_link_info {
  uint32_t struct_size;
  uint32_t flags; /* RLX_LINK_* */
  uint64_t latency_ns;
  uint64_t bandwidth_bytes_per_s;
} rlx_link_info;

enum { RLX_LINK_SAME_PROCESS = 1u, RLX_LINK_SAME_HOST = 2u };

typedef struct rlx_transport_table_v1 {
  uint32_t struct_size;
  uint32_t minor;
  /* Collective over all ranks of the group: returns when every rank attached. */
  rlx_status* (*attach)(const rlx_rank_options* options, rlx_rank** out_rank);
  /* Collective unless a peer is lost. NULL is allowed. */
  void (*detach)(rlx_rank* rank);
  /* This rank's own heap; borrowed until detach. */
  void* (*heap)(rlx_rank* rank);
  rlx_status* (*link)(rlx_rank* rank, uint32_t peer, rlx_link_info* out_info);
  /* Local completion: src may be reused on return; remote visibility needs fence or a signal. */
  rlx_status* (*put)(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size);
  rlx_status* (*get)(rlx_rank* rank, uint32_t peer, uint64_t src_offset, void* dst, uint64_t size);
  /* Puts, then stores value into the 8-byte signal at signal_offset of the peer, in that order. */
  rlx_status* (*put_signal)(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size,
                            uint64_t signal_offset, uint64_t value);
  /* Waits until the own signal is >= value. */
  rlx_status* (*wait_signal)(rlx_rank* rank, uint64_t signal_offset, uint64_t value, uint64_t deadline_ns);
  rlx_status* (*atomic_add)(rlx_rank* rank, uint32_t peer, uint64_t offset, uint64_t value, uint64_t* out_old);
  /* All earlier puts of this rank are visible on their targets. */
  rlx_status* (*fence)(rlx_rank* rank);
  rlx_status* (*barrier)(rlx_rank* rank, uint64_t deadline_ns);
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
RLX_ASSERT_SIZE(rlx_transport_table_v1, 96);
RLX_ASSERT_FIELD(rlx_transport_table_v1, struct_size, 0);
RLX_ASSERT_FIELD(rlx_transport_table_v1, minor, 4);
RLX_ASSERT_FIELD(rlx_transport_table_v1, attach, 8);
RLX_ASSERT_FIELD(rlx_transport_table_v1, detach, 16);
RLX_ASSERT_FIELD(rlx_transport_table_v1, heap, 24);
RLX_ASSERT_FIELD(rlx_transport_table_v1, link, 32);
RLX_ASSERT_FIELD(rlx_transport_table_v1, put, 40);
RLX_ASSERT_FIELD(rlx_transport_table_v1, get, 48);
RLX_ASSERT_FIELD(rlx_transport_table_v1, put_signal, 56);
RLX_ASSERT_FIELD(rlx_transport_table_v1, wait_signal, 64);
RLX_ASSERT_FIELD(rlx_transport_table_v1, atomic_add, 72);
RLX_ASSERT_FIELD(rlx_transport_table_v1, fence, 80);
RLX_ASSERT_FIELD(rlx_transport_table_v1, barrier, 88);

RLX_EXTERN_C_END

#endif
