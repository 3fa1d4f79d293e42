// An object that a vendor's library made: a handle, a description.
#pragma once

#include "driver.hpp"

#include <rlx/sdk/error.hpp>

#include <utility>

namespace rlx::simt {

class LibraryObject {
 public:
  // make creates it, given where the handle goes.
  template <typename Make>
  LibraryObject(const Call<int(void*)>& destroy, Make&& make) : destroy_(&destroy) {
    make(&handle_);
  }
  LibraryObject(LibraryObject&& o) noexcept : destroy_(o.destroy_), handle_(std::exchange(o.handle_, nullptr)) {}
  LibraryObject& operator=(const LibraryObject&) = delete;
  ~LibraryObject() {
    if (handle_) destroy_->raw(handle_);
  }
  void* get() const { return handle_; }

 private:
  const Call<int(void*)>* destroy_;
  void* handle_ = nullptr;
};

// What a call that failed is as an Error: RESOURCE_EXHAUSTED or INTERNAL.
sdk::Error library_error(const char* library, const char* symbol, int status, bool out_of_memory);

}  // namespace rlx::simt
