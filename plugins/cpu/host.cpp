#include "host.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <string>

namespace rlx::cpu {

namespace {
constexpr uint64_t kHugePage = 2u << 20;
}  // namespace

HostBuffer::HostBuffer(uint64_t bytes, uint64_t align) {
  const uint64_t size = std::max<uint64_t>(bytes, 1);
  // Weights and arenas are streamed through: large pages spare the translation buffer.
  const bool large = size >= 2 * kHugePage;
  void* memory = host().alloc(host().ctx, size, large ? kHugePage : align, sdk::str("cpu"));
  if (!memory)
    throw sdk::Error(RLX_RESOURCE_EXHAUSTED, "cpu: cannot allocate " + std::to_string(size) + " bytes of host memory");
  if (large) madvise(memory, size / kHugePage * kHugePage, MADV_HUGEPAGE);
  data_ = static_cast<std::byte*>(memory);
  bytes_ = size;
}

HostBuffer::~HostBuffer() {
  if (data_) host().free(host().ctx, data_, bytes_, sdk::str("cpu"));
}

}  // namespace rlx::cpu
