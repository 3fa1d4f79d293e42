// Which algorithm the library has for a shape: asked once per process and device.
#pragma once

#include "blas/description.hpp"

namespace rlx::simt {

// An algorithm of the library's own size, and a BlasChoiceTail behind it.
struct BlasChoice {
  alignas(8) std::byte bytes[kMostAlgorithmBytes + sizeof(BlasChoiceTail)] = {};

  const void* algorithm() const { return bytes; }
  BlasChoiceTail tail() const;
};

// NULL: the library has none. The answer lives as long as the process. Threads: any. Throws what the library answers.
const BlasChoice* choose_algorithm(int device, void* handle, const ProductShape& shape, const MatrixLayouts& layouts);

}  // namespace rlx::simt
