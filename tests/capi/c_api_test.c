/* The C API from C: builds a graph, runs it on the reference device, and makes every kind of mistake once. It prints
 * what went wrong and where. */
#include <rlx/rlx.h>

#include <stdio.h>
#include <string.h>

static int checks = 0;
static int failures = 0;

static void check_that(int ok, const char* what, int line) {
  ++checks;
  if (ok) return;
  ++failures;
  printf("line %d: %s\n", line, what);
}
#define CHECK(x) check_that((x) != 0, #x, __LINE__)

/* Releases the status; true for success. */
static int ok_at(rlx_status* status, int line) {
  if (!status) return 1;
  rlx_str m = rlx_status_message(status);
  printf("line %d: code %u: %.*s\n", line, (unsigned)rlx_status_code(status), (int)m.size, m.data ? m.data : "");
  rlx_status_release(status);
  return 0;
}
#define OK(call) check_that(ok_at((call), __LINE__), #call, __LINE__)

static int fails_with(rlx_status* status, rlx_code code, const char* text) {
  rlx_str m = rlx_status_message(status);
  int good = rlx_status_code(status) == code;
  char message[512] = {0};
  if (m.size && m.size < sizeof message) memcpy(message, m.data, m.size);
  good = good && strstr(message, text) != NULL;
  if (!good) printf("got code %u: %s\n", (unsigned)rlx_status_code(status), message);
  rlx_status_release(status);
  return good;
}
#define FAILS(call, code, text) check_that(fails_with((call), (code), (text)), #call, __LINE__)

static rlx_str text(const char* s) {
  rlx_str t = {s, strlen(s)};
  return t;
}

static rlx_view f32_view(float* data, int64_t count) {
  rlx_view v;
  memset(&v, 0, sizeof v);
  v.data = data;
  v.size_bytes = (uint64_t)count * sizeof(float);
  v.dtype = RLX_DTYPE_F32;
  v.rank = 1;
  v.dims[0] = count;
  return v;
}

/* y = (x + total) * w; total becomes x + total */
static rlx_graph* build_graph(void) {
  rlx_graph* g = NULL;
  const int64_t dims[1] = {2};
  const int64_t nine[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  uint32_t x = 0, w = 0, total = 0, sum = 0, y = 0, written = 0;
  rlx_attr add = {text("kind"), RLX_ATTR_STRING, 0, 3, "add"};
  rlx_attr mul = {text("kind"), RLX_ATTR_STRING, 0, 3, "mul"};
  OK(rlx_graph_create("c", &g));
  OK(rlx_graph_input(g, "x", RLX_DTYPE_F32, 1, dims, &x));
  OK(rlx_graph_param(g, "w", RLX_DTYPE_F32, 1, dims, &w));
  OK(rlx_graph_state(g, "total", RLX_DTYPE_F32, 1, dims, NULL, &total));
  {
    const uint32_t in[2] = {x, total};
    OK(rlx_graph_add(g, "binary", in, 2, &add, 1, 0, &sum));
  }
  {
    const uint32_t in[2] = {total, sum};
    OK(rlx_graph_add(g, "state_write", in, 2, NULL, 0, 0, &written));
  }
  {
    const uint32_t in[2] = {sum, w};
    OK(rlx_graph_add(g, "binary", in, 2, &mul, 1, 0, &y));
  }
  OK(rlx_graph_output(g, "y", y));

  const uint32_t unknown[1] = {9999};
  FAILS(rlx_graph_add(g, "unary", unknown, 1, NULL, 0, 0, &y), RLX_INVALID_ARGUMENT, "no value of the graph");
  const uint32_t known[1] = {x};
  FAILS(rlx_graph_add(g, "no_such_op", known, 1, NULL, 0, 0, &y), RLX_UNIMPLEMENTED, "no_such_op");
  FAILS(rlx_graph_output(g, "z", 9999), RLX_INVALID_ARGUMENT, "'z'");
  FAILS(rlx_graph_input(NULL, "x", RLX_DTYPE_F32, 1, dims, &x), RLX_INVALID_ARGUMENT, "NULL");
  FAILS(rlx_graph_input(g, "q", 77, 1, dims, &x), RLX_INVALID_ARGUMENT, "dtype 77");
  FAILS(rlx_graph_input(g, "q", RLX_DTYPE_F32, 9, nine, &x), RLX_INVALID_ARGUMENT, "rank 9 is above 8");
  FAILS(rlx_graph_input(g, "q", RLX_DTYPE_F32, 1, NULL, &x), RLX_INVALID_ARGUMENT, "rank 1 without dims");
  return g;
}

static void run_context(rlx_host_context* context) {
  float x[2] = {1, 2}, y[2] = {0, 0}, other[3] = {0, 0, 0};
  double wide[2] = {0, 0};
  rlx_view in = f32_view(x, 2), out = f32_view(y, 2), wrong = f32_view(other, 3);
  rlx_pending* pending = NULL;

  FAILS(rlx_host_context_run(context), RLX_FAILED_PRECONDITION, "'x'");
  FAILS(rlx_host_context_set_input(context, 0, &wrong), RLX_INVALID_ARGUMENT, "expected f32[2], got f32[3]");
  OK(rlx_host_context_set_input(context, 0, &in));
  OK(rlx_host_context_run(context));
  OK(rlx_host_context_read_output(context, 0, &out));
  CHECK(y[0] == 10 && y[1] == 200);

  OK(rlx_host_context_call(context, &in, 1, &out, 1));
  CHECK(y[0] == 20 && y[1] == 400);
  FAILS(rlx_host_context_call(context, &in, 1, &out, 0), RLX_INVALID_ARGUMENT, "1 outputs");

  OK(rlx_host_context_submit(context, &pending));
  OK(rlx_pending_wait(pending, RLX_FOREVER));
  rlx_pending_release(pending);
  CHECK(y[0] == 30 && y[1] == 600);

  OK(rlx_host_context_read_state(context, "total", &out));
  CHECK(y[0] == 3 && y[1] == 6);
  OK(rlx_host_context_reset_state(context));
  OK(rlx_host_context_run(context));
  {
    rlx_view as_f64 = out;
    as_f64.data = wide;
    as_f64.size_bytes = sizeof wide;
    as_f64.dtype = RLX_DTYPE_F64;
    OK(rlx_host_context_read_output(context, 0, &as_f64));
    CHECK(wide[0] == 10 && wide[1] == 200);
  }
  FAILS(rlx_host_context_read_state(context, "nothing", &out), RLX_NOT_FOUND, "known: total");
}

/* y = all_reduce(x) in a group of one. */
static void run_group(rlx_registry* registry) {
  rlx_process_group_options alone = {sizeof alone, 0, 1, 0, 4096, 0, "c-api"};
  rlx_process_group* group = NULL;
  rlx_session_options options = {sizeof options, 1, "ref", NULL, NULL};
  rlx_session* session = NULL;
  rlx_host_executable* executable = NULL;
  rlx_host_context* context = NULL;
  rlx_graph* graph = NULL;
  const int64_t dims[1] = {2};
  uint32_t x = 0, y = 0;
  float in[2] = {3, 4}, out[2] = {0, 0};
  rlx_view from = f32_view(in, 2), to = f32_view(out, 2);

  FAILS(rlx_process_group_create("pigeon", &alone, &group), RLX_NOT_FOUND, "pigeon");
  OK(rlx_process_group_create("local", &alone, &group));
  CHECK(rlx_process_group_rank(group) == 0 && rlx_process_group_size(group) == 1);
  OK(rlx_process_group_barrier(group));
  FAILS(rlx_process_group_barrier(NULL), RLX_INVALID_ARGUMENT, "NULL");
  options.group = group;
  OK(rlx_graph_create("sum", &graph));
  OK(rlx_graph_input(graph, "x", RLX_DTYPE_F32, 1, dims, &x));
  OK(rlx_graph_add(graph, "all_reduce", &x, 1, NULL, 0, 0, &y));
  OK(rlx_graph_output(graph, "y", y));
  OK(rlx_session_create(registry, graph, &options, &session));
  rlx_graph_release(graph);
  /* The session keeps the group. */
  rlx_process_group_release(group);
  rlx_process_group_release(NULL);
  OK(rlx_session_executable(session, NULL, NULL, 0, &executable));
  rlx_session_release(session);
  OK(rlx_host_executable_create_context(executable, 0, &context));
  rlx_host_executable_release(executable);
  OK(rlx_host_context_set_input(context, 0, &from));
  OK(rlx_host_context_run(context));
  OK(rlx_host_context_read_output(context, 0, &to));
  CHECK(out[0] == 3 && out[1] == 4);
  rlx_host_context_release(context);
}

int main(void) {
  rlx_registry* registry = NULL;
  rlx_session* session = NULL;
  rlx_host_executable* executable = NULL;
  rlx_host_context* context = NULL;
  rlx_session_options options = {sizeof options, 1, "ref", NULL, NULL};
  rlx_session_options nowhere = {sizeof nowhere, 1, "nosuch", NULL, NULL};
  float w[2] = {10, 100};
  rlx_view weights = f32_view(w, 2);
  rlx_port port;
  rlx_graph* graph = build_graph();

  CHECK(strlen(rlx_version()) > 0);
  CHECK(rlx_status_code(NULL) == RLX_OK);
  OK(rlx_registry_create(NULL, &registry));
  CHECK(rlx_registry_device_count(registry) > 0);
  CHECK(rlx_registry_device_id(registry, 0) != NULL);
  CHECK(rlx_registry_device_id(registry, 1000) == NULL);
  FAILS(rlx_session_create(registry, graph, &nowhere, &session), RLX_NOT_FOUND, "nosuch");
  OK(rlx_session_create(registry, graph, &options, &session));
  rlx_graph_release(graph);
  run_group(registry);
  rlx_registry_release(registry);
  OK(rlx_session_executable(session, NULL, NULL, 0, &executable));
  rlx_session_release(session);

  CHECK(rlx_host_executable_port_count(executable, RLX_PORT_INPUT) == 1);
  CHECK(rlx_host_executable_port_count(executable, RLX_PORT_STATE) == 1);
  CHECK(rlx_host_executable_port_count(executable, 99) == 0);
  OK(rlx_host_executable_port(executable, RLX_PORT_OUTPUT, 0, &port));
  CHECK(strcmp(port.name, "y") == 0 && port.rank == 1 && port.dims[0] == 2 && port.dtype == RLX_DTYPE_F32);
  FAILS(rlx_host_executable_port(executable, RLX_PORT_OUTPUT, 1, &port), RLX_OUT_OF_RANGE, "1");
  FAILS(rlx_host_executable_create_context(executable, 0, &context), RLX_FAILED_PRECONDITION, "w");
  OK(rlx_host_executable_set_param(executable, "w", &weights));
  OK(rlx_host_executable_create_context(executable, 0, &context));
  rlx_host_executable_release(executable);
  run_context(context);
  rlx_host_context_release(context);
  rlx_host_context_release(NULL);
  printf("%d of %d checks failed\n", failures, checks);
  printf("%d passed, %d failed, 0 skipped\n", failures == 0, failures != 0);
  return failures != 0;
}
