/* The plugin entry: identity note, host services, and the one exported function.
 *
 * Order of events: the host reads the note from the file without running code; decides; opens the file once
 * (RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) and never closes it; calls the entry; asks for tables; calls enumerate.
 */
#ifndef RLX_ABI_PLUGIN_H
#define RLX_ABI_PLUGIN_H

#include "arena.h"
#include "base.h"
#include "device.h"
#include "executable.h"
#include "program.h"
#include "transport.h"

RLX_EXTERN_C_BEGIN

/* ---- identity note: ELF section .note.rlx, owner "RLX", type RLX_NOTE_TYPE, little endian ---------------------------
 */

#define RLX_NOTE_OWNER "RLX"
#define RLX_NOTE_TYPE 0x524c5801u
#define RLX_NOTE_VERSION 1u

enum { RLX_KIND_DEVICE = 1u, RLX_KIND_TRANSPORT = 2u };

enum { RLX_SANITIZER_NONE = 0, RLX_SANITIZER_ADDRESS = 1, RLX_SANITIZER_THREAD = 2, RLX_SANITIZER_MEMORY = 3 };

/* cpu_required: bits of what the code outside of run-time dispatch needs; the host also checks that the OS saves the
 * registers. */
enum { RLX_CPU_AVX = 1u, RLX_CPU_AVX2 = 2u, RLX_CPU_FMA = 4u, RLX_CPU_F16C = 8u, RLX_CPU_AVX512 = 16u };

typedef struct rlx_note_v1 {
  uint32_t note_version; /* RLX_NOTE_VERSION */
  uint32_t note_size;    /* sizeof(rlx_note_v1) */
  uint32_t abi_major;
  uint32_t abi_minor_built;
  uint32_t abi_minor_min_host; /* lowest host minor the plugin accepts */
  uint32_t kind_bits;          /* RLX_KIND_* */
  uint32_t sanitizer;          /* RLX_SANITIZER_* */
  uint32_t flags;
  uint64_t cpu_required[4];
  char id[32]; /* "cpu"; NUL-padded, [a-z0-9_-] */
  char vendor[32];
  char version[32]; /* major.minor.patch of the plugin */
} rlx_note_v1;

/* ---- host services ------------------------------------------------------------------------------------------------
 */

enum { RLX_LOG_ERROR = 1, RLX_LOG_WARN = 2, RLX_LOG_INFO = 3, RLX_LOG_DEBUG = 4 };

/* One tensor of a memory-planning question. Steps are positions in the plugin's schedule. */
typedef struct rlx_plan_item {
  uint64_t size_bytes;
  uint32_t first_step; /* written here */
  uint32_t last_step;  /* read here for the last time; >= first_step */
  uint32_t reuse;      /* item whose memory this one may take over when it is no smaller and its last_step is this
                          one's first_step; RLX_NO_INDEX = none */
  uint32_t reserved;
  uint64_t out_offset_bytes; /* the answer */
} rlx_plan_item;

typedef struct rlx_plan_result {
  uint64_t arena_bytes;
  uint64_t lower_bound_bytes; /* largest sum of items alive in one step */
} rlx_plan_result;

/* What the host gives to a plugin. Lives as long as the process. All functions: any thread. */
typedef struct rlx_host_v1 {
  uint32_t struct_size;
  uint32_t minor;
  void* ctx; /* first argument of the functions below */
  /* Never NULL: when memory is out a preallocated RESOURCE_EXHAUSTED status comes back. */
  rlx_status* (*status_make)(void* ctx, const rlx_status_desc* desc);
  /* NULL is allowed. */
  void (*status_release)(void* ctx, rlx_status* status);
  /* Borrowed while the status lives. */
  const rlx_status_desc* (*status_read)(void* ctx, const rlx_status* status);
  void (*log)(void* ctx, uint32_t level, rlx_str tag, rlx_str text);
  /* Host memory, accounted by tag (the plugin's id). align is a power of two. NULL when out of memory. */
  void* (*alloc)(void* ctx, uint64_t size_bytes, uint64_t align, rlx_str tag);
  void (*free)(void* ctx, void* memory, uint64_t size_bytes, rlx_str tag);
  /* Packs items into one arena: items alive in the same step never overlap; offsets are multiples of align. */
  rlx_status* (*plan_memory)(void* ctx, rlx_plan_item* items, uint64_t count, uint64_t align,
                             rlx_plan_result* out_result);
  /* A directory for compiled kernels, created with mode 0700. NOT_FOUND when the user allows none. Lives as long as the
   * process. */
  rlx_status* (*cache_dir)(void* ctx, rlx_str* out_path);
  /* Calls fn(arg, begin, end) over disjoint ranges covering [0, count), on up to threads threads, and waits. For
   * compile-time work; plugins run kernels on threads of their own. */
  rlx_status* (*parallel_for)(void* ctx, uint32_t threads, uint64_t count,
                              void (*fn)(void* arg, uint64_t begin, uint64_t end), void* arg);
} rlx_host_v1;

/* ---- the plugin ---------------------------------------------------------------------------------------------------
 */

typedef struct rlx_plugin_v1 {
  uint32_t struct_size;
  uint32_t minor; /* the minor this table was built for */
  /* Writes the table of an interface (RLX_IFACE_*) in the highest version <= max_version. NOT_FOUND: the plugin has
   * none. */
  rlx_status* (*query_interface)(uint32_t iface, uint32_t max_version, const void** out_table, uint32_t* out_version);
  /* Drains queues and frees device memory; the plugin is inert afterwards. */
  rlx_status* (*shutdown)(uint64_t deadline_ns);
} rlx_plugin_v1;

/* The only exported function; the name carries the ABI major. Pure apart from keeping host; callable again.
 * Returns NULL and sets *out_why when it will not work with this host. */
#define RLX_PLUGIN_ENTRY rlx_plugin_query_0
#define RLX_PLUGIN_ENTRY_NAME "rlx_plugin_query_0"
typedef const rlx_plugin_v1* (*rlx_plugin_entry_fn)(const rlx_host_v1* host, uint32_t host_minor,
                                                    uint32_t host_oldest_plugin_minor, rlx_status** out_why);

RLX_ASSERT_SIZE(rlx_note_v1, 160);
RLX_ASSERT_FIELD(rlx_note_v1, note_version, 0);
RLX_ASSERT_FIELD(rlx_note_v1, note_size, 4);
RLX_ASSERT_FIELD(rlx_note_v1, abi_major, 8);
RLX_ASSERT_FIELD(rlx_note_v1, abi_minor_built, 12);
RLX_ASSERT_FIELD(rlx_note_v1, abi_minor_min_host, 16);
RLX_ASSERT_FIELD(rlx_note_v1, kind_bits, 20);
RLX_ASSERT_FIELD(rlx_note_v1, sanitizer, 24);
RLX_ASSERT_FIELD(rlx_note_v1, flags, 28);
RLX_ASSERT_FIELD(rlx_note_v1, cpu_required, 32);
RLX_ASSERT_FIELD(rlx_note_v1, id, 64);
RLX_ASSERT_FIELD(rlx_note_v1, vendor, 96);
RLX_ASSERT_FIELD(rlx_note_v1, version, 128);
RLX_ASSERT_SIZE(rlx_plan_item, 32);
RLX_ASSERT_FIELD(rlx_plan_item, size_bytes, 0);
RLX_ASSERT_FIELD(rlx_plan_item, first_step, 8);
RLX_ASSERT_FIELD(rlx_plan_item, last_step, 12);
RLX_ASSERT_FIELD(rlx_plan_item, reuse, 16);
RLX_ASSERT_FIELD(rlx_plan_item, reserved, 20);
RLX_ASSERT_FIELD(rlx_plan_item, out_offset_bytes, 24);
RLX_ASSERT_SIZE(rlx_plan_result, 16);
RLX_ASSERT_FIELD(rlx_plan_result, arena_bytes, 0);
RLX_ASSERT_FIELD(rlx_plan_result, lower_bound_bytes, 8);
RLX_ASSERT_SIZE(rlx_host_v1, 88);
RLX_ASSERT_FIELD(rlx_host_v1, struct_size, 0);
RLX_ASSERT_FIELD(rlx_host_v1, minor, 4);
RLX_ASSERT_FIELD(rlx_host_v1, ctx, 8);
RLX_ASSERT_FIELD(rlx_host_v1, status_make, 16);
RLX_ASSERT_FIELD(rlx_host_v1, status_release, 24);
RLX_ASSERT_FIELD(rlx_host_v1, status_read, 32);
RLX_ASSERT_FIELD(rlx_host_v1, log, 40);
RLX_ASSERT_FIELD(rlx_host_v1, alloc, 48);
RLX_ASSERT_FIELD(rlx_host_v1, free, 56);
RLX_ASSERT_FIELD(rlx_host_v1, plan_memory, 64);
RLX_ASSERT_FIELD(rlx_host_v1, cache_dir, 72);
RLX_ASSERT_FIELD(rlx_host_v1, parallel_for, 80);
RLX_ASSERT_SIZE(rlx_plugin_v1, 24);
RLX_ASSERT_FIELD(rlx_plugin_v1, struct_size, 0);
RLX_ASSERT_FIELD(rlx_plugin_v1, minor, 4);
RLX_ASSERT_FIELD(rlx_plugin_v1, query_interface, 8);
RLX_ASSERT_FIELD(rlx_plugin_v1, shutdown, 16);

RLX_EXTERN_C_END

#endif
