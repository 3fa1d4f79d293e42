// When a computed number counts as the expected one, said once: any number is within an infinite tolerance of infinity,
// and std::max loses a NaN, so comparisons written on the spot let both pass.
#pragma once

#include <cmath>

namespace tests {

// NaN agrees with NaN, an infinity with itself, other numbers within the bounds.
inline bool agree(double got, double want, double relative, double absolute) {
  if (got == want || (std::isnan(got) && std::isnan(want))) return true;
  return std::isfinite(got) && std::isfinite(want) && std::fabs(got - want) <= absolute + relative * std::fabs(want);
}

}  // namespace tests
