// Host tensors: borrowed views for I/O, an owning Tensor, and DLPack exchange (dlpack.hpp).
#pragma once

#include <rlx/attribute.hpp>

#include <memory>

namespace rlx {

// Borrowed, read-only, dense row-major bytes.
struct TensorView {
  TensorType type;
  const void* data = nullptr;
  size_t bytes = 0;
};

// Borrowed, writable.
struct MutableTensorView {
  TensorType type;
  void* data = nullptr;
  size_t bytes = 0;
  operator TensorView() const { return {type, data, bytes}; }
};

// Owns 64-byte aligned host memory. A copied object shares the memory; copy() does not.
class Tensor {
 public:
  Tensor() = default;
  // Zero-filled. Errors: shape not static, RESOURCE_EXHAUSTED.
  RLX_API static Result<Tensor> zeros(DType dtype, const Shape& shape);
  // Copies size_of(dtype) * elements bytes. INVALID_ARGUMENT when bytes differs from that.
  RLX_API static Result<Tensor> from_bytes(DType dtype, const Shape& shape, const void* data, size_t bytes);
  // Shares memory that data keeps alive: type.bytes() bytes, dense row-major. Errors: shape not static, null data.
  RLX_API static Result<Tensor> adopt(const TensorType& type, std::shared_ptr<void> data);
  template <typename T>
  static Result<Tensor> of(DType dtype, const Shape& shape, std::span<const T> values) {
    return from_bytes(dtype, shape, values.data(), values.size_bytes());
  }
  RLX_API Result<Tensor> copy() const;
  // The same values in another dtype by the rules of the op `cast`.
  RLX_API Result<Tensor> to(DType dtype) const;

  const TensorType& type() const { return type_; }
  DType dtype() const { return type_.dtype; }
  const Shape& shape() const { return type_.shape; }
  size_t bytes() const { return bytes_; }
  void* data() { return data_.get(); }
  const void* data() const { return data_.get(); }
  template <typename T>
  std::span<T> as() {
    return {static_cast<T*>(data_.get()), bytes_ / sizeof(T)};
  }
  template <typename T>
  std::span<const T> as() const {
    return {static_cast<const T*>(data_.get()), bytes_ / sizeof(T)};
  }
  TensorView view() const { return {type_, data_.get(), bytes_}; }
  MutableTensorView view() { return {type_, data_.get(), bytes_}; }

 private:
  TensorType type_;
  std::shared_ptr<void> data_;
  size_t bytes_ = 0;
};

// Converts count elements by the rules of the op `cast`. Ranges do not overlap; any alignment.
RLX_API void convert(DType from, const void* src, DType to, void* dst, size_t count);

}  // namespace rlx
