// Opens and maps a candidate file without trusting what it is.
#include "plugin/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>

namespace rlx::plugin {

namespace {

tl::unexpected<Refusal> not_readable(int error_number) {
  return refuse(VerdictCode::kNotAPlugin, "file: " + std::generic_category().message(error_number));
}

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

Checked<MappedFile> MappedFile::open(const std::string& path) {
  // Opening a FIFO for reading waits for a writer, opening a tape drive rewinds it: O_NONBLOCK and O_NOCTTY do not.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return not_readable(errno);
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } const closer{fd};
  struct stat info {};
  if (::fstat(fd, &info) != 0) return not_readable(errno);
  if (!S_ISREG(info.st_mode))
    return refuse(VerdictCode::kNotAPlugin, std::string("file: ") + kind_of(info.st_mode) + ", not a regular file");
  const size_t size = static_cast<size_t>(info.st_size);
  if (size == 0) return MappedFile({});
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (memory == MAP_FAILED) return not_readable(errno);
  return MappedFile({static_cast<const std::byte*>(memory), size});
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace rlx::plugin
