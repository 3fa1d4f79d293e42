// The driver and the run-time compiler as tables of calls, opened when they are first needed. A call that fails throws
// an sdk::Error with the vendor's number and a code of the ABI.
#pragma once

#include "device/params.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace rlx::simt {

using ::simt::Address;

// What a call of the driver answers; 0 is fine. The numbers that matter mean the same in both interfaces.
enum DriverResult {
  kOutOfMemory = 2,
  kNotInitialized = 3,
  kStubLibrary = 34,
  kInsufficientDriver = 35,
  kNoDevice = 100,
  kInvalidDevice = 101,
  kEccUncorrectable = 214,
  kIllegalAddress = 700,
  kLaunchTimeOut = 702,
  kAssert = 710,
  kHardwareStack = 714,
  kIllegalInstruction = 715,
  kMisalignedAddress = 716,
  kInvalidAddressSpace = 717,
  kInvalidPc = 718,
  kLaunchFailed = 719,
  kMismatch = 803,
};

// Throws the Error for a result that is not 0; out of memory, a lost device and the rest have codes of their own.
[[noreturn]] void throw_driver_error(const char* symbol, int result);

// Whether nothing works on the device any more until its context is made anew.
bool is_device_lost(int result);

template <typename Signature>
struct Call;
template <typename... Args>
struct Call<int(Args...)> {
  int (*function)(Args...) = nullptr;
  const char* symbol = "";

  void operator()(Args... args) const {
    if (const int result = function(args...)) throw_driver_error(symbol, result);
  }
  // For cleaning up, where an error has nowhere to go, and where the caller knows better what it means.
  int raw(Args... args) const { return function(args...); }
};

struct Driver {
#define SIMT_CALL(name, cuda, hip, params, args) Call<int params> name;
#include "driver_calls.inc"
#undef SIMT_CALL
};

struct Compiler {
#define SIMT_CALL(name, cuda, hip, params, args) Call<int params> name;
#include "compiler_calls.inc"
#undef SIMT_CALL
};

// The opened libraries. Opening is tried once per process; when it fails, every call throws the same Error:
// DRIVER_MISSING with a remedy for no library, DRIVER_TOO_OLD for one that lacks a symbol. Threads: any.
const Driver& driver();
const Compiler& compiler();

}  // namespace rlx::simt
