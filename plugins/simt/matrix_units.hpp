// What the matrix units of an architecture multiply: the types that have fragments there (device/fragment_*.hpp).
#pragma once

namespace rlx::simt {

struct MatrixUnits {
  bool halves, f32;
  explicit operator bool() const { return halves; }
};

}  // namespace rlx::simt
