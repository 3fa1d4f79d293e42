/* The C API of librlx, for host applications. What the objects mean is in session.hpp and docs/runtime.md.
 *
 * Every call that can fail returns a status: NULL is success, anything else is the caller's to release. On failure
 * out-parameters are untouched. Objects made here are given back with their release function, in any order; NULL is
 * allowed there. Strings are NUL-terminated unless they are an rlx_str. No call throws, aborts, exits or prints.
 * Threads: as in C++: registries, sessions and executables any; graphs one at a time; a context in use by a second
 * thread answers BUSY.
 */
#ifndef RLX_RLX_H
#define RLX_RLX_H

#include <rlx/base.h>
#include <rlx/program.h> /* rlx_attr */

#if defined(__GNUC__)
#define RLX_C_API __attribute__((visibility("default")))
#else
#define RLX_C_API
#endif

RLX_EXTERN_C_BEGIN

typedef struct rlx_registry rlx_registry;
typedef struct rlx_graph rlx_graph;
typedef struct rlx_process_group rlx_process_group;
typedef struct rlx_session rlx_session;
/* The host's side of a compiled program and of one run of it; rlx_executable and rlx_context are the plugin's. */
typedef struct rlx_host_executable rlx_host_executable;
typedef struct rlx_host_context rlx_host_context;
typedef struct rlx_pending rlx_pending;

/* A tensor in host memory, dense row-major. Borrowed until the call returns, except where memory is bound. */
typedef struct rlx_view {
  void* data; /* not written to where it is an input */
  uint64_t size_bytes;
  rlx_dtype dtype;
  uint32_t rank;
  int64_t dims[RLX_MAX_RANK];
} rlx_view;

/* ---- library and status -------------------------------------------------------------------------------------- */

/* "0.1.0" */
RLX_C_API const char* rlx_version(void);
/* RLX_OK for NULL. */
RLX_C_API rlx_code rlx_status_code(const rlx_status* status);
/* Borrowed while the status lives; empty for NULL. */
RLX_C_API rlx_str rlx_status_message(const rlx_status* status);
RLX_C_API rlx_str rlx_status_remedy(const rlx_status* status);
RLX_C_API void rlx_status_release(rlx_status* status);

/* ---- devices ------------------------------------------------------------------------------------------------- */

/* plugin_path: a plugin file or a directory to search first; NULL = only the places of docs/plugins.md. */
RLX_C_API rlx_status* rlx_registry_create(const char* plugin_path, rlx_registry** out_registry);
RLX_C_API void rlx_registry_release(rlx_registry* registry);
RLX_C_API uint64_t rlx_registry_device_count(const rlx_registry* registry);
/* "cpu:0"; borrowed while the registry lives. NULL when index is out of range. */
RLX_C_API const char* rlx_registry_device_id(const rlx_registry* registry, uint64_t index);

/* ---- graphs -------------------------------------------------------------------------------------------------- */

RLX_C_API rlx_status* rlx_graph_create(const char* name, rlx_graph** out_graph);
/* From the text form that rlx::print writes. */
RLX_C_API rlx_status* rlx_graph_parse(const char* text, uint64_t size, rlx_graph** out_graph);
RLX_C_API void rlx_graph_release(rlx_graph* graph);
/* The dim that stands for a symbol in the dims of inputs. */
RLX_C_API rlx_status* rlx_graph_symbol(rlx_graph* graph, const char* name, int64_t* out_dim);
RLX_C_API rlx_status* rlx_graph_input(rlx_graph* graph, const char* name, rlx_dtype dtype, uint32_t rank,
                                      const int64_t* dims, uint32_t* out_value);
RLX_C_API rlx_status* rlx_graph_param(rlx_graph* graph, const char* name, rlx_dtype dtype, uint32_t rank,
                                      const int64_t* dims, uint32_t* out_value);
/* init: the first value, copied; NULL = zeros. */
RLX_C_API rlx_status* rlx_graph_state(rlx_graph* graph, const char* name, rlx_dtype dtype, uint32_t rank,
                                      const int64_t* dims, const rlx_view* init, uint32_t* out_value);
/* Copies the bytes. */
RLX_C_API rlx_status* rlx_graph_constant(rlx_graph* graph, const rlx_view* value, uint32_t* out_value);
/* Adds one node of any op (docs/ops.md) without regions. inputs: RLX_NO_INDEX for an absent optional one. Attributes
 * have the types RLX_ATTR_INT to RLX_ATTR_DTYPE; those with a default may be left out. Writes output_count values;
 * 0 = the op's default number, of which the first is written. */
RLX_C_API rlx_status* rlx_graph_add(rlx_graph* graph, const char* op, const uint32_t* inputs, uint32_t input_count,
                                    const rlx_attr* attrs, uint32_t attr_count, uint32_t output_count,
                                    uint32_t* out_values);
RLX_C_API rlx_status* rlx_graph_output(rlx_graph* graph, const char* name, uint32_t value);

/* ---- ranks ---------------------------------------------------------------------------------------------------- */

typedef struct rlx_process_group_options {
  uint32_t struct_size;
  uint32_t rank;
  uint32_t world_size;
  uint32_t reserved;
  uint64_t heap_bytes;  /* of the symmetric heap; 0 = 1 MiB */
  uint64_t deadline_ns; /* of each time without progress; 0 = 30 s */
  const char* group;    /* the name under which the ranks find each other; NULL = "rlx" */
} rlx_process_group_options;

/* transport: "local", "shm", "mpi"; NULL = RLX_TRANSPORT, else what the launcher uses. options: NULL = as rlx-launch or
 * mpirun say. Returns when all ranks have come. Threads: one at a time. */
RLX_C_API rlx_status* rlx_process_group_create(const char* transport, const rlx_process_group_options* options,
                                               rlx_process_group** out_group);
/* Sessions that use the group keep it alive. */
RLX_C_API void rlx_process_group_release(rlx_process_group* group);
RLX_C_API uint32_t rlx_process_group_rank(const rlx_process_group* group);
RLX_C_API uint32_t rlx_process_group_size(const rlx_process_group* group);
RLX_C_API rlx_status* rlx_process_group_barrier(rlx_process_group* group);

/* ---- sessions and executables -------------------------------------------------------------------------------- */

typedef struct rlx_session_options {
  uint32_t struct_size;
  uint32_t threads;   /* default of contexts; 0 = all cores the process may use */
  const char* device; /* "cpu", "cuda:0", "cuda,cpu"; NULL = RLX_DEVICE, else the best */
  /* Devices that take the nodes which the device cannot run: "cpu,ref"; "" = none, such a node is an error; NULL = the
   * others of a list in device, and if that names one device, the CPUs for a part of the program. */
  const char* fallback;
  /* Runs the graph's collectives; NULL = a graph with collectives is an error. Runs one at a time, in the same order on
   * every rank. */
  rlx_process_group* group;
} rlx_session_options;

/* Copies the graph. options may be NULL. */
RLX_C_API rlx_status* rlx_session_create(const rlx_registry* registry, const rlx_graph* graph,
                                         const rlx_session_options* options, rlx_session** out_session);
RLX_C_API void rlx_session_release(rlx_session* session);
/* Compiles at the first call for these values of the graph's symbols; all must be given. */
RLX_C_API rlx_status* rlx_session_executable(rlx_session* session, const char* const* symbols, const int64_t* values,
                                             uint64_t count, rlx_host_executable** out_executable);

enum { RLX_PORT_INPUT = 1, RLX_PORT_OUTPUT = 2, RLX_PORT_PARAM = 3, RLX_PORT_STATE = 4 };

typedef struct rlx_port {
  const char* name; /* borrowed while the executable lives */
  rlx_dtype dtype;
  uint32_t rank;
  int64_t dims[RLX_MAX_RANK];
} rlx_port;

RLX_C_API void rlx_host_executable_release(rlx_host_executable* executable);
/* kind: RLX_PORT_*; 0 for another number. */
RLX_C_API uint64_t rlx_host_executable_port_count(const rlx_host_executable* executable, uint32_t kind);
RLX_C_API rlx_status* rlx_host_executable_port(const rlx_host_executable* executable, uint32_t kind, uint64_t index,
                                               rlx_port* out_port);
/* Before the first context. */
RLX_C_API rlx_status* rlx_host_executable_set_param(rlx_host_executable* executable, const char* name,
                                                    const rlx_view* value);
/* threads: 0 = the session's. */
RLX_C_API rlx_status* rlx_host_executable_create_context(rlx_host_executable* executable, uint32_t threads,
                                                         rlx_host_context** out_context);

/* ---- contexts ------------------------------------------------------------------------------------------------ */

/* Waits for a run in flight. */
RLX_C_API void rlx_host_context_release(rlx_host_context* context);
/* Copies and converts; the shape must be the port's. */
RLX_C_API rlx_status* rlx_host_context_set_input(rlx_host_context* context, uint64_t index, const rlx_view* value);
/* Uses the caller's memory until rebound or released; NULL data unbinds. Dtype and shape exactly the port's. */
RLX_C_API rlx_status* rlx_host_context_bind_input(rlx_host_context* context, uint64_t index, const rlx_view* value);
RLX_C_API rlx_status* rlx_host_context_bind_output(rlx_host_context* context, uint64_t index, const rlx_view* value);
/* Runs once and waits. */
RLX_C_API rlx_status* rlx_host_context_run(rlx_host_context* context);
/* Binds all inputs and outputs by position and runs: no lookup, no copies once the same pointers were seen. */
RLX_C_API rlx_status* rlx_host_context_call(rlx_host_context* context, const rlx_view* inputs, uint64_t input_count,
                                            const rlx_view* outputs, uint64_t output_count);
/* Starts a run; the context is BUSY until it ends. */
RLX_C_API rlx_status* rlx_host_context_submit(rlx_host_context* context, rlx_pending** out_pending);
/* Copies and converts to the view's dtype. */
RLX_C_API rlx_status* rlx_host_context_read_output(const rlx_host_context* context, uint64_t index,
                                                   const rlx_view* dst);
RLX_C_API rlx_status* rlx_host_context_write_state(rlx_host_context* context, const char* name, const rlx_view* value);
/* dst has exactly the state's dtype and shape. */
RLX_C_API rlx_status* rlx_host_context_read_state(const rlx_host_context* context, const char* name,
                                                  const rlx_view* dst);
RLX_C_API rlx_status* rlx_host_context_reset_state(rlx_host_context* context);
/* After each run the output is copied to the input, on the device. */
RLX_C_API rlx_status* rlx_host_context_feed(rlx_host_context* context, const char* output, const char* input);

/* DEADLINE_EXCEEDED while the run goes on, else how it ended; may be called again. */
RLX_C_API rlx_status* rlx_pending_wait(rlx_pending* pending, uint64_t deadline_ns);
RLX_C_API void rlx_pending_release(rlx_pending* pending);

RLX_EXTERN_C_END

#endif
