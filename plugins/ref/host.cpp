// Keeps the host table and allocates through it.
#include "host.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>

namespace rlx::ref {

namespace {
// The entry may be called again while contexts run.
std::atomic<const rlx_host_v1*> the_host{nullptr};
constexpr uint64_t kAlign = 64;
}  // namespace

const rlx_host_v1& host() {
  return *the_host;
}

void set_host(const rlx_host_v1* host) {
  the_host = host;
}

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
