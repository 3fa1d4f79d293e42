// A file mapped read-only into memory; bytes() shares the mapping, so weights are paged in from the file and never
// copied.
#pragma once

#include <rlx/attribute.hpp>

#include <memory>
#include <string>

namespace rlx::onnx {

class MappedFile {
 public:
  // Errors: NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (a directory or device), each naming the path.
  static Result<MappedFile> open(const std::string& path);

  const char* data() const { return data_; }
  size_t size() const { return size_; }
  // offset + size <= this->size().
  Bytes bytes(size_t offset, size_t size) const { return Bytes(mapping_, data_ + offset, size); }

 private:
  std::shared_ptr<const void> mapping_;
  const char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace rlx::onnx
