// For programs that test products alone: the other kernels stay out of them.
#include "emulation/instances.hpp"

emulation::Instances emulation::all_but_products() {
  return {};
}
