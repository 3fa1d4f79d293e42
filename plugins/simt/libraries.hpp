// The vendor's libraries, as one executable uses them while it compiles. What they lack or refuse is never an error:
// own kernels take over, and the log says why. Opened when a program first needs them.
#pragma once

#include "blas/session.hpp"
#include "convolution/library.hpp"

#include <memory>

namespace rlx::simt {

// Used by one thread. The calls that are offered go on without it.
class Libraries {
 public:
  explicit Libraries(Device& device) : device_(device), blas_(device) {}
  LibraryOffer product(const ProductShape& shape);
  LibraryOffer convolution(const ConvolutionShape& shape);

 private:
  Device& device_;
  BlasSession blas_;
  std::unique_ptr<ConvolutionLibrary> convolutions_;  // made by the first convolution
};

}  // namespace rlx::simt
