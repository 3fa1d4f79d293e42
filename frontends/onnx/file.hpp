// Files that somebody else may change while we use them: the model's own bytes are read, weights in other files are
// mapped, so that they are paged in and never copied.
#pragma once

#include <rlx/attribute.hpp>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace rlx::onnx {

// The bytes of a file, read at once. A mapping would end the process when the file is shortened meanwhile.
class FileBytes {
 public:
  // Errors: NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (a directory or device), DATA_LOSS (shortened while it was
  // read), each naming the path.
  static Result<FileBytes> read(const std::string& path);

  std::string_view view() const { return {data_.get(), size_}; }

 private:
  struct Free {
    void operator()(char* data) const { std::free(data); }
  };
  std::unique_ptr<char, Free> data_;
  size_t size_ = 0;
};

// A file mapped read-only. Its bytes may be touched while check_size() holds.
class MappedFile {
 public:
  // Errors as above.
  static Result<MappedFile> open(const std::string& path);

  size_t size() const { return size_; }
  // Shares the mapping. offset + size <= this->size().
  Bytes bytes(size_t offset, size_t size) const { return Bytes(mapping_, data_ + offset, size); }
  // DATA_LOSS when the file has become shorter since it was opened.
  Status check_size() const;

 private:
  std::string path_;
  std::shared_ptr<const int> descriptor_;
  std::shared_ptr<const void> mapping_;
  const char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace rlx::onnx
