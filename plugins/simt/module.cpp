#include "module.hpp"

#include "build.hpp"
#include "kernel_cache.hpp"
#include "vendor.hpp"

namespace rlx::simt {

Module::Module(Device& device, const std::string& source) : device_(device) {
  const BuildRequest request{source, vendor().compile_options(device.arch(), device.warp()), device.driver_text()};
  device.make_current();
  if (const std::string kept = load_kernel(request); !kept.empty()) {
    // A file of the right form may still hold what this driver refuses; it is built anew.
    if (driver().module_load.raw(&handle_, kept.data()) == 0) return;
  }
  const std::string code = build_kernel(request);
  keep_kernel(request, code);
  driver().module_load(&handle_, code.data());
}

Module::~Module() {
  device_.try_make_current();
  driver().module_unload.raw(handle_);
}

void* Module::function(const std::string& entry) const {
  void* function = nullptr;
  driver().module_function(&function, handle_, entry.c_str());
  return function;
}

}  // namespace rlx::simt
