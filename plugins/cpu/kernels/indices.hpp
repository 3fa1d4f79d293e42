// Reading index tensors: i32 or i64, negative from the end, out of range reported and skipped.
#pragma once

#include "kernel.hpp"

#include <cstdint>

namespace rlx::cpu {

class Indices {
 public:
  Indices() = default;
  explicit Indices(const rlx_tensor& t) : wide_(t.dtype == RLX_DTYPE_I64) {}

  int64_t raw(const std::byte* data, uint64_t i) const {
    return wide_ ? reinterpret_cast<const int64_t*>(data)[i] : reinterpret_cast<const int32_t*>(data)[i];
  }
  // The index within [0, size), or -1 after reporting.
  int64_t read(const Run& r, const std::byte* data, uint64_t i, int64_t size) const {
    const int64_t given = raw(data, i), at = given < 0 ? given + size : given;
    if (at >= 0 && at < size) return at;
    r.out_of_range(given, size);
    return -1;
  }

 private:
  bool wide_ = false;
};

}  // namespace rlx::cpu
