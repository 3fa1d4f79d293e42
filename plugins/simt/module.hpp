// Compiled kernels, loaded into a device.
#pragma once

#include "device.hpp"

#include <string>

namespace rlx::simt {

class Module {
 public:
  // Compiles the source for the device, or takes it from the cache. Throws UNIMPLEMENTED for an architecture that the
  // compiler does not know, INTERNAL with its log, and what the driver throws.
  Module(Device& device, const std::string& source);
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  ~Module();

  // The kernel of an entry.
  void* function(const std::string& entry) const;

 private:
  Device& device_;
  void* handle_ = nullptr;
};

}  // namespace rlx::simt
