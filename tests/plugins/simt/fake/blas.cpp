// The calls of the stand-in for a library of products.
#include "fake/blas.hpp"

#include "fake/library_objects.hpp"

#include <bit>
#include <cstring>
#include <functional>
#include <string_view>

namespace fake::blas {

using namespace rlx::simt;

namespace {

constexpr uint64_t kMagic = 0x726c782d626c6173;
// Of any product; it is filled with a pattern, so that one that is not there is found.
constexpr size_t kWorkspaceBytes = 1000;

// What the opaque bytes of an algorithm hold here.
struct Algorithm {
  uint64_t magic;
  uint32_t alignment;
};
static_assert(sizeof(Algorithm) <= kNumbers.algorithm_bytes);

struct Preference {
  uint64_t workspace_bytes = 0;
  uint32_t alignment = 256;
};
struct Handle {};

// An attribute of a size of its own.
template <typename T>
int set(T& field, const void* value, size_t bytes) {
  if (!value || bytes != sizeof field) return kInvalidValue;
  std::memcpy(&field, value, sizeof field);
  return kSuccess;
}

bool is_type(int type) {
  return type == kBlasF32 || type == kBlasF64 || type == kBlasF16 || type == kBlasBf16;
}

}  // namespace

int create(void** handle) {
  return make_object<Handle>(handle);
}
int destroy(void* handle) {
  return destroy_object<Handle>(handle, kInvalidValue);
}

int layout_create(void** layout, int type, uint64_t rows, uint64_t columns, int64_t leading) {
  if (!is_type(type)) return kNotSupported;
  if (rows == 0 || columns == 0 || leading < static_cast<int64_t>(rows)) return kInvalidValue;
  return make_object<Layout>(layout, type, rows, columns, leading);
}
int layout_destroy(void* layout) {
  return destroy_object<Layout>(layout, kInvalidValue);
}
int layout_set(void* layout, int attribute, const void* value, size_t bytes) {
  if (attribute == kNumbers.layout_batches) return set(object<Layout>(layout).batches, value, bytes);
  if (attribute == kNumbers.layout_batch_stride) return set(object<Layout>(layout).batch_stride, value, bytes);
  return kNotSupported;
}

int product_create(void** product, int compute, int scale) {
  if (compute != kNumbers.compute_f32 && compute != kNumbers.compute_tf32 && compute != kNumbers.compute_f64)
    return kNotSupported;
  return make_object<Operation>(product, compute, scale);
}
int product_destroy(void* product) {
  return destroy_object<Operation>(product, kInvalidValue);
}
int product_set(void* product, int attribute, const void* value, size_t bytes) {
  auto& o = object<Operation>(product);
  if (attribute == kNumbers.product_trans_a) return set(o.trans_a, value, bytes);
  if (attribute == kNumbers.product_trans_b) return set(o.trans_b, value, bytes);
  if (attribute == kNumbers.product_epilogue) return set(o.epilogue, value, bytes);
  if (attribute == kNumbers.product_bias) return set(o.bias, value, bytes);
  return kNotSupported;
}

int preference_create(void** preference) {
  return make_object<Preference>(preference);
}
int preference_destroy(void* preference) {
  return destroy_object<Preference>(preference, kInvalidValue);
}
int preference_set(void* preference, int attribute, const void* value, size_t bytes) {
  auto& p = object<Preference>(preference);
  if (attribute == kNumbers.preference_workspace) return set(p.workspace_bytes, value, bytes);
  const int first = kNumbers.preference_alignment;
  if (first == BlasNumbers::kNone || attribute < first || attribute >= first + 4) return kNotSupported;
  uint32_t alignment = 0;
  if (set(alignment, value, bytes) || !std::has_single_bit(alignment)) return kInvalidValue;
  p.alignment = std::min(p.alignment, alignment);
  return kSuccess;
}

int heuristic(void* handle, void* product, void* a, void* b, void* c, void* d, void* preference, int wanted,
              void* results, int* found) {
  if (!handle || wanted < 1 || !results || !found) return kInvalidValue;
  *found = 0;
  if (const int why = check_shapes(object<Operation>(product), object<Layout>(a), object<Layout>(b), object<Layout>(c),
                                   object<Layout>(d)))
    return why;
  const auto& p = object<Preference>(preference);
  if (p.workspace_bytes < kWorkspaceBytes) return kSuccess;
  // A library that is not told of alignment asks for what elements need.
  const Algorithm algorithm{kMagic, kNumbers.preference_alignment == BlasNumbers::kNone ? 2 : p.alignment};
  const BlasChoiceTail tail{kWorkspaceBytes, kSuccess, 1, {}};
  std::memcpy(results, &algorithm, sizeof algorithm);
  std::memcpy(static_cast<std::byte*>(results) + kNumbers.algorithm_bytes, &tail, sizeof tail);
  *found = 1;
  return kSuccess;
}

int matmul(void* handle, void* product, const void* alpha, const void* a, void* a_layout, const void* b, void* b_layout,
           const void* beta, const void* c, void* c_layout, void* d, void* d_layout, const void* algorithm,
           void* workspace, size_t workspace_bytes, void* stream) {
  if (!handle || !alpha || !beta || !a || !b || !d || !stream || !algorithm) return kInvalidValue;
  Algorithm chosen;
  std::memcpy(&chosen, algorithm, sizeof chosen);
  if (chosen.magic != kMagic || !workspace || workspace_bytes < kWorkspaceBytes) return kInvalidValue;
  Product p{object<Operation>(product),
            object<Layout>(a_layout),
            object<Layout>(b_layout),
            object<Layout>(c_layout),
            object<Layout>(d_layout),
            static_cast<const std::byte*>(a),
            static_cast<const std::byte*>(b),
            static_cast<const std::byte*>(c),
            static_cast<std::byte*>(d),
            0,
            0};
  if (const int why = check_shapes(p.operation, p.a, p.b, p.c, p.d)) return why;
  for (const void* address : {a, b, c, static_cast<const void*>(d)})
    if (reinterpret_cast<uintptr_t>(address) % chosen.alignment != 0) return kInvalidValue;
  if ((p.operation.epilogue & kEpilogueBias) && p.operation.bias == 0) return kInvalidValue;
  const auto scale = [&](const void* value) {
    return p.operation.scale == kBlasF64 ? *static_cast<const double*>(value)
                                         : static_cast<double>(*static_cast<const float*>(value));
  };
  p.alpha = scale(alpha);
  p.beta = scale(beta);
  const std::function<int()> work = [=] {
    std::memset(workspace, 0xab, kWorkspaceBytes);
    p.run();
    return kSuccess;
  };
  return rlx_fake_enqueue(stream, &work);
}

}  // namespace fake::blas

extern "C" {
// An object is freed even by a call that reports a failure, as the driver's are (driver_exports.cpp).
#define SIMT_CALL(name, cuda, hip, params, args)                        \
  FAKE_EXPORT int FAKE_SYMBOL(cuda, hip) params {                       \
    const int asked = fake::count_call();                               \
    const bool frees = std::string_view(#name).ends_with("destroy");    \
    const int result = asked && !frees ? asked : fake::blas::name args; \
    return asked ? asked : result;                                      \
  }
#include "blas/blas_calls.inc"
#undef SIMT_CALL
}
