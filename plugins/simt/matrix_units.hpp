// What the matrix units of an architecture multiply: the types that have fragments there (device/fragment_*.hpp).
#pragma once

namespace rlx::simt {

struct MatrixUnits {
  bool halves, f32;
  bool tf32;  // f32 with 10 bits of mantissa
  explicit operator bool() const { return halves; }
};

}  // namespace rlx::simt
