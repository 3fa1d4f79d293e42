// Products of matrices by the vendor's library: which it takes, and the call that a plan gets.
#pragma once

#include "blas/shape.hpp"
#include "library_call.hpp"

#include <memory>

namespace rlx::simt {

class Device;

// The parameters of the launch. bias 0: none; workspace 0: none is needed.
struct ProductAddresses {
  Address a, b, y, bias, workspace;
};

// The library for the products of one executable. Used by one thread, while it compiles; the calls that it made go on
// without it.
class BlasSession {
 public:
  explicit BlasSession(Device& device) : device_(device) {}
  // Throws what the library answers.
  LibraryOffer product(const ProductShape& shape);

 private:
  Device& device_;
  std::shared_ptr<const LibraryObject> handle_;  // made by the first product
};

}  // namespace rlx::simt
