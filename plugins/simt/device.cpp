#include "device.hpp"

#include "vendor.hpp"

#include <rlx/sdk/error.hpp>

#include <unistd.h>

namespace rlx::simt {

namespace {
constexpr size_t kNameBytes = 256;

// The process that the driver was opened in; a child of it has the driver's memory, but not its threads and handles.
pid_t opened_by = 0;
}  // namespace

Device::Device(int ordinal) : ordinal_(ordinal) {
  const Driver& d = driver();
  d.device_get(&handle_, ordinal);
  char name[kNameBytes] = {};
  d.device_name(name, sizeof name - 1, handle_);
  name_ = name;
  size_t bytes = 0;
  d.device_memory(&bytes, handle_);
  total_memory_ = bytes;
  d.device_uuid(uuid_.data(), handle_);
  const AttributeNumbers& numbers = vendor().attributes;
  warp_ = static_cast<uint32_t>(attribute(numbers.warp));
  multiprocessors_ = static_cast<uint32_t>(attribute(numbers.multiprocessors));
  integrated_ = attribute(numbers.integrated) != 0;
  pci_domain_ = static_cast<uint32_t>(attribute(numbers.pci_domain));
  pci_bus_device_ = static_cast<uint32_t>(attribute(numbers.pci_bus) << 8 | attribute(numbers.pci_device) << 3);
  arch_ = vendor().arch(d, handle_);
  features_ = "warp" + std::to_string(warp_);
  if (const std::string more = vendor().features(d, handle_); !more.empty()) features_ += " " + more;
  int version = 0;
  d.driver_version(&version);
  driver_text_ = vendor().version_text(version);
}

int Device::attribute(int number) const {
  int value = 0;
  driver().device_attribute(&value, number, handle_);
  return value;
}

void Device::make_current() {
  if (getpid() != opened_by)
    throw sdk::Error(RLX_FAILED_PRECONDITION,
                     std::string(vendor().id) + ": process " + std::to_string(getpid()) + " was forked after process " +
                         std::to_string(opened_by) + " opened the driver",
                     "open devices after the fork, or start the child with exec");
  if (!context_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(mutex_);
    void* retained = context_;
    if (!retained) driver().context_retain(&retained, handle_);
    context_ = retained;
  }
  driver().context_set(context_);
}

// The driver is asked, because any call of any thread may have been the one that met the fault.
void Device::reopen_if_lost() {
  make_current();
  size_t free_bytes = 0, total_bytes = 0;
  const int result = driver().memory_info.raw(&free_bytes, &total_bytes);
  if (!is_device_lost(result)) return;
  if (leases_ > 0)
    throw_driver_error((std::string(vendor().id) + ":" + std::to_string(ordinal_) + ": " + std::to_string(leases_) +
                        " executables from before are not released: " + driver().memory_info.symbol)
                           .c_str(),
                       result);
  pool().trim(0);
  const std::lock_guard lock(mutex_);
  driver().context_reset(handle_);
  context_ = nullptr;
}

Device::Lease::Lease(Device& device) : device_(device) {
  const std::lock_guard lock(device.lease_mutex_);
  device.reopen_if_lost();
  ++device.leases_;
}

Device::Lease::~Lease() {
  const std::lock_guard lock(device_.lease_mutex_);
  --device_.leases_;
}

void Device::try_make_current() noexcept {
  try {
    make_current();
  } catch (...) {
    // Another context of this device may be current still, and frees as well.
  }
}

void Device::memory(uint64_t& free, uint64_t& total) {
  make_current();
  size_t free_bytes = 0, total_bytes = 0;
  driver().memory_info(&free_bytes, &total_bytes);
  free = free_bytes;
  total = total_bytes;
}

sdk::Pool<DeviceBuffer>& Device::pool() {
  const std::lock_guard lock(mutex_);
  if (!pool_)
    pool_ = std::make_unique<sdk::Pool<DeviceBuffer>>(total_memory_ / 8,
                                                      [this](uint64_t bytes) { return DeviceBuffer(*this, bytes); });
  return *pool_;
}

const std::vector<std::unique_ptr<Device>>& devices() {
  static const std::vector<std::unique_ptr<Device>>& all = *[] {
    auto found = std::make_unique<std::vector<std::unique_ptr<Device>>>();
    int count = 0;
    const int result = driver().init.raw(0);
    // HIP 5 says so on a machine without a GPU.
    if (result == kNoDevice || result == kInvalidDevice) return found.release();
    if (result) throw_driver_error(driver().init.symbol, result);
    opened_by = getpid();
    const int counted = driver().device_count.raw(&count);
    if (counted == kNoDevice) return found.release();
    if (counted) throw_driver_error(driver().device_count.symbol, counted);
    for (int i = 0; i < count; ++i) found->push_back(std::make_unique<Device>(i));
    return found.release();
  }();
  return all;
}

}  // namespace rlx::simt
