#include "onednn/desc.hpp"

#include "onednn/onednn.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

namespace rlx::cpu::onednn {

namespace {

constexpr const char* kStep = "memory descriptor";

struct Dims {
  explicit Dims(std::span<const uint64_t> dims) : rank(static_cast<int>(dims.size())) {
    if (dims.size() > DNNL_MAX_NDIMS) check(dnnl_invalid_arguments, kStep);
    std::copy(dims.begin(), dims.end(), values);
  }
  int rank;
  dnnl_dims_t values{};
};

}  // namespace

#if DNNL_VERSION_MAJOR >= 3

Desc Desc::by_tag(std::span<const uint64_t> dims, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  const Dims d(dims);
  dnnl_memory_desc_t desc = nullptr;
  check(dnnl_memory_desc_create_with_tag(&desc, d.rank, d.values, type, tag), kStep);
  return Desc(desc);
}

Desc Desc::by_strides(std::span<const uint64_t> dims, dnnl_data_type_t type, std::span<const dnnl_dim_t> strides) {
  const Dims d(dims);
  dnnl_dims_t s{};
  std::copy(strides.begin(), strides.end(), s);
  dnnl_memory_desc_t desc = nullptr;
  check(dnnl_memory_desc_create_with_strides(&desc, d.rank, d.values, type, s), kStep);
  return Desc(desc);
}

Desc Desc::copy_of(Handle borrowed) {
  dnnl_memory_desc_t desc = nullptr;
  check(dnnl_memory_desc_clone(&desc, borrowed), kStep);
  return Desc(desc);
}

Desc::Handle Desc::get() const {
  return value_.get();
}

#else

Desc Desc::by_tag(std::span<const uint64_t> dims, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  const Dims d(dims);
  Desc desc;
  check(dnnl_memory_desc_init_by_tag(&desc.value_, d.rank, d.values, type, tag), kStep);
  return desc;
}

Desc Desc::by_strides(std::span<const uint64_t> dims, dnnl_data_type_t type, std::span<const dnnl_dim_t> strides) {
  const Dims d(dims);
  Desc desc;
  check(dnnl_memory_desc_init_by_strides(&desc.value_, d.rank, d.values, type, strides.data()), kStep);
  return desc;
}

Desc Desc::copy_of(Handle borrowed) {
  Desc desc;
  desc.value_ = *borrowed;
  return desc;
}

Desc::Handle Desc::get() const {
  return &value_;
}

#endif

// Only oneDNN can compare all that a descriptor holds, and neither 2 nor 3.1 tells all of it.
std::string Desc::key() const {
  static std::mutex mutex;
  static std::vector<Desc>& known = *new std::vector<Desc>;  // as many as there are distinct layouts of weights
  const std::lock_guard lock(mutex);
  const auto it = std::find(known.begin(), known.end(), *this);
  const size_t index = static_cast<size_t>(it - known.begin());
  if (it == known.end()) known.push_back(*this);
  return std::to_string(index);
}

}  // namespace rlx::cpu::onednn
