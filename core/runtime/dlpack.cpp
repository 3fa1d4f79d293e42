#include <rlx/dlpack.hpp>
#include <rlx/guard.hpp>

#include <cstring>
#include <optional>

namespace rlx {
namespace {

struct Exported {
  DLManagedTensorVersioned managed{};
  Tensor tensor;
  std::array<int64_t, kMaxRank> shape{};
  std::array<int64_t, kMaxRank> strides{};
};

DLDataType to_dl(DType t) {
  uint8_t code = kDLFloat;
  if (is_signed_int(t)) code = kDLInt;
  if (is_unsigned_int(t)) code = kDLUInt;
  if (t == DType::kBF16) code = kDLBfloat;
  if (t == DType::kC64) code = kDLComplex;
  if (t == DType::kBool) code = kDLBool;
  return {code, static_cast<uint8_t>(size_of(t) * 8), 1};
}

std::optional<DType> from_dl(DLDataType t) {
  for (uint32_t i = kDTypeMin; i <= kDTypeMax; ++i) {
    const DLDataType known = to_dl(static_cast<DType>(i));
    if (known.code == t.code && known.bits == t.bits && known.lanes == t.lanes) return static_cast<DType>(i);
  }
  return std::nullopt;
}

bool is_host_memory(DLDeviceType t) {
  return t == kDLCPU || t == kDLCUDAHost || t == kDLROCMHost;
}

bool is_dense(const DLTensor& t, const Shape& shape) {
  if (!t.strides || shape.elements() <= 1) return true;
  const auto dense = shape.strides();
  for (size_t i = 0; i < shape.rank(); ++i)
    if (shape[i] != 1 && t.strides[i] != dense[i]) return false;
  return true;
}

// Element by element in row-major order.
void gather_strided(const DLTensor& t, const Shape& shape, size_t element, const char* src, char* dst) {
  std::array<int64_t, kMaxRank> at{};
  for (int64_t n = 0; n < shape.elements(); ++n) {
    int64_t offset = 0;
    for (size_t i = 0; i < shape.rank(); ++i) offset += at[i] * t.strides[i];
    std::memcpy(dst + static_cast<size_t>(n) * element, src + offset * static_cast<int64_t>(element), element);
    for (size_t i = shape.rank(); i-- > 0;) {
      if (++at[i] < shape[i]) break;
      at[i] = 0;
    }
  }
}

void release(DLManagedTensorVersioned* managed) {
  if (managed->deleter) managed->deleter(managed);
}

// Gives the foreign tensor back once it has become ours.
struct Imported {
  Imported() = default;
  Imported(const Imported&) = delete;
  Imported& operator=(const Imported&) = delete;
  ~Imported() {
    if (managed) release(managed);
  }
  DLManagedTensorVersioned* managed = nullptr;
};

Result<TensorType> type_of(const DLManagedTensorVersioned& m) {
  if (m.version.major != DLPACK_MAJOR_VERSION)
    return error(Code::kAbiMismatch, "dlpack: version " + std::to_string(m.version.major) + "." +
                                         std::to_string(m.version.minor) + ", this build takes " +
                                         std::to_string(DLPACK_MAJOR_VERSION) + ".x");
  const DLTensor& t = m.dl_tensor;
  if (!is_host_memory(t.device.device_type))
    return error(Code::kUnimplemented,
                 "dlpack: memory of device type " + std::to_string(t.device.device_type) + " is not the host's");
  const std::optional<DType> dtype = from_dl(t.dtype);
  if (!dtype)
    return error(Code::kUnimplemented, "dlpack: no dtype of code " + std::to_string(t.dtype.code) + ", " +
                                           std::to_string(t.dtype.bits) + " bits and " + std::to_string(t.dtype.lanes) +
                                           " lanes");
  if (t.ndim < 0 || static_cast<size_t>(t.ndim) > kMaxRank)
    return error(Code::kInvalidArgument, "dlpack: rank " + std::to_string(t.ndim));
  for (int32_t i = 0; i < t.ndim; ++i)
    if (t.shape[i] < 0) return error(Code::kInvalidArgument, "dlpack: dim " + std::to_string(t.shape[i]));
  RLX_ASSIGN(const Shape shape, Shape::make({t.shape, static_cast<size_t>(t.ndim)}));
  return TensorType{*dtype, shape};
}

}  // namespace

Result<DLManagedTensorVersioned*> to_dlpack(Tensor tensor) {
  return guarded([&]() -> Result<DLManagedTensorVersioned*> {
    auto out = std::make_unique<Exported>();
    out->tensor = std::move(tensor);
    const Shape& shape = out->tensor.shape();
    out->strides = shape.strides();
    for (size_t i = 0; i < shape.rank(); ++i) out->shape[i] = shape[i];
    DLManagedTensorVersioned& m = out->managed;
    m.version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
    m.manager_ctx = out.get();
    m.deleter = [](DLManagedTensorVersioned* self) { delete static_cast<Exported*>(self->manager_ctx); };
    m.dl_tensor.data = out->tensor.data();
    m.dl_tensor.device = {kDLCPU, 0};
    m.dl_tensor.ndim = static_cast<int32_t>(shape.rank());
    m.dl_tensor.dtype = to_dl(out->tensor.dtype());
    m.dl_tensor.shape = out->shape.data();
    m.dl_tensor.strides = out->strides.data();
    return &out.release()->managed;
  });
}

Result<Tensor> from_dlpack(DLManagedTensorVersioned* managed) {
  if (!managed) return error(Code::kInvalidArgument, "dlpack: no tensor");
  return guarded([&]() -> Result<Tensor> {
    RLX_ASSIGN(const TensorType type, type_of(*managed));
    const DLTensor& t = managed->dl_tensor;
    char* data = static_cast<char*>(t.data) + t.byte_offset;
    const bool read_only = managed->flags & DLPACK_FLAG_BITMASK_READ_ONLY;
    if (is_dense(t, type.shape) && !read_only) {
      const auto owner = std::make_shared<Imported>();
      RLX_ASSIGN(Tensor shared, Tensor::adopt(type, std::shared_ptr<void>(owner, data)));
      owner->managed = managed;
      return shared;
    }
    RLX_ASSIGN(Tensor copy, Tensor::zeros(type.dtype, type.shape));
    if (is_dense(t, type.shape)) {
      if (copy.bytes()) std::memcpy(copy.data(), data, copy.bytes());
    } else {
      gather_strided(t, type.shape, size_of(type.dtype), data, static_cast<char*>(copy.data()));
    }
    release(managed);
    return copy;
  });
}

}  // namespace rlx
