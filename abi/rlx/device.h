/* The device table: what a plugin offers, and whether a program can run there. */
#ifndef RLX_ABI_DEVICE_H
#define RLX_ABI_DEVICE_H

#include "program.h"

RLX_EXTERN_C_BEGIN

#define RLX_IFACE_DEVICE 1u

/* One piece of hardware, or a software device. Owned by the plugin; valid until the process ends. */
typedef struct rlx_device rlx_device;

enum {
  RLX_DEVICE_CPU = 1,
  RLX_DEVICE_GPU_DISCRETE = 2,
  RLX_DEVICE_GPU_INTEGRATED = 3,
  RLX_DEVICE_GPU_VIRTUAL = 4,
  RLX_DEVICE_ACCELERATOR = 5
};

enum {
  RLX_DEVICE_SOFTWARE = 1u,      /* emulated or reference: never chosen unless asked for by name */
  RLX_DEVICE_HOST_POINTERS = 2u, /* executable.bind accepts host memory, aligned to an element: no copies for I/O */
  RLX_DEVICE_HAS_UUID = 4u,
  RLX_DEVICE_HAS_PCI = 8u
};

/* Strings live as long as the device. Sizes in bytes, 0 = unknown. */
typedef struct rlx_device_info {
  uint32_t struct_size;   /* set by the caller; the callee writes no further */
  uint32_t kind;          /* RLX_DEVICE_CPU, ... */
  uint32_t flags;         /* RLX_DEVICE_SOFTWARE, ... */
  uint32_t score;         /* relative throughput for the default choice; a core of a current CPU is about 100 */
  uint32_t compute_units; /* cores, multiprocessors */
  uint32_t numa_node;     /* UINT32_MAX = unknown */
  uint32_t pci_domain;
  uint32_t pci_bus_device_function; /* bus << 8 | device << 3 | function */
  uint64_t memory_total;
  uint64_t memory_free;   /* as the driver reports it now */
  uint64_t memory_budget; /* what may safely be used now */
  uint8_t uuid[16];
  rlx_str name;     /* "AMD EPYC 7763" */
  rlx_str arch;     /* "x86_64", "sm_90" */
  rlx_str driver;   /* "oneDNN 2.6.3", "NVIDIA 570.86"; may be empty */
  rlx_str features; /* space-separated: "avx2 fma f16c" */
} rlx_device_info;

enum {
  RLX_SUPPORT_NO = 0,
  RLX_SUPPORT_SLOW = 1, /* runs, but another device or a decomposition may well be faster */
  RLX_SUPPORT_NATIVE = 2
};

/* One answer per node of regions[0]. */
typedef struct rlx_node_support {
  uint32_t level;         /* RLX_SUPPORT_* */
  uint32_t overwrites;    /* bit i: output 0 may use the memory of input i when sizes match and the input dies here */
  uint64_t scratch_bytes; /* working memory while the node runs */
  struct rlx_status* reason; /* why not, or why slow; the caller releases it. NULL when native */
} rlx_node_support;

typedef struct rlx_device_table_v1 {
  uint32_t struct_size;
  uint32_t minor;
  /* Writes up to capacity devices and the true count. The order is stable within a process.
   * No device is a success with count 0. Threads: any. Errors: DRIVER_MISSING, DRIVER_TOO_OLD, ... */
  rlx_status* (*enumerate)(uint32_t capacity, rlx_device** out_devices, uint32_t* out_count);
  /* Reads properties; free and budget are read anew. Threads: any. */
  rlx_status* (*info)(rlx_device* device, rlx_device_info* out_info);
  /* Answers for a whole program: out_support has node_count(regions[0]) elements, zeroed by the caller. The answer
   * comes from the kernel list that compile uses. Threads: any. Errors: only when the question itself failed. */
  rlx_status* (*query)(rlx_device* device, const rlx_program* program, rlx_node_support* out_support,
                       uint64_t support_count);
} rlx_device_table_v1;

RLX_ASSERT_SIZE(rlx_device_info, 136);
RLX_ASSERT_FIELD(rlx_device_info, struct_size, 0);
RLX_ASSERT_FIELD(rlx_device_info, kind, 4);
RLX_ASSERT_FIELD(rlx_device_info, flags, 8);
RLX_ASSERT_FIELD(rlx_device_info, score, 12);
RLX_ASSERT_FIELD(rlx_device_info, compute_units, 16);
RLX_ASSERT_FIELD(rlx_device_info, numa_node, 20);
RLX_ASSERT_FIELD(rlx_device_info, pci_domain, 24);
RLX_ASSERT_FIELD(rlx_device_info, pci_bus_device_function, 28);
RLX_ASSERT_FIELD(rlx_device_info, memory_total, 32);
RLX_ASSERT_FIELD(rlx_device_info, memory_free, 40);
RLX_ASSERT_FIELD(rlx_device_info, memory_budget, 48);
RLX_ASSERT_FIELD(rlx_device_info, uuid, 56);
RLX_ASSERT_FIELD(rlx_device_info, name, 72);
RLX_ASSERT_FIELD(rlx_device_info, arch, 88);
RLX_ASSERT_FIELD(rlx_device_info, driver, 104);
RLX_ASSERT_FIELD(rlx_device_info, features, 120);
RLX_ASSERT_SIZE(rlx_node_support, 24);
RLX_ASSERT_FIELD(rlx_node_support, level, 0);
RLX_ASSERT_FIELD(rlx_node_support, overwrites, 4);
RLX_ASSERT_FIELD(rlx_node_support, scratch_bytes, 8);
RLX_ASSERT_FIELD(rlx_node_support, reason, 16);
RLX_ASSERT_SIZE(rlx_device_table_v1, 32);
RLX_ASSERT_FIELD(rlx_device_table_v1, struct_size, 0);
RLX_ASSERT_FIELD(rlx_device_table_v1, minor, 4);
RLX_ASSERT_FIELD(rlx_device_table_v1, enumerate, 8);
RLX_ASSERT_FIELD(rlx_device_table_v1, info, 16);
RLX_ASSERT_FIELD(rlx_device_table_v1, query, 24);

RLX_EXTERN_C_END

#endif
