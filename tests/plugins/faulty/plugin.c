/* A plugin that does as little as the ABI allows, and through TEST_* macros (meson.build has the variants) whatever a
 * plugin must not do. Tests load it beside good ones: each fault has one defined verdict and the host goes on. In C, so
 * that it also shows a plugin that needs no SDK. */
#include <rlx/plugin.h>

#include <string.h>

#ifndef TEST_ID
#define TEST_ID "null"
#endif
#ifndef TEST_VERSION
#define TEST_VERSION "1.0.0"
#endif
#ifndef TEST_ABI_MAJOR
#define TEST_ABI_MAJOR RLX_ABI_MAJOR
#endif
#ifndef TEST_MIN_HOST
#define TEST_MIN_HOST RLX_ABI_MINOR
#endif
#ifndef TEST_CPU_REQUIRED
#define TEST_CPU_REQUIRED 0
#endif
#ifndef TEST_DEVICES
#define TEST_DEVICES 1
#endif
#ifndef TEST_SCORE
#define TEST_SCORE 1
#endif
#ifndef TEST_DEVICE_FLAGS
#define TEST_DEVICE_FLAGS 0
#endif
#ifndef TEST_EXECUTABLE_TABLE_SIZE
#define TEST_EXECUTABLE_TABLE_SIZE sizeof(rlx_executable_table_v1)
#endif
#ifndef TEST_SANITIZER
#define TEST_SANITIZER RLX_SANITIZER_NONE
#endif

/* ---- the note ---------------------------------------------------------------------------------------------------- */

struct note_section {
  uint32_t owner_size, payload_size, type;
  char owner[4];
  rlx_note_v1 payload;
};

__attribute__((section(".note.rlx"), used, aligned(4))) static const struct note_section note = {
    sizeof RLX_NOTE_OWNER,
    sizeof(rlx_note_v1),
    RLX_NOTE_TYPE,
    RLX_NOTE_OWNER,
    {
        .note_version = RLX_NOTE_VERSION,
        .note_size = sizeof(rlx_note_v1),
        .abi_major = TEST_ABI_MAJOR,
        .abi_minor_built = RLX_ABI_MINOR,
        .abi_minor_min_host = TEST_MIN_HOST,
        .kind_bits = RLX_KIND_DEVICE,
        .sanitizer = TEST_SANITIZER,
        .cpu_required = {TEST_CPU_REQUIRED, 0, 0, 0},
        .id = TEST_ID,
        .vendor = "tests",
        .version = TEST_VERSION,
    },
};

/* ---- statuses ---------------------------------------------------------------------------------------------------- */

static const rlx_host_v1* host;

static rlx_str text(const char* s) {
  rlx_str result = {s, strlen(s)};
  return result;
}

static rlx_status* fail(rlx_code code, const char* message, const char* remedy) {
  rlx_status_desc desc = {.struct_size = sizeof desc, .code = code};
  desc.message = text(message);
  desc.remedy = text(remedy);
  return host->status_make(host->ctx, &desc);
}

static rlx_status* unimplemented(const char* message) {
  return fail(RLX_UNIMPLEMENTED, message, "");
}

/* ---- devices ----------------------------------------------------------------------------------------------------- */

struct rlx_device {
  uint32_t number;
};
static rlx_device devices[TEST_DEVICES + 1];

#ifdef TEST_ENUMERATE
/* throws.cpp */
rlx_status* TEST_ENUMERATE(void);
#endif

static rlx_status* enumerate(uint32_t capacity, rlx_device** out_devices, uint32_t* out_count) {
#if defined(TEST_ENUMERATE)
  (void)capacity, (void)out_devices, (void)out_count;
  return TEST_ENUMERATE();
#elif defined(TEST_ENUMERATE_FAILS)
  (void)capacity, (void)out_devices, (void)out_count;
  return fail(RLX_DRIVER_MISSING, "libtoaster.so.1 not found", "install the toaster driver");
#elif defined(TEST_NULL_DEVICE)
  if (capacity > 0) out_devices[0] = NULL;
  *out_count = 1;
  return NULL;
#elif defined(TEST_ENDLESS_DEVICES)
  (void)capacity, (void)out_devices;
  *out_count = UINT32_MAX;
  return NULL;
#else
  for (uint32_t i = 0; i != TEST_DEVICES; ++i) {
    devices[i].number = i;
    if (i < capacity) out_devices[i] = &devices[i];
  }
  *out_count = TEST_DEVICES;
  return NULL;
#endif
}

/* Numbers the UUIDs downwards, so that the stable order is not the order of enumeration. */
static rlx_status* info(rlx_device* device, rlx_device_info* out_info) {
#ifdef TEST_FIRST_INFO_FAILS
  if (device->number == 0) return fail(RLX_DEVICE_LOST, "the device fell off the bus", "");
#endif
  rlx_device_info i = {.kind = RLX_DEVICE_ACCELERATOR, .flags = TEST_DEVICE_FLAGS, .score = TEST_SCORE};
  i.struct_size = out_info->struct_size;
  i.numa_node = UINT32_MAX;
  i.memory_total = i.memory_free = i.memory_budget = 1 << 20;
  i.uuid[0] = 0xab;
  i.uuid[15] = (uint8_t)(TEST_DEVICES - 1 - device->number);
  i.pci_bus_device_function = 0x4108 + device->number;
  i.name = text("nothing at all");
  i.arch = text("null");
  memcpy(out_info, &i, out_info->struct_size < sizeof i ? out_info->struct_size : sizeof i);
  return NULL;
}

/* The answers come zeroed: supports nothing. */
static rlx_status* query(rlx_device* device, const rlx_program* program, rlx_node_support* out_support,
                         uint64_t support_count) {
  (void)device, (void)program, (void)out_support, (void)support_count;
  return NULL;
}

static const rlx_device_table_v1 device_table = {sizeof device_table, RLX_ABI_MINOR, enumerate, info, query};

/* ---- executables and arenas: there, and unable ------------------------------------------------------------------- */

static rlx_status* compile(rlx_device* device, const rlx_program* program, const rlx_compile_options* options,
                           rlx_executable** out_executable) {
  (void)device, (void)program, (void)options, (void)out_executable;
  return unimplemented("compile");
}
static rlx_status* set_param(rlx_executable* executable, rlx_str name, rlx_dtype dtype, const void* src,
                             uint64_t size_bytes) {
  (void)executable, (void)name, (void)dtype, (void)src, (void)size_bytes;
  return unimplemented("set_param");
}
static rlx_status* finalize(rlx_executable* executable) {
  (void)executable;
  return unimplemented("finalize");
}
static void release(rlx_executable* executable) {
  (void)executable;
}
static rlx_status* create_context(rlx_executable* executable, const rlx_context_options* options,
                                  rlx_context** out_context) {
  (void)executable, (void)options, (void)out_context;
  return unimplemented("create_context");
}
static void release_context(rlx_context* context) {
  (void)context;
}
static rlx_arena* arena(rlx_context* context) {
  (void)context;
  return NULL;
}
static rlx_status* run(rlx_context* context) {
  (void)context;
  return unimplemented("run");
}

static const rlx_executable_table_v1 executable_table = {
    .struct_size = TEST_EXECUTABLE_TABLE_SIZE,
    .minor = RLX_ABI_MINOR,
#ifdef TEST_NULL_COMPILE
    .compile = NULL,
#else
    .compile = compile,
#endif
    .set_param = set_param,
    .finalize = finalize,
    .release = release,
    .create_context = create_context,
    .release_context = release_context,
    .arena = arena,
    .run = run,
};

static rlx_status* slot(rlx_arena* of, uint32_t tensor, rlx_slot* out_slot) {
  (void)of, (void)tensor, (void)out_slot;
  return unimplemented("slot");
}
static rlx_status* write(rlx_arena* to, uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                         uint64_t first_elem) {
  (void)to, (void)tensor, (void)dtype, (void)src, (void)size_bytes, (void)first_elem;
  return unimplemented("write");
}
static rlx_status* read(rlx_arena* from, uint32_t tensor, rlx_dtype dtype, void* dst, uint64_t size_bytes,
                        uint64_t first_elem) {
  (void)from, (void)tensor, (void)dtype, (void)dst, (void)size_bytes, (void)first_elem;
  return unimplemented("read");
}

static const rlx_arena_table_v1 arena_table = {
    .struct_size = sizeof arena_table,
    .minor = RLX_ABI_MINOR,
    .slot = slot,
    .write = write,
    .read = read,
};

/* ---- the entry --------------------------------------------------------------------------------------------------- */

static rlx_status* query_interface(uint32_t iface, uint32_t max_version, const void** out_table,
                                   uint32_t* out_version) {
  (void)max_version;
  const void* table = NULL;
  if (iface == RLX_IFACE_DEVICE) table = &device_table;
  if (iface == RLX_IFACE_EXECUTABLE) table = &executable_table;
#ifndef TEST_NO_ARENA
  if (iface == RLX_IFACE_ARENA) table = &arena_table;
#endif
  if (!table) return fail(RLX_NOT_FOUND, "no such interface", "");
  *out_table = table;
  *out_version = 1;
  return NULL;
}

static const rlx_plugin_v1 plugin = {sizeof plugin, RLX_ABI_MINOR, query_interface, NULL};

#ifdef TEST_NO_ENTRY
#define TEST_ENTRY rlx_plugin_query_other
#else
#define TEST_ENTRY RLX_PLUGIN_ENTRY
#endif

/* A function that the entry calls first: one that throws, or one that no library has. */
#ifdef TEST_CALL
void TEST_CALL(void);
#endif

__attribute__((visibility("default"))) const rlx_plugin_v1* TEST_ENTRY(const rlx_host_v1* given, uint32_t host_minor,
                                                                       uint32_t oldest_plugin_minor,
                                                                       rlx_status** out_why) {
  (void)host_minor, (void)oldest_plugin_minor, (void)out_why, (void)arena_table;
  host = given;
#ifdef TEST_CALL
  TEST_CALL();
#endif
#ifdef TEST_REFUSES
  *out_why = fail(RLX_UNAVAILABLE, "closed on Mondays", "come back tomorrow");
#endif
#if defined(TEST_REFUSES) || defined(TEST_RETURNS_NOTHING)
  return NULL;
#else
  return &plugin;
#endif
}
