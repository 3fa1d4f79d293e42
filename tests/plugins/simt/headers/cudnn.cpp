// Prototypes, enumerators and sizes of cuDNN that the plugin has by hand, against NVIDIA's headers where a machine has
// them; and against the library itself, as far as that answers without a driver. Exit code 77: nothing to check
// against.
#include "cudnn/cudnn.hpp"
#include "headers/prototype.hpp"

#include <dlfcn.h>

#include <cstdint>
#include <cstdio>

#if !__has_include(<cudnn.h>) || !__has_include(<cuda_runtime_api.h>)
int main() {
  std::puts("cudnn.h is not installed");
  return 77;
}
#else
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <cudnn.h>

namespace {

using namespace rlx::simt::cudnn;

#define CUDNN_CALL(name, symbol, params, args) \
  static_assert(headers::Fits<int params, decltype(symbol)>::value, "calls.inc: " #symbol);
#include "cudnn/calls.inc"
#undef CUDNN_CALL

static_assert(kFloat == static_cast<int>(CUDNN_DATA_FLOAT) && kDouble == static_cast<int>(CUDNN_DATA_DOUBLE));
static_assert(kHalf == static_cast<int>(CUDNN_DATA_HALF) && kBfloat16 == static_cast<int>(CUDNN_DATA_BFLOAT16));
static_assert(kNchw == static_cast<int>(CUDNN_TENSOR_NCHW));
static_assert(kCrossCorrelation == static_cast<int>(CUDNN_CROSS_CORRELATION));
static_assert(kDefaultMath == static_cast<int>(CUDNN_DEFAULT_MATH));
static_assert(kTensorOps == static_cast<int>(CUDNN_TENSOR_OP_MATH) && kFma == static_cast<int>(CUDNN_FMA_MATH));
static_assert(kImplicitGemm == static_cast<int>(CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM));
static_assert(kImplicitPrecomputedGemm == static_cast<int>(CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM));
static_assert(kGemm == static_cast<int>(CUDNN_CONVOLUTION_FWD_ALGO_GEMM));
static_assert(kHostMemory == static_cast<int>(CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED));
static_assert(kDeviceMemory == static_cast<int>(CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED));
static_assert(kNotSupported == static_cast<int>(CUDNN_STATUS_NOT_SUPPORTED));

using Theirs = cudnnConvolutionFwdAlgoPerf_t;
static_assert(sizeof(Performance) == sizeof(Theirs));
static_assert(offsetof(Performance, algorithm) == offsetof(Theirs, algo));
static_assert(offsetof(Performance, status) == offsetof(Theirs, status));
static_assert(offsetof(Performance, workspace_bytes) == offsetof(Theirs, memory));
static_assert(offsetof(Performance, math) == offsetof(Theirs, mathType));

int failures = 0;
void expect(const char* what, int status) {
  if (status == 0) return;
  std::printf("%s: status %d\n", what, status);
  ++failures;
}

// Descriptions without a device: they take what a convolution over three axes says.
void check_objects(const Cudnn& cudnn) {
  void *tensor = nullptr, *filter = nullptr, *convolution = nullptr;
  const int dims[] = {2, 4, 5, 6, 7}, strides[] = {840, 210, 42, 7, 1}, taps[] = {8, 2, 3, 3, 3}, ones[] = {1, 1, 1};
  expect("tensor_create", cudnn.tensor_create.raw(&tensor));
  expect("tensor_set", cudnn.tensor_set.raw(tensor, kBfloat16, 5, dims, strides));
  expect("filter_create", cudnn.filter_create.raw(&filter));
  expect("filter_set", cudnn.filter_set.raw(filter, kBfloat16, kNchw, 5, taps));
  expect("convolution_create", cudnn.convolution_create.raw(&convolution));
  expect("convolution_set", cudnn.convolution_set.raw(convolution, 3, ones, ones, ones, kCrossCorrelation, kFloat));
  expect("set_groups", cudnn.set_groups.raw(convolution, 2));
  for (const int math : {kDefaultMath, kTensorOps, kFma}) expect("set_math", cudnn.set_math.raw(convolution, math));
  if (cudnn.tensor_set.raw(tensor, kBfloat16, 0, dims, strides) == 0) expect("a tensor without axes", 1);
  expect("tensor_destroy", cudnn.tensor_destroy.raw(tensor));
  expect("filter_destroy", cudnn.filter_destroy.raw(filter));
  expect("convolution_destroy", cudnn.convolution_destroy.raw(convolution));
}

}  // namespace

int main() {
  std::printf("cudnn.h of version %d agrees\n", CUDNN_VERSION);
  void* library = dlopen("libcudnn.so.9", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    std::printf("the library is not installed: %s\n", dlerror());
    return 0;
  }
  Cudnn cudnn;
#define CUDNN_CALL(name, symbol, params, args)                                                    \
  cudnn.name.function = reinterpret_cast<decltype(cudnn.name.function)>(dlsym(library, #symbol)); \
  expect(#symbol " is exported", cudnn.name.function ? 0 : 1);
#include "cudnn/calls.inc"
#undef CUDNN_CALL
  if (failures == 0) check_objects(cudnn);
  std::printf("the library: %d failures\n", failures);
  return failures == 0 ? 0 : 1;
}
#endif
