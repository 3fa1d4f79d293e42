/* RLX from C: builds a layer with weights, compiles it for any number of rows, runs it, prints the result or the error.
 *
 *   cc -std=c11 layer.c $(pkg-config --cflags --libs rlx)
 *   ./a.out [DEVICE]
 */
#include <rlx/rlx.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { kRows = 2, kFeatures = 3, kClasses = 2 };

/* A call that failed ends the function; its status goes up to main, which prints and releases it. */
#define TRY(call)                        \
  do {                                   \
    rlx_status* status_ = (call);        \
    if (status_ != NULL) return status_; \
  } while (0)

static rlx_str text(const char* s) {
  rlx_str t = {s, strlen(s)};
  return t;
}

/* A dense matrix of the caller's; columns == 0 means a vector. */
static rlx_view view_of(float* data, int64_t rows, int64_t columns) {
  rlx_view v = {.data = data, .dtype = RLX_DTYPE_F32, .rank = columns == 0 ? 1 : 2, .dims = {rows, columns}};
  v.size_bytes = (uint64_t)(rows * (columns == 0 ? 1 : columns)) * sizeof(float);
  return v;
}

/* y[n, c] = softmax over c of (x[n, :] · w[:, c] + b[c]), for any n. */
static rlx_status* describe(rlx_graph* graph) {
  int64_t n = 0;
  TRY(rlx_graph_symbol(graph, "n", &n));
  uint32_t operands[3], scores = 0, y = 0;
  TRY(rlx_graph_input(graph, "x", RLX_DTYPE_F32, 2, (const int64_t[]){n, kFeatures}, &operands[0]));
  TRY(rlx_graph_param(graph, "w", RLX_DTYPE_F32, 2, (const int64_t[]){kFeatures, kClasses}, &operands[1]));
  TRY(rlx_graph_param(graph, "b", RLX_DTYPE_F32, 1, (const int64_t[]){kClasses}, &operands[2]));
  const rlx_attr layout = {.name = text("w_layout"), .type = RLX_ATTR_STRING, .count = 2, .data = "kn"};
  TRY(rlx_graph_add(graph, "linear", operands, 3, &layout, 1, 0, &scores));
  TRY(rlx_graph_add(graph, "softmax", &scores, 1, NULL, 0, 0, &y));
  return rlx_graph_output(graph, "y", y);
}

/* What a program holds. All are released at the end; NULL for those that an error kept from being made. */
typedef struct objects {
  rlx_registry* registry;
  rlx_graph* graph;
  rlx_session* session;
  rlx_host_executable* executable;
  rlx_host_context* context;
} objects;

static rlx_status* run(objects* o, const char* device) {
  TRY(rlx_registry_create(NULL, &o->registry));
  TRY(rlx_graph_create("layer", &o->graph));
  TRY(describe(o->graph));

  const rlx_session_options options = {.struct_size = sizeof options, .threads = 1, .device = device};
  TRY(rlx_session_create(o->registry, o->graph, &options, &o->session));

  /* One executable for each number of rows. It holds the weights once, however many contexts use it. */
  TRY(rlx_session_executable(o->session, (const char* const[]){"n"}, (const int64_t[]){kRows}, 1, &o->executable));
  float w[kFeatures * kClasses] = {1, -1, 0, 2, 1, 0};
  float b[kClasses] = {0, 0.5f};
  const rlx_view w_view = view_of(w, kFeatures, kClasses), b_view = view_of(b, kClasses, 0);
  TRY(rlx_host_executable_set_param(o->executable, "w", &w_view));
  TRY(rlx_host_executable_set_param(o->executable, "b", &b_view));

  /* A context has the memory of one run. Each thread makes its own. */
  TRY(rlx_host_executable_create_context(o->executable, 1, &o->context));
  float x[kRows * kFeatures] = {1, 0, 2, -1, 1, 0.5f};
  float y[kRows * kClasses];
  const rlx_view x_view = view_of(x, kRows, kFeatures), y_view = view_of(y, kRows, kClasses);
  TRY(rlx_host_context_call(o->context, &x_view, 1, &y_view, 1));

  rlx_port port;
  TRY(rlx_host_executable_port(o->executable, RLX_PORT_OUTPUT, 0, &port));
  printf("%s [%" PRId64 ", %" PRId64 "]\n", port.name, port.dims[0], port.dims[1]);
  for (int row = 0; row < kRows; ++row)
    printf("  %.4f  %.4f\n", (double)y[row * kClasses], (double)y[row * kClasses + 1]);
  return NULL;
}

/* Texts of statuses have a length and no terminating NUL. */
static void print_error(const rlx_status* status) {
  const rlx_str message = rlx_status_message(status), remedy = rlx_status_remedy(status);
  fprintf(stderr, "layer: %.*s (code %u)\n", (int)message.size, message.data, (unsigned)rlx_status_code(status));
  if (remedy.size > 0) fprintf(stderr, "layer: %.*s\n", (int)remedy.size, remedy.data);
}

int main(int argc, char** argv) {
  objects o = {0};
  rlx_status* status = run(&o, argc > 1 ? argv[1] : NULL);
  if (status != NULL) print_error(status);
  const int failed = status != NULL;
  rlx_status_release(status);
  rlx_host_context_release(o.context);
  rlx_host_executable_release(o.executable);
  rlx_session_release(o.session);
  rlx_graph_release(o.graph);
  rlx_registry_release(o.registry);
  return failed;
}
