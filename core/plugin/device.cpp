// The public handle of a device.
#include "plugin/device.hpp"

#include "plugin/enumerate.hpp"

namespace rlx {

const DeviceInfo& Device::info() const {
  static const auto& kNone = *new DeviceInfo;
  return impl_ ? impl_->info : kNone;
}

Result<DeviceInfo> Device::refresh() const {
  if (!impl_) return error(Code::kFailedPrecondition, "device: the handle is empty");
  RLX_ASSIGN(DeviceInfo fresh, plugin::read_device_info(impl_->device_table, impl_->handle));
  fresh.id = impl_->info.id;
  fresh.plugin = impl_->info.plugin;
  return fresh;
}

}  // namespace rlx
