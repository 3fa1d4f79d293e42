// Exchange of tensors with other libraries through DLPack 1.x, without copies where memory layouts agree.
//
// The structs below are DLPack's own (https://github.com/dmlc/dlpack, Apache-2.0, version 1.1), written out so that
// nothing has to be installed. A program that includes <dlpack/dlpack.h> first uses that one.
#pragma once

#include <rlx/tensor.hpp>

#include <cstdint>

#ifndef DLPACK_DLPACK_H_
#define DLPACK_DLPACK_H_

#define DLPACK_MAJOR_VERSION 1
#define DLPACK_MINOR_VERSION 1
#define DLPACK_FLAG_BITMASK_READ_ONLY (1UL << 0UL)
#define DLPACK_FLAG_BITMASK_IS_COPIED (1UL << 1UL)

extern "C" {

typedef struct {
  uint32_t major;
  uint32_t minor;
} DLPackVersion;

typedef enum : int32_t { kDLCPU = 1, kDLCUDA = 2, kDLCUDAHost = 3, kDLROCMHost = 11, kDLCUDAManaged = 13 } DLDeviceType;

typedef struct {
  DLDeviceType device_type;
  int32_t device_id;
} DLDevice;

typedef enum { kDLInt = 0U, kDLUInt = 1U, kDLFloat = 2U, kDLBfloat = 4U, kDLComplex = 5U, kDLBool = 6U } DLDataTypeCode;

typedef struct {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} DLDataType;

typedef struct {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t* shape;
  int64_t* strides;  // in elements; null = dense row-major
  uint64_t byte_offset;
} DLTensor;

typedef struct DLManagedTensorVersioned {
  DLPackVersion version;
  void* manager_ctx;
  void (*deleter)(struct DLManagedTensorVersioned* self);
  uint64_t flags;
  DLTensor dl_tensor;
} DLManagedTensorVersioned;

}  // extern "C"
#endif  // DLPACK_DLPACK_H_

namespace rlx {

// Shares the tensor's memory until the receiver calls the deleter, from any thread. Writes on either side are seen on
// both. Errors: RESOURCE_EXHAUSTED.
RLX_API Result<DLManagedTensorVersioned*> to_dlpack(Tensor tensor);

// Takes the tensor over: its deleter is called when the result and everything that shares it are gone, or at once when
// its elements had to be copied because they are not dense row-major. On failure it stays the caller's. Memory that is
// flagged read-only is copied. Errors: ABI_MISMATCH (another major version), UNIMPLEMENTED (memory that the host cannot
// read, a dtype RLX does not have), INVALID_ARGUMENT (rank, dims).
RLX_API Result<Tensor> from_dlpack(DLManagedTensorVersioned* managed);

}  // namespace rlx
