// Host tensors and element conversion.
#include <rlx/tensor.hpp>

#include <rlx/sdk/convert.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace rlx {
namespace {

constexpr size_t kAlign = 64;

std::shared_ptr<void> allocate(size_t bytes) {
  if (bytes > SIZE_MAX / 2) return nullptr;
  const size_t rounded = (bytes + kAlign - 1) / kAlign * kAlign;
  void* memory = std::aligned_alloc(kAlign, rounded ? rounded : kAlign);
  return memory ? std::shared_ptr<void>(memory, std::free) : nullptr;
}

// Bytes of a tensor that can exist.
Result<size_t> checked_bytes(const TensorType& type) {
  if (!is_valid(type.dtype))
    return error(Code::kInvalidArgument,
                 "tensor: dtype " + std::to_string(static_cast<uint32_t>(type.dtype)) + " does not exist");
  if (!type.shape.is_static()) return error(Code::kInvalidArgument, "tensor: " + to_string(type) + " is not static");
  size_t bytes = size_of(type.dtype);
  for (int64_t dim : type.shape)
    if (__builtin_mul_overflow(bytes, static_cast<size_t>(dim), &bytes))
      return error(Code::kResourceExhausted, "tensor: " + to_string(type) + " is larger than the address space");
  return bytes;
}

}  // namespace

Result<Tensor> Tensor::zeros(DType dtype, const Shape& shape) {
  Tensor t;
  t.type_ = {dtype, shape};
  RLX_ASSIGN(t.bytes_, checked_bytes(t.type_));
  t.data_ = allocate(t.bytes_);
  if (!t.data_) return error(Code::kResourceExhausted, "tensor: no memory for " + to_string(t.type_));
  std::memset(t.data_.get(), 0, t.bytes_);
  return t;
}

Result<Tensor> Tensor::from_bytes(DType dtype, const Shape& shape, const void* data, size_t bytes) {
  RLX_ASSIGN(const size_t expected, checked_bytes({dtype, shape}));
  if (bytes != expected)
    return error(Code::kInvalidArgument, "tensor: " + to_string(TensorType{dtype, shape}) + " has " +
                                             std::to_string(expected) + " bytes, got " + std::to_string(bytes));
  RLX_ASSIGN(Tensor t, zeros(dtype, shape));
  if (bytes) std::memcpy(t.data_.get(), data, bytes);
  return t;
}

Result<Tensor> Tensor::adopt(const TensorType& type, std::shared_ptr<void> data) {
  Tensor t;
  t.type_ = type;
  RLX_ASSIGN(t.bytes_, checked_bytes(type));
  if (!data && t.bytes_) return error(Code::kInvalidArgument, "tensor: no data for " + to_string(type));
  t.data_ = std::move(data);
  return t;
}

Result<Tensor> Tensor::copy() const {
  return from_bytes(type_.dtype, type_.shape, data_.get(), bytes_);
}

Result<Tensor> Tensor::to(DType dtype) const {
  RLX_ASSIGN(Tensor t, zeros(dtype, type_.shape));
  convert(type_.dtype, data_.get(), dtype, t.data_.get(), static_cast<size_t>(type_.shape.elements()));
  return t;
}

void convert(DType from, const void* src, DType to, void* dst, size_t count) {
  sdk::convert(static_cast<rlx_dtype>(from), src, static_cast<rlx_dtype>(to), dst, count);
}

}  // namespace rlx
