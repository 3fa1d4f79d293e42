// Memory descriptors as values, the same for oneDNN 2 (a struct) and oneDNN 3 (an opaque handle).
#pragma once

#include <dnnl.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace rlx::cpu::onednn {

class Desc {
 public:
#if DNNL_VERSION_MAJOR >= 3
  using Handle = const_dnnl_memory_desc_t;
#else
  using Handle = const dnnl_memory_desc_t*;
#endif

  Desc() = default;
  // Both throw sdk::Error when oneDNN refuses. Strides in elements.
  static Desc by_tag(std::span<const uint64_t> dims, dnnl_data_type_t type, dnnl_format_tag_t tag);
  static Desc by_strides(std::span<const uint64_t> dims, dnnl_data_type_t type, std::span<const dnnl_dim_t> strides);
  // Of a descriptor that oneDNN lends.
  static Desc copy_of(Handle borrowed);

  // For oneDNN's functions; lives as long as this object.
  Handle get() const;
  // Padding included.
  uint64_t bytes() const {
    return dnnl_memory_desc_get_size(get());
  }
  bool operator==(const Desc& other) const {
    return dnnl_memory_desc_equal(get(), other.get()) != 0;
  }
  // Equal descriptors have equal keys within a process.
  std::string key() const;

 private:
#if DNNL_VERSION_MAJOR >= 3
  explicit Desc(dnnl_memory_desc_t owned) : value_(owned, dnnl_memory_desc_destroy) {}
  std::shared_ptr<dnnl_memory_desc> value_;  // never changed, so copies share it
#else
  dnnl_memory_desc_t value_{};
#endif
};

}  // namespace rlx::cpu::onednn
