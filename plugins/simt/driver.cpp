// Opens the libraries once and turns their error numbers into codes.
#include "driver.hpp"

#include "opened.hpp"
#include "vendor.hpp"

#include <rlx/sdk/error.hpp>

namespace rlx::simt {

namespace {

rlx_code code_of(int result) {
  if (is_device_lost(result)) return RLX_DEVICE_LOST;
  switch (result) {
    case kOutOfMemory:
      return RLX_RESOURCE_EXHAUSTED;
    case kStubLibrary:
    case kNotInitialized:
      return RLX_DRIVER_MISSING;
    case kInsufficientDriver:
      return RLX_DRIVER_TOO_OLD;
    case kMismatch:
      return RLX_DRIVER_MISMATCH;
    case kNoDevice:
    case kInvalidDevice:
      return RLX_UNAVAILABLE;
    default:
      return RLX_INTERNAL;
  }
}

std::string_view meaning_of(int result) {
  if (is_device_lost(result)) return "the device is lost";
  switch (result) {
    case kOutOfMemory:
      return "out of device memory";
    case kStubLibrary:
      return "the library is a stub for linking, not a driver";
    case kInsufficientDriver:
      return "the driver is older than the toolkit";
    case kMismatch:
      return "the kernel module and the library are of different versions";
    case kNoDevice:
    case kInvalidDevice:
      return "no such device";
    default:
      return "the driver refused";
  }
}

}  // namespace

bool is_device_lost(int result) {
  switch (result) {
    case kEccUncorrectable:
    case kIllegalAddress:
    case kLaunchTimeOut:
    case kAssert:
    case kHardwareStack:
    case kIllegalInstruction:
    case kMisalignedAddress:
    case kInvalidAddressSpace:
    case kInvalidPc:
    case kLaunchFailed:
      return true;
    default:
      return false;
  }
}

void throw_driver_error(const char* symbol, int result) {
  const bool sticky = is_device_lost(result), old = result == kInsufficientDriver || result == kMismatch;
  sdk::Error error(
      code_of(result),
      std::string(symbol) + ": " + std::string(meaning_of(result)) + " (error " + std::to_string(result) + ")",
      sticky ? "release what was compiled for the device, then compile again; or leave the device out"
      : old || result == kStubLibrary ? std::string(vendor().driver_remedy)
                                      : std::string(),
      result, std::string(vendor().id));
  if (sticky) error.flags = RLX_STATUS_STICKY | RLX_STATUS_DEVICE_LOST;
  if (result == kOutOfMemory) error.flags = RLX_STATUS_RETRIABLE;
  throw error;
}

const Driver& driver() {
  static const Opened<Driver> opened("driver library", vendor().driver_libraries, vendor().driver_remedy,
                                     vendor().load_driver);
  return opened.get();
}

const Compiler& compiler() {
  static const Opened<Compiler> opened("run-time compiler", vendor().compiler_libraries, vendor().compiler_remedy,
                                       vendor().load_compiler);
  return opened.get();
}

}  // namespace rlx::simt
