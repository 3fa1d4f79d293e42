/* What the host writes and the shaders read: one text for both languages, so that no layout can drift. Only scalars and
 * arrays of scalars, large ones first: then std430 and C++ place every member alike. */
#ifndef RLX_VULKAN_INTERFACE_H
#define RLX_VULKAN_INTERFACE_H

#ifdef __cplusplus
#include <cstdint>
namespace rlx::vulkan::gpu {
using uint = uint32_t;
/* A device address; the context fills it in when it knows where its memory is. */
struct Address {
  uint64_t value = 0;
};
#else
#define Address uint64_t
#endif

#define RLX_RANK 8
/* Threads of a workgroup in the shaders that go through elements. */
#define RLX_LANES 64

/* ---- every dispatch ---- */

struct Push {
  Address params;
  Address mailbox;
  uint node; /* for the mailbox */
  uint reserved;
};

/* How shaders and host talk about a run. The first index out of range of a run is kept. */
struct Mailbox {
  int64_t value;
  int64_t limit;
  uint64_t run;
  uint failed; /* 0 or 1 */
  uint node;
};

/* ---- elementwise: the operands, inputs and then outputs, follow the head ---- */

/* The rank is a specialisation constant; with rank 0 the first stride leads from one index to the next: 1, or 0 for an
 * operand of one element. Outputs are contiguous. */
struct ElementwiseHead {
  uint count; /* elements */
  uint reserved;
  uint dims[RLX_RANK];
};
struct ElementwiseOperand {
  Address at;
  uint strides[RLX_RANK];
};

/* ---- move: y[Σ i·dst_strides] = x[Σ i·src_strides], elements of any dtype ---- */

struct MoveParams {
  Address src, dst;
  uint64_t value; /* with has_value every element is this */
  uint count, rank;
  uint width; /* bytes of an element */
  uint has_value;
  uint dims[RLX_RANK];
  int src_strides[RLX_RANK];
  uint dst_strides[RLX_RANK];
};

/* ---- gather: y[i] = x[Σ i·src_strides + Σ_k index_k·key_strides_k], index_k = indices[Σ i·index_strides + k] ---- */

struct GatherParams {
  Address src, indices, dst;
  uint count, rank, keys, width, index_dtype, reserved;
  uint dims[RLX_RANK];
  uint src_strides[RLX_RANK];
  uint index_strides[RLX_RANK];
  uint limits[RLX_RANK];
  uint key_strides[RLX_RANK];
};

/* ---- scatter: a thread owns the targets of its coordinates along the first `owned` dims and applies the updates along
 * the others one after the other: no atomics, and the same bits on every device ---- */

struct ScatterParams {
  Address dst, indices, updates;
  uint owners, serial; /* products of the dims of either kind */
  uint owned, rank, keys, dtype, index_dtype, reduction;
  uint dims[RLX_RANK];
  uint dst_strides[RLX_RANK];
  uint index_strides[RLX_RANK];
  uint update_strides[RLX_RANK];
  uint limits[RLX_RANK];
  uint key_strides[RLX_RANK];
};
#define RLX_SCATTER_NONE 0
#define RLX_SCATTER_ADD 1
#define RLX_SCATTER_MUL 2
#define RLX_SCATTER_MAX 3
#define RLX_SCATTER_MIN 4

/* ---- state_write of rows: dst[outer, row + i, inner] = src[outer, i, inner] ---- */

struct RowsParams {
  Address src, dst, row;
  uint count, width, row_dtype;
  uint rows, inner, size; /* rows written, elements of a row, rows of the state */
};

/* ---- reduce: kept dims first, then reduced ones ---- */

struct ReduceParams {
  Address src, dst;
  uint outputs, depth; /* products of the kept and of the reduced dims */
  uint kept, rank;     /* number of kept dims, and of all */
  uint dtype, out_dtype;
  uint kind;
  uint by_group; /* 1: a workgroup per output, 0: a thread */
  uint dims[RLX_RANK];
  uint strides[RLX_RANK];
};
#define RLX_REDUCE_SUM 0
#define RLX_REDUCE_MEAN 1
#define RLX_REDUCE_MAX 2
#define RLX_REDUCE_MIN 3
#define RLX_REDUCE_PROD 4
#define RLX_REDUCE_L1 5
#define RLX_REDUCE_L2 6
#define RLX_REDUCE_LOGSUMEXP 7
#define RLX_REDUCE_SUM_SQ 8

/* ---- rows of elements that are `inner` apart: row r starts at r / inner · size · inner + r % inner ---- */

/* by_group as in ReduceParams. */
struct ArgReduceParams {
  Address src, dst;
  uint rows, size, inner, dtype;
  uint largest, last;
  uint by_group, reserved;
};

struct ScanParams {
  Address src, dst;
  uint rows, size, inner, dtype;
  uint product, exclusive, reverse, reserved;
};

/* A pass over lists of positions, one list for each row. sort.comp cuts lists into chunks and keeps the first positions
 * of each; merge.comp makes one run of two neighbouring ones. The last pass writes the outputs, others write lists. */
struct SortParams {
  Address src, values, positions;
  Address from, to; /* lists of 32-bit positions, working memory */
  uint rows, size, inner, dtype;
  uint descending;
  uint keep;              /* positions kept of a chunk or a pair of runs; in the last pass, elements of an output row */
  uint listed;            /* positions of a list at from */
  uint is_first, is_last; /* the first pass has every position of a row for its list */
  uint run;               /* of merge.comp: positions of a sorted run */
  uint chunk;             /* of sort.comp: positions of a chunk, a power of two up to RLX_SORT_CHUNK */
  uint block;             /* of sort.comp: keep rounded up to a power of two; what is beyond it is not sorted */
};
#define RLX_SORT_LANES 128
/* Elements that a workgroup sorts in shared memory: 12 KiB of the 16 that every device has. */
#define RLX_SORT_CHUNK 1024

struct SoftmaxParams {
  Address src, dst;
  uint rows, size, inner, dtype;
  uint logarithm, reserved;
};

/* gamma and beta have the index (element / affine_step) % affine_size; the flags say whether they are there. */
struct NormParams {
  Address src, dst, gamma, beta;
  Address residual, sum; /* with has_residual: sum = src + residual is written and normalised */
  uint rows, size, inner, dtype;
  uint kind, has_gamma, has_beta, has_residual;
  uint affine_step, affine_size;
  float eps;
  uint reserved;
};
#define RLX_NORM_LAYER 0
#define RLX_NORM_RMS 1
#define RLX_NORM_L2 2

/* Results of a thread along either side of a tile. */
#define RLX_BLOCK 4
/* Of a tile of fragments: subgroups along either side, the least depth in shared memory, halves between its rows. */
#define RLX_SUBGROUPS_SQUARE 2
#define RLX_FRAGMENT_DEPTH 32
#define RLX_FRAGMENT_PAD 8

/* ---- matrix products: y[batch, m, n] = act(Σ_k a[batch, m, k]·b[batch, k, n] + bias[n]) ---- */

#define RLX_NO_ACTIVATION 0 /* the others have the numbers of unary_kinds.inc */

struct MatmulParams {
  Address a, b, bias, dst;
  uint m, n, k;
  uint batches, batch_rank;
  uint a_row, a_col, b_row, b_col; /* strides */
  uint has_bias;
  float alpha, beta; /* of the activation */
  uint reserved;
  uint batch_dims[RLX_RANK];
  uint a_batch[RLX_RANK];
  uint b_batch[RLX_RANK];
};

/* ---- windows over up to three spatial axes, missing ones have size 1 ---- */

struct WindowAxes {
  int wide[3], narrow[3], taps[3], stride[3], pad[3], dilation[3];
};

struct ConvParams {
  Address src, weights, bias, residual, dst;
  uint batch, groups;
  uint in_channels, out_channels; /* of one group */
  uint has_bias, has_residual;
  float alpha, beta; /* of the activation */
  WindowAxes w;
};

struct PoolParams {
  Address src, dst, indices;
  uint count;    /* outputs */
  uint channels; /* batch · channels */
  uint dtype, kind, p;
  uint include_pad, has_indices, column_major;
  int pad_end[3];
  uint reserved;
  WindowAxes w;
};
#define RLX_POOL_MAX 0
#define RLX_POOL_MEAN 1
#define RLX_POOL_LP 2

/* ---- attention: strides of q, k, v, y are those of batch, head, position; features are neighbours ---- */

struct AttentionParams {
  Address q, k, v, mask, dst;
  uint batch, heads, queries, keys, features, value_features;
  uint group; /* query heads per key head */
  uint mask_kind;
  int window;
  float scale, softcap;
  uint dtype;
  uint q_strides[3], k_strides[3], v_strides[3], dst_strides[3];
  uint mask_strides[4]; /* batch, head, query, key */
};
#define RLX_MASK_NONE 0
#define RLX_MASK_CAUSAL 1
#define RLX_MASK_WINDOW 2
#define RLX_MASK_CUSTOM 3
#define RLX_MASK_BIAS 4
/* Held in registers. */
#define RLX_MAX_VALUE_FEATURES 512

struct RandomParams {
  Address dst;
  uint64_t key;
  uint count, dtype;
  uint normal, reserved;
  float a, b; /* low and width, or mean and scale */
};

#ifdef __cplusplus
}  // namespace rlx::vulkan::gpu
#endif

#endif
