// A call of a vendor's library in the place of a kernel: the other kind of launch in a plan. What does not depend on
// addresses is prepared once, by the executable; a context binds it to its own.
#pragma once

#include "library_object.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace rlx::simt {

// Of one context. Enqueues without allocating, also while its stream is captured.
class BoundCall {
 public:
  virtual ~BoundCall() = default;
  // Throws the Error for what the library answers.
  virtual void enqueue() = 0;
};

// What the calls of one context share while they are bound.
struct BindScope {
  void* stream;
  std::shared_ptr<const LibraryObject> convolutions;  // the library's handle, made by the first call that needs it
};

// Immutable. Threads: any.
class LibraryCall {
 public:
  virtual ~LibraryCall() = default;
  // params: those of the launch, with addresses filled in; copied. The answer must not outlive this call. Throws what
  // the library answers.
  virtual std::unique_ptr<BoundCall> bind(const std::byte* params, BindScope& scope) const = 0;
};

// What a library says to a shape.
struct LibraryOffer {
  std::shared_ptr<const LibraryCall> call;  // NULL: the library is not there, or does not take it
  uint64_t workspace_bytes = 0;
};

}  // namespace rlx::simt
