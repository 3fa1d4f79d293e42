/* RLX plugin ABI: the types every other ABI header shares.
 *
 * Rules that hold for the whole ABI (docs/abi.md has the reasons):
 *  - Fixed-width types only. Enumerations travel as uint32_t with explicit numbers that are never reused.
 *  - A status is NULL for success. On failure out-parameters are untouched.
 *  - Strings are pointer + length, UTF-8, not terminated. Unless a field says otherwise a pointer is borrowed
 *    until the call returns.
 *  - Nothing throws, aborts, exits or prints across this boundary.
 */
#ifndef RLX_ABI_BASE_H
#define RLX_ABI_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define RLX_STATIC_ASSERT(cond, text) static_assert(cond, text)
#define RLX_EXTERN_C_BEGIN extern "C" {
#define RLX_EXTERN_C_END }
#else
#define RLX_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#define RLX_EXTERN_C_BEGIN
#define RLX_EXTERN_C_END
#endif

/* Checks one field of a released struct; every ABI struct lists all of its fields this way. */
#define RLX_ASSERT_FIELD(type, field, offset) \
  RLX_STATIC_ASSERT(offsetof(type, field) == (offset), #type "." #field " moved")
#define RLX_ASSERT_SIZE(type, size) RLX_STATIC_ASSERT(sizeof(type) == (size), #type " changed size")

RLX_EXTERN_C_BEGIN

/* The version both sides negotiate over. Within a major, minors only add. Major 0 makes no promise yet. */
#define RLX_ABI_MAJOR 0u
#define RLX_ABI_MINOR 1u
/* Oldest plugin minor this header's host still serves. */
#define RLX_ABI_OLDEST_PLUGIN_MINOR 1u

#define RLX_MAX_RANK 8u
/* "No tensor", "no node": absent optional inputs, tensors that are no view. */
#define RLX_NO_INDEX UINT32_MAX
/* "Not in the arena": parameters and constants have no planned offset. */
#define RLX_NO_OFFSET UINT64_MAX
/* A deadline that never comes. Deadlines are relative, in nanoseconds; 0 means "do not wait". */
#define RLX_FOREVER UINT64_MAX

typedef struct rlx_str {
  const char* data; /* not terminated; may be NULL when size is 0 */
  uint64_t size;    /* bytes */
} rlx_str;

/* Extension chain: argument structs point to a list of these. A receiver skips unknown types,
 * unless RLX_EXT_MUST_UNDERSTAND is set: then it answers UNIMPLEMENTED and names the type. */
typedef struct rlx_ext {
  uint32_t struct_size;
  uint32_t type;
  uint32_t flags;
  uint32_t reserved;
  const struct rlx_ext* next;
} rlx_ext;

enum { RLX_EXT_MUST_UNDERSTAND = 1u };

/* ---- element types ------------------------------------------------------------------------------------------- */

typedef uint32_t rlx_dtype;
enum {
  RLX_DTYPE_F32 = 1,
  RLX_DTYPE_F16 = 2,
  RLX_DTYPE_BF16 = 3,
  RLX_DTYPE_F64 = 4,
  RLX_DTYPE_I8 = 5,
  RLX_DTYPE_I16 = 6,
  RLX_DTYPE_I32 = 7,
  RLX_DTYPE_I64 = 8,
  RLX_DTYPE_U8 = 9,
  RLX_DTYPE_U16 = 10,
  RLX_DTYPE_U32 = 11,
  RLX_DTYPE_U64 = 12,
  RLX_DTYPE_BOOL = 13, /* one byte, 0 or 1 */
  RLX_DTYPE_C64 = 14   /* interleaved f32 re, im */
};

/* ---- status -------------------------------------------------------------------------------------------------- */

/* 0..16 follow the numbering of absl / gRPC, 64 and up are ours. */
typedef uint32_t rlx_code;
enum {
  RLX_OK = 0,
  RLX_CANCELLED = 1,
  RLX_UNKNOWN = 2,
  RLX_INVALID_ARGUMENT = 3,
  RLX_DEADLINE_EXCEEDED = 4,
  RLX_NOT_FOUND = 5,
  RLX_ALREADY_EXISTS = 6,
  RLX_PERMISSION_DENIED = 7,
  RLX_RESOURCE_EXHAUSTED = 8, /* out of memory, on the host or the device */
  RLX_FAILED_PRECONDITION = 9,
  RLX_ABORTED = 10,
  RLX_OUT_OF_RANGE = 11,
  RLX_UNIMPLEMENTED = 12,
  RLX_INTERNAL = 13,
  RLX_UNAVAILABLE = 14,
  RLX_DATA_LOSS = 15, /* corrupt or truncated data */
  RLX_UNAUTHENTICATED = 16,
  RLX_DRIVER_MISSING = 64,
  RLX_DRIVER_TOO_OLD = 65,
  RLX_DRIVER_MISMATCH = 66,
  RLX_DEVICE_LOST = 67,
  RLX_ABI_MISMATCH = 68,
  RLX_ISA_MISMATCH = 69,
  RLX_QUARANTINED = 70,
  RLX_NO_SLOT = 71,   /* the tensor has no memory of its own in this arena */
  RLX_BUSY = 72,      /* the object is in use by another thread */
  RLX_PEER_LOST = 73, /* a rank of a process group died */
  RLX_LENGTH_MISMATCH = 74
};

enum {
  RLX_STATUS_RETRIABLE = 1u,  /* the same call may succeed later */
  RLX_STATUS_STICKY = 2u,     /* the object stays in this state until it is re-created */
  RLX_STATUS_DEVICE_LOST = 4u /* every object of the device is affected */
};

/* Opaque, made and owned by the host, so that it outlives the call that returned it. NULL is success. */
typedef struct rlx_status rlx_status;

/* What a status says. As input of status_make the strings are copied; as its reading they live as long as the status.
 */
typedef struct rlx_status_desc {
  uint32_t struct_size;
  rlx_code code;
  uint32_t flags; /* RLX_STATUS_* */
  uint32_t reserved;
  int64_t native_code; /* the vendor's number, 0 if none */
  rlx_str domain;      /* whose number it is: "cuda", "vulkan", "onednn"; may be empty */
  rlx_str message;     /* "softmax: axis 3 out of range for shape [2, 4]" */
  rlx_str remedy;      /* what the user can do; may be empty */
} rlx_status_desc;

/* A moment on a device's timeline; {0, 0} has always passed. */
typedef struct rlx_point {
  uint64_t timeline;
  uint64_t value;
} rlx_point;

RLX_ASSERT_SIZE(rlx_str, 16);
RLX_ASSERT_FIELD(rlx_str, data, 0);
RLX_ASSERT_FIELD(rlx_str, size, 8);
RLX_ASSERT_SIZE(rlx_ext, 24);
RLX_ASSERT_FIELD(rlx_ext, struct_size, 0);
RLX_ASSERT_FIELD(rlx_ext, type, 4);
RLX_ASSERT_FIELD(rlx_ext, flags, 8);
RLX_ASSERT_FIELD(rlx_ext, reserved, 12);
RLX_ASSERT_FIELD(rlx_ext, next, 16);
RLX_ASSERT_SIZE(rlx_status_desc, 72);
RLX_ASSERT_FIELD(rlx_status_desc, struct_size, 0);
RLX_ASSERT_FIELD(rlx_status_desc, code, 4);
RLX_ASSERT_FIELD(rlx_status_desc, flags, 8);
RLX_ASSERT_FIELD(rlx_status_desc, reserved, 12);
RLX_ASSERT_FIELD(rlx_status_desc, native_code, 16);
RLX_ASSERT_FIELD(rlx_status_desc, domain, 24);
RLX_ASSERT_FIELD(rlx_status_desc, message, 40);
RLX_ASSERT_FIELD(rlx_status_desc, remedy, 56);
RLX_ASSERT_SIZE(rlx_point, 16);
RLX_ASSERT_FIELD(rlx_point, timeline, 0);
RLX_ASSERT_FIELD(rlx_point, value, 8);

RLX_EXTERN_C_END

#endif
