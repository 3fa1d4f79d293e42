// Mapping files with plain POSIX calls.

#include "mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

namespace rlx::onnx {
namespace {

tl::unexpected<Error> system_error(const std::string& path, int number) {
  const Code code = number == ENOENT || number == ENOTDIR ? Code::kNotFound
                    : number == EACCES || number == EPERM ? Code::kPermissionDenied
                    : number == ENOMEM                    ? Code::kResourceExhausted
                                                          : Code::kUnavailable;
  return error(code, path + ": " + std::strerror(number));
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not hang.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return system_error(path, errno);
  struct stat st {};
  if (::fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    ::close(fd);
    return error(Code::kInvalidArgument, path + ": not a regular file");
  }
  MappedFile file;
  file.size_ = static_cast<size_t>(st.st_size);
  if (file.size_ > 0) {
    void* p = ::mmap(nullptr, file.size_, PROT_READ, MAP_PRIVATE, fd, 0);
    const int number = errno;
    ::close(fd);
    if (p == MAP_FAILED) return system_error(path, number);
    const size_t size = file.size_;
    file.mapping_ = std::shared_ptr<const void>(p, [size](const void* q) { ::munmap(const_cast<void*>(q), size); });
    file.data_ = static_cast<const char*>(p);
  } else {
    ::close(fd);
  }
  return file;
}

}  // namespace rlx::onnx
