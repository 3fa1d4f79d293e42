// One table of functions for each instruction set, and the accessor that picks the table of this machine.
#pragma once

#include <hwy/highway.h>

// Defines `const Table& rlx::cpu::accessor()`. Each instruction set's namespace has a function `const Table* make()`.
// Goes at the end of a file that foreach_target.h includes several times, at file scope under HWY_ONCE.
#define RLX_TARGET_TABLE(Table, accessor, make) \
  namespace rlx::cpu {                          \
  namespace kernels {                           \
  HWY_EXPORT(make);                             \
  }                                             \
  const Table& accessor() {                     \
    using namespace kernels;                    \
    return *HWY_DYNAMIC_DISPATCH(make)();       \
  }                                             \
  }
