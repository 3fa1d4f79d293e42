/* The executable table: compile once, share the weights, run in any number of private contexts.
 *
 * Life of an executable: compile -> set_param for each parameter -> finalize -> create_context ... -> release.
 * After finalize an executable is immutable (set_param_range excepted) and free-threaded; a context is used by one
 * thread at a time. An executable outlives its contexts: release of an executable with live contexts is deferred until
 * the last one goes.
 */
#ifndef RLX_ABI_EXECUTABLE_H
#define RLX_ABI_EXECUTABLE_H

#include "arena.h"
#include "device.h"

RLX_EXTERN_C_BEGIN

#define RLX_IFACE_EXECUTABLE 3u

typedef struct rlx_executable rlx_executable;
typedef struct rlx_context rlx_context;

typedef struct rlx_compile_options {
  uint32_t struct_size;
  uint32_t threads; /* default of contexts and tuning target; 0 = all cores the process may use */
  const rlx_ext* next;
} rlx_compile_options;

/* Extension of rlx_compile_options: the host wants to be told how far long work has come. The plugin may call step from
 * within compile, set_param and finalize of this executable, on the calling thread; not after finalize has returned.
 * phase names the work: "compile", "pack"; done rises from 0 to total, which counts what the plugin likes; total 0 =
 * unknown. The struct is borrowed until compile returns, what arg points to lives as long as the executable. */
#define RLX_EXT_PROGRESS 1u
typedef struct rlx_ext_progress {
  rlx_ext ext; /* type RLX_EXT_PROGRESS */
  void* arg;
  void (*step)(void* arg, rlx_str phase, uint64_t done, uint64_t total);
} rlx_ext_progress;

/* Extension of rlx_compile_options: how exactly products of f32 (matmul, linear, conv, attention) have to be. Without
 * it, and in plugins that do not know it, they are RLX_F32_FULL: a plugin may always be more exact than it is allowed
 * to. */
#define RLX_EXT_PRECISION 2u
enum {
  RLX_F32_FULL = 0, /* all 24 bits of each factor */
  RLX_F32_TF32 = 1  /* factors may lose all but 10 bits behind the first; sums stay f32 */
};
typedef struct rlx_ext_precision {
  rlx_ext ext;           /* type RLX_EXT_PRECISION */
  uint32_t f32_products; /* RLX_F32_*; an unknown number is RLX_F32_FULL */
  uint32_t reserved;
} rlx_ext_precision;

/* Set by the callee beside the numbers that it knows. */
enum {
  RLX_EXECUTABLE_HAS_BARRIERS = 1u /* barrier_count and dependency_count; not where the device itself orders launches */
};

/* Bytes unless noted. */
typedef struct rlx_executable_stats {
  uint32_t struct_size;
  uint32_t valid;             /* RLX_EXECUTABLE_HAS_* */
  uint64_t weight_bytes;      /* parameters and constants as held now, packed or not */
  uint64_t arena_bytes;       /* what each context allocates */
  uint64_t arena_lower_bound; /* largest sum of tensors alive at one time, in the plugin's layouts */
  uint64_t kernel_count;      /* launches per run (count) */
  uint64_t operand_bytes;     /* of all launches of a run, counted as in rlx_kernel_time */
  uint64_t barrier_count;     /* times in a run at which launches wait for all earlier ones (count) */
  uint64_t dependency_count;  /* pairs of launches of which the later one needs the earlier one itself (count) */
} rlx_executable_stats;

typedef struct rlx_context_options {
  uint32_t struct_size;
  uint32_t threads; /* 0 = the executable's */
  const rlx_ext* next;
} rlx_context_options;

/* One launch of a profiled run. Strings live as long as the executable. */
typedef struct rlx_kernel_time {
  rlx_str op;     /* the node's op, or what the plugin inserted: "reorder" */
  rlx_str node;   /* the node's name */
  rlx_str kernel; /* the kernel's own name: "onednn:brgconv:avx2" */
  uint64_t time_ns;
  uint64_t operand_bytes; /* what it reads and writes, each operand as a whole; 0: not known */
} rlx_kernel_time;

typedef struct rlx_executable_table_v1 {
  uint32_t struct_size;
  uint32_t minor;

  /* Compiles every node of the program or fails with UNIMPLEMENTED naming the node. Threads: any.
   * Ownership: *out_executable is the caller's, given back with release. */
  rlx_status* (*compile)(rlx_device* device, const rlx_program* program, const rlx_compile_options* options,
                         rlx_executable** out_executable);
  /* Gives a parameter its bytes; converts as arena.write does. Errors: NOT_FOUND, INVALID_ARGUMENT (size: expected and
   * got), FAILED_PRECONDITION after finalize. Threads: one at a time. */
  rlx_status* (*set_param)(rlx_executable* executable, rlx_str name, rlx_dtype dtype, const void* src,
                           uint64_t size_bytes);
  /* Packs weights. Errors: FAILED_PRECONDITION listing every parameter that was not set. Constants' data pointers are
   * not read after this returns. Threads: one at a time. */
  rlx_status* (*finalize)(rlx_executable* executable);
  /* Replaces a part of a parameter after finalize (LoRA, expert paging). The caller makes sure no run is in flight. */
  rlx_status* (*set_param_range)(rlx_executable* executable, rlx_str name, rlx_dtype dtype, const void* src,
                                 uint64_t size_bytes, uint64_t first_elem);
  rlx_status* (*stats)(rlx_executable* executable, rlx_executable_stats* out_stats);
  /* NULL is allowed. */
  void (*release)(rlx_executable* executable);

  /* Allocates the arena and sets states to their first values. Threads: any. Errors: RESOURCE_EXHAUSTED. */
  rlx_status* (*create_context)(rlx_executable* executable, const rlx_context_options* options,
                                rlx_context** out_context);
  /* Waits for what is in flight. NULL is allowed. */
  void (*release_context)(rlx_context* context);
  /* Borrowed: lives as long as the context. */
  rlx_arena* (*arena)(rlx_context* context);
  /* Uses the caller's memory, aligned to an element, for an input or output until rebound; NULL returns to the slot.
   * Only devices with RLX_DEVICE_HOST_POINTERS can, others answer UNIMPLEMENTED. size_bytes is the tensor's size. */
  rlx_status* (*bind)(rlx_context* context, uint32_t tensor, void* data, uint64_t size_bytes);
  /* Runs the program once and waits. On failure outputs are undefined and states keep the value of the last good run or
   * of this one. */
  rlx_status* (*run)(rlx_context* context);
  /* Starts a run after the wait points and returns its end. NULL slot: the host runs the context on a thread of its
   * own. */
  rlx_status* (*submit)(rlx_context* context, const rlx_point* waits, uint64_t wait_count, rlx_point* out_end);
  /* Errors: DEADLINE_EXCEEDED, or the failure of the run that ends there. */
  rlx_status* (*wait)(rlx_context* context, rlx_point point, uint64_t deadline_ns);
  /* Sets states back to their first values. */
  rlx_status* (*reset_state)(rlx_context* context);
  /* Runs once with a clock around every launch. Writes up to capacity elements, which lie stride bytes apart and get no
   * more than that many each, and the true count. */
  rlx_status* (*profile)(rlx_context* context, uint64_t capacity, uint64_t stride, rlx_kernel_time* out_times,
                         uint64_t* out_count);
} rlx_executable_table_v1;

RLX_ASSERT_SIZE(rlx_compile_options, 16);
RLX_ASSERT_FIELD(rlx_compile_options, struct_size, 0);
RLX_ASSERT_FIELD(rlx_compile_options, threads, 4);
RLX_ASSERT_FIELD(rlx_compile_options, next, 8);
RLX_ASSERT_SIZE(rlx_ext_progress, 40);
RLX_ASSERT_FIELD(rlx_ext_progress, ext, 0);
RLX_ASSERT_FIELD(rlx_ext_progress, arg, 24);
RLX_ASSERT_FIELD(rlx_ext_progress, step, 32);
RLX_ASSERT_SIZE(rlx_ext_precision, 32);
RLX_ASSERT_FIELD(rlx_ext_precision, ext, 0);
RLX_ASSERT_FIELD(rlx_ext_precision, f32_products, 24);
RLX_ASSERT_FIELD(rlx_ext_precision, reserved, 28);
RLX_ASSERT_SIZE(rlx_executable_stats, 64);
RLX_ASSERT_FIELD(rlx_executable_stats, struct_size, 0);
RLX_ASSERT_FIELD(rlx_executable_stats, valid, 4);
RLX_ASSERT_FIELD(rlx_executable_stats, weight_bytes, 8);
RLX_ASSERT_FIELD(rlx_executable_stats, arena_bytes, 16);
RLX_ASSERT_FIELD(rlx_executable_stats, arena_lower_bound, 24);
RLX_ASSERT_FIELD(rlx_executable_stats, kernel_count, 32);
RLX_ASSERT_FIELD(rlx_executable_stats, operand_bytes, 40);
RLX_ASSERT_FIELD(rlx_executable_stats, barrier_count, 48);
RLX_ASSERT_FIELD(rlx_executable_stats, dependency_count, 56);
RLX_ASSERT_SIZE(rlx_context_options, 16);
RLX_ASSERT_FIELD(rlx_context_options, struct_size, 0);
RLX_ASSERT_FIELD(rlx_context_options, threads, 4);
RLX_ASSERT_FIELD(rlx_context_options, next, 8);
RLX_ASSERT_SIZE(rlx_kernel_time, 64);
RLX_ASSERT_FIELD(rlx_kernel_time, op, 0);
RLX_ASSERT_FIELD(rlx_kernel_time, node, 16);
RLX_ASSERT_FIELD(rlx_kernel_time, kernel, 32);
RLX_ASSERT_FIELD(rlx_kernel_time, time_ns, 48);
RLX_ASSERT_FIELD(rlx_kernel_time, operand_bytes, 56);
RLX_ASSERT_SIZE(rlx_executable_table_v1, 128);
RLX_ASSERT_FIELD(rlx_executable_table_v1, struct_size, 0);
RLX_ASSERT_FIELD(rlx_executable_table_v1, minor, 4);
RLX_ASSERT_FIELD(rlx_executable_table_v1, compile, 8);
RLX_ASSERT_FIELD(rlx_executable_table_v1, set_param, 16);
RLX_ASSERT_FIELD(rlx_executable_table_v1, finalize, 24);
RLX_ASSERT_FIELD(rlx_executable_table_v1, set_param_range, 32);
RLX_ASSERT_FIELD(rlx_executable_table_v1, stats, 40);
RLX_ASSERT_FIELD(rlx_executable_table_v1, release, 48);
RLX_ASSERT_FIELD(rlx_executable_table_v1, create_context, 56);
RLX_ASSERT_FIELD(rlx_executable_table_v1, release_context, 64);
RLX_ASSERT_FIELD(rlx_executable_table_v1, arena, 72);
RLX_ASSERT_FIELD(rlx_executable_table_v1, bind, 80);
RLX_ASSERT_FIELD(rlx_executable_table_v1, run, 88);
RLX_ASSERT_FIELD(rlx_executable_table_v1, submit, 96);
RLX_ASSERT_FIELD(rlx_executable_table_v1, wait, 104);
RLX_ASSERT_FIELD(rlx_executable_table_v1, reset_state, 112);
RLX_ASSERT_FIELD(rlx_executable_table_v1, profile, 120);

RLX_EXTERN_C_END

#endif
