// Prototypes, enumerators and sizes of cuBLASLt that the plugin has by hand, against NVIDIA's header where a machine
// has it; and against the library itself, as far as that answers without a driver. Exit code 77: nothing to check
// against.
#include "blas/blas.hpp"
#include "headers/prototype.hpp"

#include <dlfcn.h>

#include <cstdio>
#include <string>

#if !__has_include(<cublasLt.h>)
int main() {
  std::puts("cublasLt.h is not installed");
  return 77;
}
#else
#include <cublasLt.h>

namespace {

using namespace rlx::simt;

#define SIMT_CALL(name, cuda, hip, params, args) \
  static_assert(headers::Fits<int params, decltype(cuda)>::value, "blas_calls.inc: " #cuda);
#include "blas/blas_calls.inc"
#undef SIMT_CALL

constexpr BlasNumbers k = kCublasLt;
static_assert(k.op_none == CUBLAS_OP_N && k.op_transposed == CUBLAS_OP_T);
static_assert(k.compute_f32 == CUBLAS_COMPUTE_32F && k.compute_tf32 == CUBLAS_COMPUTE_32F_FAST_TF32);
static_assert(k.compute_f64 == CUBLAS_COMPUTE_64F);
static_assert(k.layout_batches == CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT);
static_assert(k.layout_batch_stride == CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET);
static_assert(k.product_trans_a == CUBLASLT_MATMUL_DESC_TRANSA && k.product_trans_b == CUBLASLT_MATMUL_DESC_TRANSB);
static_assert(k.product_epilogue == CUBLASLT_MATMUL_DESC_EPILOGUE);
static_assert(k.product_bias == CUBLASLT_MATMUL_DESC_BIAS_POINTER);
static_assert(k.preference_workspace == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES);
static_assert(k.preference_alignment == CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES);
static_assert(k.preference_alignment + 3 == CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES);
static_assert(k.out_of_memory == CUBLAS_STATUS_ALLOC_FAILED && k.not_supported == CUBLAS_STATUS_NOT_SUPPORTED);

static_assert(kBlasF32 == static_cast<int>(CUDA_R_32F) && kBlasF64 == static_cast<int>(CUDA_R_64F));
static_assert(kBlasF16 == static_cast<int>(CUDA_R_16F) && kBlasBf16 == static_cast<int>(CUDA_R_16BF));
static_assert(kEpilogueNone == static_cast<int>(CUBLASLT_EPILOGUE_DEFAULT));
static_assert(kEpilogueRelu == static_cast<int>(CUBLASLT_EPILOGUE_RELU));
static_assert(kEpilogueBias == static_cast<int>(CUBLASLT_EPILOGUE_BIAS));
static_assert((kEpilogueRelu | kEpilogueBias) == static_cast<int>(CUBLASLT_EPILOGUE_RELU_BIAS));
static_assert(kEpilogueGeluTanh == static_cast<int>(CUBLASLT_EPILOGUE_GELU));
static_assert((kEpilogueGeluTanh | kEpilogueBias) == static_cast<int>(CUBLASLT_EPILOGUE_GELU_BIAS));

using Result = cublasLtMatmulHeuristicResult_t;
static_assert(sizeof(cublasLtMatmulAlgo_t) == k.algorithm_bytes && k.algorithm_bytes <= kMostAlgorithmBytes);
static_assert(sizeof(Result) == k.algorithm_bytes + sizeof(BlasChoiceTail));
static_assert(offsetof(Result, workspaceSize) == k.algorithm_bytes + offsetof(BlasChoiceTail, workspace_bytes));
static_assert(offsetof(Result, state) == k.algorithm_bytes + offsetof(BlasChoiceTail, status));

int failures = 0;
void expect(const char* what, int status) {
  if (status == 0) return;
  std::printf("%s: status %d\n", what, status);
  ++failures;
}

// Objects without a device: they take every attribute that a product sets, in the size that it sets.
void check_objects(const Blas& blas) {
  void *layout = nullptr, *product = nullptr, *preference = nullptr;
  const int32_t batches = 2, op = k.op_transposed;
  const int64_t stride = 64;
  const uint32_t epilogue = kEpilogueBias | kEpilogueGeluTanh, alignment = 16;
  const uint64_t bias = 256, workspace = 1 << 20;
  expect("layout_create", blas.layout_create.raw(&layout, kBlasF16, 8, 8, 8));
  expect("batches", blas.layout_set.raw(layout, k.layout_batches, &batches, sizeof batches));
  expect("batch stride", blas.layout_set.raw(layout, k.layout_batch_stride, &stride, sizeof stride));
  expect("product_create", blas.product_create.raw(&product, k.compute_f32, kBlasF32));
  expect("trans_a", blas.product_set.raw(product, k.product_trans_a, &op, sizeof op));
  expect("trans_b", blas.product_set.raw(product, k.product_trans_b, &op, sizeof op));
  expect("epilogue", blas.product_set.raw(product, k.product_epilogue, &epilogue, sizeof epilogue));
  expect("bias", blas.product_set.raw(product, k.product_bias, &bias, sizeof bias));
  expect("preference_create", blas.preference_create.raw(&preference));
  expect("workspace", blas.preference_set.raw(preference, k.preference_workspace, &workspace, sizeof workspace));
  for (int i = 0; i < 4; ++i)
    expect("alignment", blas.preference_set.raw(preference, k.preference_alignment + i, &alignment, sizeof alignment));
  if (blas.product_set.raw(product, k.product_epilogue, &epilogue, 1) == 0) expect("an epilogue of one byte", 1);
  expect("layout_destroy", blas.layout_destroy.raw(layout));
  expect("product_destroy", blas.product_destroy.raw(product));
  expect("preference_destroy", blas.preference_destroy.raw(preference));
}

}  // namespace

int main() {
  std::printf("cublasLt.h of version %d agrees\n", CUBLAS_VERSION);
  void* library = dlopen(("libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR)).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    std::printf("the library is not installed: %s\n", dlerror());
    return 0;
  }
  Blas blas;
#define SIMT_CALL(name, cuda, hip, params, args)                                              \
  blas.name.function = reinterpret_cast<decltype(blas.name.function)>(dlsym(library, #cuda)); \
  expect(#cuda " is exported", blas.name.function ? 0 : 1);
#include "blas/blas_calls.inc"
#undef SIMT_CALL
  if (failures == 0) check_objects(blas);
  std::printf("the library: %d failures\n", failures);
  return failures == 0 ? 0 : 1;
}
#endif
