// A MIOpen that convolves in host memory, behind the calls of plugins/rocm/miopen/calls.inc. It checks what it is given
// and enqueues on the stand-in's streams.
#include "fake/convolution.hpp"
#include "fake/library_objects.hpp"
#include "fake/properties.hpp"
#include "miopen/numbers.hpp"

#include <string_view>

namespace fake::miopen {

using namespace rlx::simt::miopen;

namespace {

constexpr int kBadParameter = 3;
// Of any convolution; it is filled with a pattern, so that one that is not there is found.
constexpr size_t kWorkspaceBytes = 700;
constexpr uint64_t kSolution = 77;

struct Handle {
  void* stream = nullptr;
};

// 0 for a number that is no type.
rlx_dtype dtype_of(int type) {
  switch (type) {
    case kFloat:
      return RLX_DTYPE_F32;
    case kDouble:
      return RLX_DTYPE_F64;
    case kHalf:
      return RLX_DTYPE_F16;
    case kBfloat16:
      return RLX_DTYPE_BF16;
    default:
      return 0;
  }
}

// Whether the four go together.
bool fits(void* w, void* x, void* window, void* y) {
  return fit(object<Tensor>(x), object<Tensor>(w), object<Window>(window), object<Tensor>(y));
}

}  // namespace

#define MIOPEN_CALL(name, symbol, params, args) int name params;
#include "miopen/calls.inc"
#undef MIOPEN_CALL

int create(void** handle) {
  return make_object<Handle>(handle);
}
int destroy(void* handle) {
  return destroy_object<Handle>(handle, kBadParameter);
}
int set_stream(void* handle, void* stream) {
  object<Handle>(handle).stream = stream;
  return kSuccess;
}

int tensor_create(void** tensor) {
  return make_object<Tensor>(tensor);
}
int tensor_set(void* tensor, int type, int rank, const int* dims, const int* strides) {
  if (!dtype_of(type)) return kUnsupported;
  return object<Tensor>(tensor).set(dtype_of(type), rank, dims, strides) ? static_cast<int>(kSuccess) : kBadParameter;
}
int tensor_destroy(void* tensor) {
  return destroy_object<Tensor>(tensor, kBadParameter);
}

int convolution_create(void** convolution) {
  return make_object<Window>(convolution);
}
int convolution_set(void* convolution, int axes, const int* pads, const int* strides, const int* dilations, int mode) {
  if (mode != kConvolution) return kUnsupported;
  return object<Window>(convolution).set(axes, pads, strides, dilations) ? static_cast<int>(kSuccess) : kBadParameter;
}
int set_groups(void* convolution, int groups) {
  if (groups < 1) return kBadParameter;
  object<Window>(convolution).groups = groups;
  return kSuccess;
}
int convolution_destroy(void* convolution) {
  return destroy_object<Window>(convolution, kBadParameter);
}

int solutions(void* handle, void* w, void* x, void* convolution, void* y, size_t wanted, size_t* found, void* results) {
  if (!handle || wanted < 2 || !fits(w, x, convolution, y)) return kBadParameter;
  constexpr int kWinograd = 3;
  // The best one loses digits: the second is to be taken.
  const Solution answers[] = {{1, 0, 5, kWinograd}, {2, kWorkspaceBytes, kSolution, kImplicitGemm}};
  std::memcpy(results, answers, sizeof answers);
  *found = 2;
  return kSuccess;
}
int compile(void* handle, void* w, void* x, void* convolution, void* y, uint64_t solution) {
  if (!handle || solution != kSolution || !fits(w, x, convolution, y)) return kBadParameter;
  return kSuccess;
}

int convolve(void* handle, void* w_tensor, const void* w, void* x_tensor, const void* x, void* convolution,
             void* y_tensor, void* y, void* workspace, size_t workspace_bytes, uint64_t solution) {
  void* stream = object<Handle>(handle).stream;
  if (!stream || !x || !w || !y || solution != kSolution || !fits(w_tensor, x_tensor, convolution, y_tensor))
    return kBadParameter;
  if (!workspace || workspace_bytes < kWorkspaceBytes) return kBadParameter;
  const Convolution c{object<Tensor>(x_tensor),
                      object<Tensor>(w_tensor),
                      object<Tensor>(y_tensor),
                      object<Window>(convolution),
                      static_cast<const std::byte*>(x),
                      static_cast<const std::byte*>(w),
                      static_cast<std::byte*>(y),
                      1,
                      0};
  const std::function<int()> work = [=] {
    std::memset(workspace, 0xab, kWorkspaceBytes);
    c.run();
    return kSuccess;
  };
  return rlx_fake_enqueue(stream, &work);
}

int add_bias(void* handle, const void*, void* bias_tensor, const void* bias, const void*, void* y_tensor, void* y) {
  void* stream = object<Handle>(handle).stream;
  // As the real one: alpha and beta say nothing, and there is no bf16.
  if (object<Tensor>(y_tensor).dtype == RLX_DTYPE_BF16) return kNotImplemented;
  const Addition addition{object<Tensor>(bias_tensor),
                          object<Tensor>(y_tensor),
                          static_cast<const std::byte*>(bias),
                          static_cast<std::byte*>(y),
                          1,
                          1};
  if (!stream || !bias || !y || !addition.fits()) return kBadParameter;
  const std::function<int()> work = [=] {
    addition.run();
    return kSuccess;
  };
  return rlx_fake_enqueue(stream, &work);
}

}  // namespace fake::miopen

extern "C" {
// An object is freed even by a call that reports a failure, as the driver's are (driver_exports.cpp).
#define MIOPEN_CALL(name, symbol, params, args)                           \
  FAKE_EXPORT int symbol params {                                         \
    const int asked = fake::count_call();                                 \
    const bool frees = std::string_view(#name).ends_with("destroy");      \
    const int result = asked && !frees ? asked : fake::miopen::name args; \
    return asked ? asked : result;                                        \
  }
#include "miopen/calls.inc"
#undef MIOPEN_CALL
}
