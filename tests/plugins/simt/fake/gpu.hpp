// A GPU that exists in host memory only, behind the calls of plugins/simt/driver_calls.inc. Device memory is on the
// heap, so that the address sanitizer sees it. A stream keeps what is enqueued until somebody waits for it, which finds
// a host that touches memory too early. Launches run emulated; captured work is replayed. Any call can be made to fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace fake {

using Address = uint64_t;

// The result of a call that works; others are the vendors' numbers.
constexpr int kSuccess = 0;

// Counts the call; the result that was asked for when it is the one to fail, kSuccess otherwise.
int count_call();
// Counts the call and says why it fails before it does anything: as above, in a forked process, on a lost device.
int refuse(std::string_view call);

#define SIMT_CALL(name, cuda, hip, params, args) int name params;
#include "driver_calls.inc"
#undef SIMT_CALL
// Of the GPU that a MIG instance is a part of.
int gpu_uuid(uint8_t* uuid, int device);

}  // namespace fake

// What the tests ask of a stand-in, by dlsym.
extern "C" {
// The n-th call from now fails with a vendor's number (1 is the next); 0: none.
void rlx_fake_fail(uint64_t n, int result);
// Calls so far.
uint64_t rlx_fake_calls();
// Whether the calling thread is in a call of the driver's.
bool rlx_fake_is_called();
// Objects that were made and not freed: memory, streams, events, modules, graphs.
uint64_t rlx_fake_live();
// A device is lost when it comes to its n-th launch from now. Its calls then fail until its context is made anew.
void rlx_fake_lose(int device, uint64_t n);
// How much memory each device has from now on (1 GiB). Large blocks are only reserved, and hold zeros.
void rlx_fake_set_memory(uint64_t bytes);

// What the stand-ins for libraries above the driver ask of it.
// Puts work onto a stream, as a launch is; the answer is the driver's.
int rlx_fake_enqueue(void* stream, const std::function<int()>* work);
// Counts objects that a library made or freed among the live ones.
void rlx_fake_keep(int64_t change);
}
