// A vendor's library of convolutions, as one executable uses it while it compiles.
#pragma once

#include "convolution/shape.hpp"
#include "library_call.hpp"

#include <memory>

namespace rlx::simt {

class Device;

class ConvolutionLibrary {
 public:
  virtual ~ConvolutionLibrary() = default;
  // The call gets ConvolutionAddresses. Throws the Error for what the library answers. Used by one thread.
  virtual LibraryOffer convolution(const ConvolutionShape& shape) = 0;
};

// Defined by plugins/cuda and plugins/rocm. NULL where the vendor's library is not installed.
std::unique_ptr<ConvolutionLibrary> open_convolutions(Device& device);

}  // namespace rlx::simt
