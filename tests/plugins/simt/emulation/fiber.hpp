// A stack of its own and a way in and out: about 40 ns for each switch on x86-64, 250 elsewhere. One thread uses a
// fiber, for any number of functions one after the other.
#pragma once

#include <cstddef>

namespace emulation {

class Fiber {
 public:
  Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber();

  // Goes into the fiber: begins fn(arg) if the last function has ended, goes on with it otherwise. True when it ended.
  bool resume(void (*fn)(void*), void* arg);
  // From inside of fn: back to where resume was called.
  void yield();

 private:
  struct State;
  static void body(Fiber* self);
  void enter();
  void leave();

  State* state_;
  void (*fn_)(void*) = nullptr;
  void* arg_ = nullptr;
  bool ended_ = true;
};

}  // namespace emulation
