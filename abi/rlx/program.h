/* A program: the legalised graph of one device as plain data. The host builds it, a plugin reads it while it
 * compiles or answers a query, and keeps no pointer into it after the call, except where a field says so.
 *
 * What the host guarantees, so that a plugin need not check:
 *  - every shape is static, rank <= RLX_MAX_RANK, sizes do not overflow, tensors are dense row-major;
 *  - the nodes of a region are in an order in which they can run; each non-leaf tensor is written by one node;
 *  - ops, attributes, dtypes and shapes satisfy the op's definition (docs/ops.md); attributes with a default are
 * present;
 *  - the main region's outputs are distinct, no views, each written by a node of that region (never an input or
 * constant);
 *  - a view's root is no view itself; shape-only ops that a view expresses do not appear as nodes. A node may write
 *    a view: of a program output, or (state_write) of its state.
 */
#ifndef RLX_ABI_PROGRAM_H
#define RLX_ABI_PROGRAM_H

#include "base.h"

RLX_EXTERN_C_BEGIN

/* Who provides a tensor's bytes. */
enum {
  RLX_ROLE_TEMPORARY = 1, /* written by a node; program outputs too (RLX_TENSOR_OUTPUT is set); every view, whatever it
                             views; the inputs of regions other than the main one */
  RLX_ROLE_INPUT = 2,     /* written by the caller before each run; never overwritten by a plugin */
  RLX_ROLE_PARAM = 3,     /* given once by executable.set_param, by name */
  RLX_ROLE_CONSTANT = 4,  /* data holds the bytes */
  RLX_ROLE_STATE = 5      /* lives in the context between runs; data holds the first value, NULL = zeros */
};

enum { RLX_TENSOR_OUTPUT = 1u };

typedef struct rlx_tensor {
  rlx_dtype dtype;
  uint32_t rank;
  uint64_t dims[RLX_MAX_RANK]; /* unused entries are 1 */
  uint32_t role;               /* RLX_ROLE_* */
  uint32_t flags;              /* RLX_TENSOR_* */
  uint32_t view_of;            /* index of the tensor whose memory this one shares, or RLX_NO_INDEX */
  uint32_t reserved;
  uint64_t view_offset; /* bytes from the start of view_of */
  uint64_t size_bytes;
  uint64_t plan_offset; /* default memory plan: byte offset in the arena, RLX_NO_OFFSET for parameters and constants.
                           A plugin with other layouts asks host.plan_memory for a plan of its own. */
  const void* data;     /* constants and states; the host keeps it alive until executable.finalize returns */
  rlx_str name;         /* inputs, outputs, parameters, states: the interface name; others may be empty */
} rlx_tensor;

enum {
  RLX_ATTR_INT = 1,    /* int64_t[1]; booleans are 0 or 1 */
  RLX_ATTR_INTS = 2,   /* int64_t[count] */
  RLX_ATTR_FLOAT = 3,  /* double[1] */
  RLX_ATTR_FLOATS = 4, /* double[count] */
  RLX_ATTR_STRING = 5, /* char[count] */
  RLX_ATTR_DTYPE = 6,  /* int64_t[1], an RLX_DTYPE_* */
  RLX_ATTR_BYTES = 7   /* uint8_t[count] */
};

typedef struct rlx_attr {
  rlx_str name;
  uint32_t type; /* RLX_ATTR_* */
  uint32_t reserved;
  uint64_t count;
  const void* data;
} rlx_attr;

typedef struct rlx_node {
  rlx_str op;             /* "matmul"; the op set is docs/ops.md */
  rlx_str name;           /* the source's name for the node, for messages; may be empty */
  const uint32_t* inputs; /* tensor indices; RLX_NO_INDEX for an absent optional input */
  const uint32_t* outputs;
  const rlx_attr* attrs;
  const uint32_t* regions; /* indices of rlx_program.regions: branch, loop or fused bodies */
  uint32_t input_count;
  uint32_t output_count;
  uint32_t attr_count;
  uint32_t region_count;
} rlx_node;

typedef struct rlx_region {
  const uint32_t* inputs; /* tensor indices; the main region lists the program's inputs in their public order */
  const uint32_t* outputs;
  const rlx_node* nodes;
  uint64_t node_count;
  uint32_t input_count;
  uint32_t output_count;
} rlx_region;

typedef struct rlx_program {
  uint32_t struct_size;
  uint32_t abi_minor;
  const rlx_tensor* tensors; /* one table for all regions */
  const rlx_region* regions; /* regions[0] is the main one */
  uint64_t tensor_count;
  uint64_t region_count;
  uint32_t tensor_stride; /* bytes from one element to the next: a newer host may use larger structs */
  uint32_t node_stride;
  uint32_t attr_stride;
  uint32_t region_stride;
  uint64_t arena_bytes;       /* size of the default plan */
  uint64_t arena_lower_bound; /* largest sum of tensors that live at one time */
  uint64_t fingerprint[2];    /* of everything above incl. constant bytes; stable across processes and hosts. 0 in a
                                 query, which is asked before the plan is made */
  const rlx_ext* next;
} rlx_program;

RLX_ASSERT_SIZE(rlx_tensor, 136);
RLX_ASSERT_FIELD(rlx_tensor, dtype, 0);
RLX_ASSERT_FIELD(rlx_tensor, rank, 4);
RLX_ASSERT_FIELD(rlx_tensor, dims, 8);
RLX_ASSERT_FIELD(rlx_tensor, role, 72);
RLX_ASSERT_FIELD(rlx_tensor, flags, 76);
RLX_ASSERT_FIELD(rlx_tensor, view_of, 80);
RLX_ASSERT_FIELD(rlx_tensor, reserved, 84);
RLX_ASSERT_FIELD(rlx_tensor, view_offset, 88);
RLX_ASSERT_FIELD(rlx_tensor, size_bytes, 96);
RLX_ASSERT_FIELD(rlx_tensor, plan_offset, 104);
RLX_ASSERT_FIELD(rlx_tensor, data, 112);
RLX_ASSERT_FIELD(rlx_tensor, name, 120);
RLX_ASSERT_SIZE(rlx_attr, 40);
RLX_ASSERT_FIELD(rlx_attr, name, 0);
RLX_ASSERT_FIELD(rlx_attr, type, 16);
RLX_ASSERT_FIELD(rlx_attr, reserved, 20);
RLX_ASSERT_FIELD(rlx_attr, count, 24);
RLX_ASSERT_FIELD(rlx_attr, data, 32);
RLX_ASSERT_SIZE(rlx_node, 80);
RLX_ASSERT_FIELD(rlx_node, op, 0);
RLX_ASSERT_FIELD(rlx_node, name, 16);
RLX_ASSERT_FIELD(rlx_node, inputs, 32);
RLX_ASSERT_FIELD(rlx_node, outputs, 40);
RLX_ASSERT_FIELD(rlx_node, attrs, 48);
RLX_ASSERT_FIELD(rlx_node, regions, 56);
RLX_ASSERT_FIELD(rlx_node, input_count, 64);
RLX_ASSERT_FIELD(rlx_node, output_count, 68);
RLX_ASSERT_FIELD(rlx_node, attr_count, 72);
RLX_ASSERT_FIELD(rlx_node, region_count, 76);
RLX_ASSERT_SIZE(rlx_region, 40);
RLX_ASSERT_FIELD(rlx_region, inputs, 0);
RLX_ASSERT_FIELD(rlx_region, outputs, 8);
RLX_ASSERT_FIELD(rlx_region, nodes, 16);
RLX_ASSERT_FIELD(rlx_region, node_count, 24);
RLX_ASSERT_FIELD(rlx_region, input_count, 32);
RLX_ASSERT_FIELD(rlx_region, output_count, 36);
RLX_ASSERT_SIZE(rlx_program, 96);
RLX_ASSERT_FIELD(rlx_program, struct_size, 0);
RLX_ASSERT_FIELD(rlx_program, abi_minor, 4);
RLX_ASSERT_FIELD(rlx_program, tensors, 8);
RLX_ASSERT_FIELD(rlx_program, regions, 16);
RLX_ASSERT_FIELD(rlx_program, tensor_count, 24);
RLX_ASSERT_FIELD(rlx_program, region_count, 32);
RLX_ASSERT_FIELD(rlx_program, tensor_stride, 40);
RLX_ASSERT_FIELD(rlx_program, node_stride, 44);
RLX_ASSERT_FIELD(rlx_program, attr_stride, 48);
RLX_ASSERT_FIELD(rlx_program, region_stride, 52);
RLX_ASSERT_FIELD(rlx_program, arena_bytes, 56);
RLX_ASSERT_FIELD(rlx_program, arena_lower_bound, 64);
RLX_ASSERT_FIELD(rlx_program, fingerprint, 72);
RLX_ASSERT_FIELD(rlx_program, next, 88);

RLX_EXTERN_C_END

#endif
