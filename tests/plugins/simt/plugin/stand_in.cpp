#include "plugin/stand_in.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <stdexcept>

namespace tests {

namespace {

template <typename Function>
Function find(const char* variable, const char* symbol) {
  const char* path = std::getenv(variable);
  if (!path) throw std::runtime_error(std::string(variable) + " does not name the stand-in's file");
  void* library = dlopen(path, RTLD_NOW);
  if (!library) throw std::runtime_error(dlerror());
  void* found = dlsym(library, symbol);
  if (!found) throw std::runtime_error(dlerror());
  return reinterpret_cast<Function>(found);
}

}  // namespace

StandIn::StandIn(const char* variable)
    : fail_(find<void (*)(uint64_t, int)>(variable, "rlx_fake_fail")),
      calls_(find<uint64_t (*)()>(variable, "rlx_fake_calls")) {}

const StandIn& driver() {
  static const StandIn library("RLX_TEST_DRIVER");
  return library;
}

const StandIn& compiler() {
  static const StandIn library("RLX_TEST_COMPILER");
  return library;
}

const StandIn& blas() {
  static const StandIn library("RLX_TEST_BLAS");
  return library;
}

const StandIn& convolutions() {
  static const StandIn library("RLX_TEST_CONVOLUTIONS");
  return library;
}

void lose(int device, uint64_t n) {
  static const auto set = find<void (*)(int, uint64_t)>("RLX_TEST_DRIVER", "rlx_fake_lose");
  set(device, n);
}

void set_memory(uint64_t bytes) {
  static const auto set = find<void (*)(uint64_t)>("RLX_TEST_DRIVER", "rlx_fake_set_memory");
  set(bytes);
}

bool is_in_driver() {
  static const auto ask = find<bool (*)()>("RLX_TEST_DRIVER", "rlx_fake_is_called");
  return ask();
}

uint64_t live_objects() {
  static const auto live = find<uint64_t (*)()>("RLX_TEST_DRIVER", "rlx_fake_live");
  return live();
}

}  // namespace tests
