#include "memory.hpp"

#include "device.hpp"
#include "vendor.hpp"

#include <algorithm>

namespace rlx::simt {

namespace {

constexpr int kOutOfMemory = 2;

void check_allocated(int result, const char* symbol, uint64_t bytes, const char* kind) {
  if (result == 0) return;
  if (result != kOutOfMemory) throw_driver_error(symbol, result);
  sdk::Error error(RLX_RESOURCE_EXHAUSTED,
                   std::string(vendor().id) + ": cannot allocate " + std::to_string(bytes) + " bytes of " + kind,
                   "use smaller inputs or fewer contexts", result, std::string(vendor().id));
  error.flags = RLX_STATUS_RETRIABLE;
  throw error;
}

}  // namespace

DeviceBuffer::DeviceBuffer(Device& device, uint64_t bytes) : device_(&device), bytes_(std::max<uint64_t>(bytes, 1)) {
  device.make_current();
  check_allocated(driver().memory_alloc.raw(&address_, bytes_), driver().memory_alloc.symbol, bytes_, "device memory");
}

DeviceBuffer::~DeviceBuffer() {
  if (!address_) return;
  device_->try_make_current();
  driver().memory_free.raw(address_);
}

PinnedBuffer::PinnedBuffer(Device& device, uint64_t bytes) : device_(device), bytes_(bytes) {
  device.make_current();
  check_allocated(driver().host_alloc.raw(&data_, bytes, 0), driver().host_alloc.symbol, bytes, "page-locked memory");
}

PinnedBuffer::~PinnedBuffer() {
  device_.try_make_current();
  driver().host_free.raw(data_);
}

}  // namespace rlx::simt
