// The stand-ins' own questions and orders (fake/gpu.hpp), in the libraries that the plugin under test has opened.
#pragma once

#include <cstdint>

namespace tests {

class StandIn {
 public:
  // variable: the environment variable that names the library.
  explicit StandIn(const char* variable);
  // The n-th call from now fails with a vendor's number; 0: none.
  void fail(uint64_t n, int result) const { fail_(n, result); }
  uint64_t calls() const { return calls_(); }

 private:
  void (*fail_)(uint64_t, int);
  uint64_t (*calls_)();
};

const StandIn& driver();
const StandIn& compiler();
const StandIn& blas();
const StandIn& convolutions();
// The device is lost when it comes to its n-th launch from now (1 is the next), in the middle of whatever runs there.
void lose(int device, uint64_t n);
// How much memory the devices have from now on.
void set_memory(uint64_t bytes);
// Whether the calling thread is in a call of the driver.
bool is_in_driver();
// Objects of the driver that were made and not freed.
uint64_t live_objects();

}  // namespace tests
