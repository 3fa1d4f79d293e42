// A cuDNN that convolves in host memory, behind the calls of plugins/cuda/cudnn/calls.inc. It checks what it is given
// and enqueues on the stand-in's streams.
#include "cudnn/numbers.hpp"
#include "fake/convolution.hpp"
#include "fake/library_objects.hpp"
#include "fake/properties.hpp"

#include <string_view>

namespace fake::cudnn {

using namespace rlx::simt::cudnn;

namespace {

constexpr int kBadParameter = 2000;
// Of any convolution; it is filled with a pattern, so that one that is not there is found.
constexpr size_t kWorkspaceBytes = 500;

struct Handle {
  void* stream = nullptr;
};

struct Operation {
  Window window;
  int compute = -1, math = 0;
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

double scale(const void* value, rlx_dtype dtype) {
  return dtype == RLX_DTYPE_F64 ? *static_cast<const double*>(value)
                                : static_cast<double>(*static_cast<const float*>(value));
}

int set_dims(Tensor& tensor, int type, int rank, const int* dims, const int* strides) {
  if (!dtype_of(type)) return kNotSupported;
  return tensor.set(dtype_of(type), rank, dims, strides) ? static_cast<int>(kSuccess) : kBadParameter;
}

// 0, or why the operands and the operation do not go together.
int check_shapes(const Tensor& x, const Tensor& w, const Operation& o, const Tensor& y) {
  if (!fit(x, w, o.window, y)) return kBadParameter;
  if ((o.compute == kDouble) != (x.dtype == RLX_DTYPE_F64)) return kNotSupported;
  const bool halves = x.dtype == RLX_DTYPE_F16 || x.dtype == RLX_DTYPE_BF16;
  return o.math == kTensorOps && !halves ? static_cast<int>(kNotSupported) : kSuccess;
}

}  // namespace

#define CUDNN_CALL(name, symbol, params, args) int name params;
#include "cudnn/calls.inc"
#undef CUDNN_CALL

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
  return set_dims(object<Tensor>(tensor), type, rank, dims, strides);
}
int tensor_destroy(void* tensor) {
  return destroy_object<Tensor>(tensor, kBadParameter);
}
int filter_create(void** filter) {
  return make_object<Tensor>(filter);
}
int filter_set(void* filter, int type, int format, int rank, const int* dims) {
  return format == kNchw ? set_dims(object<Tensor>(filter), type, rank, dims, nullptr)
                         : static_cast<int>(kNotSupported);
}
int filter_destroy(void* filter) {
  return destroy_object<Tensor>(filter, kBadParameter);
}

int convolution_create(void** convolution) {
  return make_object<Operation>(convolution);
}
int convolution_set(void* convolution, int axes, const int* pads, const int* strides, const int* dilations, int mode,
                    int compute) {
  if (mode != kCrossCorrelation) return kNotSupported;
  auto& o = object<Operation>(convolution);
  o.compute = compute;
  return o.window.set(axes, pads, strides, dilations) ? static_cast<int>(kSuccess) : kBadParameter;
}
int set_groups(void* convolution, int groups) {
  if (groups < 1) return kBadParameter;
  object<Operation>(convolution).window.groups = groups;
  return kSuccess;
}
int set_math(void* convolution, int math) {
  if (math != kDefaultMath && math != kTensorOps && math != kFma) return kBadParameter;
  object<Operation>(convolution).math = math;
  return kSuccess;
}
int convolution_destroy(void* convolution) {
  return destroy_object<Operation>(convolution, kBadParameter);
}

int heuristic(void* handle, void* x, void* w, void* convolution, void* y, int wanted, int* found, void* results) {
  if (!handle || wanted < 3) return kBadParameter;
  const auto& o = object<Operation>(convolution);
  if (const int why = check_shapes(object<Tensor>(x), object<Tensor>(w), o, object<Tensor>(y))) return why;
  constexpr int kWinograd = 6;
  // The best one loses digits and the next does not work: the third is to be taken.
  const Performance answers[] = {{kWinograd, kSuccess, 1, kWorkspaceBytes, 1, o.math, {}},
                                 {kGemm, kNotSupported, 1, 0, 1, o.math, {}},
                                 {kImplicitPrecomputedGemm, kSuccess, 2, kWorkspaceBytes, 1, o.math, {}}};
  std::memcpy(results, answers, sizeof answers);
  *found = 3;
  return kSuccess;
}

int convolve(void* handle, const void* alpha, void* x_tensor, const void* x, void* w_filter, const void* w,
             void* convolution, int algorithm, void* workspace, size_t workspace_bytes, const void* beta,
             void* y_tensor, void* y) {
  const auto& h = object<Handle>(handle);
  if (!h.stream || !alpha || !beta || !x || !w || !y || algorithm != kImplicitPrecomputedGemm) return kBadParameter;
  if (!workspace || workspace_bytes < kWorkspaceBytes) return kBadParameter;
  const auto& o = object<Operation>(convolution);
  Convolution c{object<Tensor>(x_tensor),
                object<Tensor>(w_filter),
                object<Tensor>(y_tensor),
                o.window,
                static_cast<const std::byte*>(x),
                static_cast<const std::byte*>(w),
                static_cast<std::byte*>(y),
                0,
                0};
  if (const int why = check_shapes(c.x, c.w, o, c.y)) return why;
  c.window.tf32 = c.x.dtype == RLX_DTYPE_F32 && o.math == kDefaultMath;
  c.alpha = scale(alpha, c.x.dtype);
  c.beta = scale(beta, c.x.dtype);
  const std::function<int()> work = [=] {
    std::memset(workspace, 0xab, kWorkspaceBytes);
    c.run();
    return kSuccess;
  };
  return rlx_fake_enqueue(h.stream, &work);
}

int add(void* handle, const void* alpha, void* a_tensor, const void* a, const void* beta, void* c_tensor, void* c) {
  const auto& h = object<Handle>(handle);
  if (!h.stream || !alpha || !a || !beta || !c) return kBadParameter;
  const rlx_dtype dtype = object<Tensor>(c_tensor).dtype;
  const Addition addition{object<Tensor>(a_tensor),   object<Tensor>(c_tensor), static_cast<const std::byte*>(a),
                          static_cast<std::byte*>(c), scale(alpha, dtype),      scale(beta, dtype)};
  if (!addition.fits()) return kBadParameter;
  const std::function<int()> work = [=] {
    addition.run();
    return kSuccess;
  };
  return rlx_fake_enqueue(h.stream, &work);
}

}  // namespace fake::cudnn

extern "C" {
// An object is freed even by a call that reports a failure, as the driver's are (driver_exports.cpp).
#define CUDNN_CALL(name, symbol, params, args)                           \
  FAKE_EXPORT int symbol params {                                        \
    const int asked = fake::count_call();                                \
    const bool frees = std::string_view(#name).ends_with("destroy");     \
    const int result = asked && !frees ? asked : fake::cudnn::name args; \
    return asked ? asked : result;                                       \
  }
#include "cudnn/calls.inc"
#undef CUDNN_CALL
}
