// Reading and mapping with plain POSIX calls.

#include "file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace rlx::onnx {
namespace {

tl::unexpected<Error> system_error(const std::string& path, int number) {
  const Code code = number == ENOENT || number == ENOTDIR ? Code::kNotFound
                    : number == EACCES || number == EPERM ? Code::kPermissionDenied
                    : number == ENOMEM                    ? Code::kResourceExhausted
                                                          : Code::kUnavailable;
  return error(code, path + ": " + std::generic_category().message(number));
}

tl::unexpected<Error> shortened(const std::string& path, size_t from, size_t to) {
  return error(Code::kDataLoss, path + ": was shortened from " + std::to_string(from) + " to " + std::to_string(to) +
                                    " bytes while it was in use");
}

struct OpenFile {
  std::shared_ptr<const int> descriptor;  // closed with the last owner
  size_t size;
};

Result<OpenFile> open_regular(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not hang.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return system_error(path, errno);
  std::shared_ptr<const int> descriptor(new int(fd), [](const int* d) {
    ::close(*d);
    delete d;
  });
  struct stat st {};
  if (::fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
    return error(Code::kInvalidArgument, path + ": not a regular file");
  return OpenFile{std::move(descriptor), static_cast<size_t>(st.st_size)};
}

}  // namespace

Result<FileBytes> FileBytes::read(const std::string& path) {
  RLX_ASSIGN(const OpenFile file, open_regular(path));
  FileBytes out;
  // The faults of small pages take longer than the bytes of a large file; a small one is not worth a huge page.
  constexpr size_t kHugePage = size_t{2} << 20, kSmallest = 4 * kHugePage;
  if (file.size > SIZE_MAX - kHugePage) return system_error(path, ENOMEM);
  const size_t align = file.size < kSmallest ? alignof(std::max_align_t) : kHugePage;
  out.data_.reset(static_cast<char*>(std::aligned_alloc(align, (file.size / align + 1) * align)));
  if (!out.data_) return system_error(path, ENOMEM);
  if (align == kHugePage) ::madvise(out.data_.get(), file.size, MADV_HUGEPAGE);  // refused: small pages then
  while (out.size_ < file.size) {
    // One call reads 2 GiB at most.
    const ssize_t got = ::read(*file.descriptor, out.data_.get() + out.size_, file.size - out.size_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path, errno);
    if (got == 0) return shortened(path, file.size, out.size_);
    out.size_ += static_cast<size_t>(got);
  }
  return out;
}

Result<MappedFile> MappedFile::open(const std::string& path) {
  RLX_ASSIGN(OpenFile opened, open_regular(path));
  MappedFile file;
  file.path_ = path;
  file.size_ = opened.size;
  if (opened.size > 0) {
    void* p = ::mmap(nullptr, opened.size, PROT_READ, MAP_PRIVATE, *opened.descriptor, 0);
    if (p == MAP_FAILED) return system_error(path, errno);
    file.mapping_ =
        std::shared_ptr<const void>(p, [size = opened.size](const void* q) { ::munmap(const_cast<void*>(q), size); });
    file.data_ = static_cast<const char*>(p);
  }
  file.descriptor_ = std::move(opened.descriptor);
  return file;
}

Status MappedFile::check_size() const {
  struct stat st {};
  if (::fstat(*descriptor_, &st) != 0) return system_error(path_, errno);
  const auto now = static_cast<size_t>(st.st_size);
  return now < size_ ? Status(shortened(path_, size_, now)) : Status();
}

}  // namespace rlx::onnx
