// Counts calls and fails the one that a test chose.
#include "fake/gpu.hpp"

#include <atomic>

namespace {
std::atomic<uint64_t> calls{0}, fail_at{0};
std::atomic<int> fail_with{0};
}  // namespace

namespace fake {

int count_call() {
  const uint64_t number = ++calls;
  return fail_at != 0 && number == fail_at ? fail_with.load() : kSuccess;
}

}  // namespace fake

#define FAKE_EXPORT __attribute__((visibility("default")))

extern "C" {
FAKE_EXPORT void rlx_fake_fail(uint64_t n, int result) {
  fail_with = result;
  fail_at = n == 0 ? 0 : calls + n;
}
FAKE_EXPORT uint64_t rlx_fake_calls() {
  return calls;
}
}
