#include "host.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace rlx::ref {

namespace {
constexpr uint64_t kAlign = 64;
}  // namespace

HostBuffer::HostBuffer(uint64_t bytes) {
  // An empty tensor has an address, too.
  const uint64_t size = std::max<uint64_t>(bytes, 1);
  void* memory = host().alloc(host().ctx, size, kAlign, sdk::str("ref"));
  if (!memory) throw sdk::Error(RLX_RESOURCE_EXHAUSTED, "ref: cannot allocate " + std::to_string(size) + " bytes");
  std::memset(memory, 0, size);
  data_ = static_cast<std::byte*>(memory);
  bytes_ = size;
}

HostBuffer::~HostBuffer() {
  if (data_) host().free(host().ctx, data_, bytes_, sdk::str("ref"));
}

}  // namespace rlx::ref
