// The faults that C has no words for. plugin.c calls one of these functions.
#include <rlx/plugin.h>

#include <stdexcept>

extern "C" {

rlx_status* rlx_test_throw_error();
rlx_status* rlx_test_throw_error() {
  throw std::runtime_error("the driver is on fire");
}

rlx_status* rlx_test_throw_number();
rlx_status* rlx_test_throw_number() {
  throw 42;
}

void rlx_test_throw_from_entry();
void rlx_test_throw_from_entry() {
  throw std::runtime_error("not today");
}
}
