// One GPU: its primary context, what it can do, and the pool its arenas come from.
#pragma once

#include "driver.hpp"
#include "memory.hpp"

#include <rlx/sdk/pool.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace rlx::simt {

class Device {
 public:
  // Reads what does not change; opens no context yet. Throws sdk::Error.
  explicit Device(int ordinal);

  // Makes the device's primary context, retained once, the calling thread's. Threads: any. Throws what the driver
  // throws, FAILED_PRECONDITION in a process that was forked after the driver was opened.
  void make_current();
  // Counts what is compiled for the device while it lives. The first one opens a lost device anew; while others are
  // left of before it was lost, this throws DEVICE_LOST. Threads: any.
  class Lease {
   public:
    explicit Lease(Device& device);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();

   private:
    Device& device_;
  };
  // For freeing, which is tried whatever happens: a device that is gone took everything with it.
  void try_make_current() noexcept;
  // Free and total memory as the driver reports them now. Threads: any.
  void memory(uint64_t& free, uint64_t& total);
  sdk::Pool<DeviceBuffer>& pool();

  int ordinal() const { return ordinal_; }
  const std::string& name() const { return name_; }
  const std::string& arch() const { return arch_; }
  const std::string& features() const { return features_; }  // "warp32 cc9.0 mig"
  const std::string& driver_text() const { return driver_text_; }
  const std::array<uint8_t, 16>& uuid() const { return uuid_; }
  uint32_t warp() const { return warp_; }
  uint32_t multiprocessors() const { return multiprocessors_; }
  bool integrated() const { return integrated_; }
  uint32_t pci_domain() const { return pci_domain_; }
  uint32_t pci_bus_device_function() const { return pci_bus_device_; }
  uint64_t total_memory() const { return total_memory_; }

 private:
  int attribute(int number) const;
  void reopen_if_lost();  // under lease_mutex_

  int ordinal_, handle_ = 0;
  std::string name_, arch_, features_, driver_text_;
  std::array<uint8_t, 16> uuid_{};
  uint32_t warp_ = 0, multiprocessors_ = 0, pci_domain_ = 0, pci_bus_device_ = 0;
  uint64_t total_memory_ = 0;
  bool integrated_ = false;

  std::mutex mutex_, lease_mutex_;
  std::atomic<void*> context_{nullptr};  // written under mutex_
  uint32_t leases_ = 0;
  std::unique_ptr<sdk::Pool<DeviceBuffer>> pool_;
};

// All devices, in the driver's order; made once, never destroyed. Throws what opening the driver throws; no device is
// an empty list. Threads: any.
const std::vector<std::unique_ptr<Device>>& devices();

}  // namespace rlx::simt
