#include "transport/shm_file.hpp"

#include "status/format.hpp"
#include "transport/pages.hpp"
#include "transport/segment.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace rlx::transport {
namespace {

// Locks lie far behind every byte of data.
constexpr int64_t kSetupLock = int64_t{1} << 61, kRankLocks = kSetupLock + 1;

tl::unexpected<Error> system_error(Code code, std::string what, std::string remedy = {}) {
  const int number = errno;
  Error e{code, what + ": " + std::strerror(number), std::move(remedy), number, "errno", 0};
  return tl::unexpected<Error>(std::move(e));
}

struct flock range(short type, int64_t at, int64_t length) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = at;
  lock.l_len = length;
  return lock;
}

Result<std::string> object_name(const std::string& group) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  if (group.empty() || group.size() > 200 || !std::all_of(group.begin(), group.end(), fits))
    return fail(Code::kInvalidArgument, "attach: group name '{}' is not 1 to 200 letters, digits, '-', '_', '.'",
                group);
  return fmt::format("/rlx-{}-{}", ::geteuid(), group);
}

}  // namespace

ShmFile& ShmFile::operator=(ShmFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(name_, other.name_);
  std::swap(base_, other.base_);
  std::swap(mapped_, other.mapped_);
  return *this;
}

ShmFile::~ShmFile() {
  if (base_) ::munmap(base_, mapped_);
  if (fd_ >= 0) ::close(fd_);
}

bool ShmFile::try_lock(int64_t at, short type) {
  struct flock lock = range(type, at, 1);
  return ::fcntl(fd_, F_OFD_SETLK, &lock) == 0;
}

Status ShmFile::lock(const Deadline& deadline) {
  while (!try_lock(kSetupLock, F_WRLCK)) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR)
      return system_error(Code::kUnavailable, "attach: cannot lock " + name_);
    if (deadline.left_ns() == 0)
      return fail(Code::kDeadlineExceeded, "attach: {} stayed locked by another rank", name_);
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  return {};
}

void ShmFile::unlock() {
  try_lock(kSetupLock, F_UNLCK);
}

Result<std::optional<ShmFile>> ShmFile::open(const std::string& group, bool create, const Deadline& deadline) {
  RLX_ASSIGN(const std::string name, object_name(group));
  while (true) {
    ShmFile file;
    file.name_ = name;
    file.fd_ = ::shm_open(name.c_str(), O_RDWR | O_NOFOLLOW | (create ? O_CREAT : 0), 0600);
    if (file.fd_ < 0 && errno == ENOENT && !create) return std::optional<ShmFile>{};
    if (file.fd_ < 0)
      return system_error(errno == EACCES ? Code::kPermissionDenied : Code::kUnavailable,
                          "attach: cannot open shared memory " + name, "is /dev/shm mounted, and the name free?");
    struct stat info {};
    if (::fstat(file.fd_, &info) != 0) return system_error(Code::kUnavailable, "attach: " + name);
    if (info.st_uid != ::geteuid())
      return fail(Code::kPermissionDenied, "attach: shared memory {} belongs to user {}", name, info.st_uid);
    RLX_TRY(file.lock(deadline));
    // Somebody may have removed it between the opening and the lock.
    if (::fstat(file.fd_, &info) == 0 && info.st_nlink > 0) return std::optional<ShmFile>(std::move(file));
  }
}

uint64_t ShmFile::size() const {
  struct stat info {};
  return ::fstat(fd_, &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

bool ShmFile::take_rank(uint32_t rank) {
  return try_lock(kRankLocks + rank, F_WRLCK);
}

bool ShmFile::has_live_ranks() const {
  struct flock lock = range(F_WRLCK, kRankLocks, kMaxWorld);
  return ::fcntl(fd_, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

bool ShmFile::is_alive(uint32_t rank) const {
  struct flock lock = range(F_WRLCK, kRankLocks + rank, 1);
  // A question that cannot be asked kills nobody.
  return ::fcntl(fd_, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

void ShmFile::unlink() {
  struct stat info {};
  if (::fstat(fd_, &info) == 0 && info.st_nlink > 0) ::shm_unlink(name_.c_str());
}

Status ShmFile::grow(uint64_t bytes, std::string_view what) {
  struct statvfs space {};
  if (::fstatvfs(fd_, &space) == 0) {
    const uint64_t free = uint64_t{space.f_bavail} * space.f_frsize;
    if (space.f_blocks && free < bytes)
      return error(Code::kResourceExhausted,
                   fmt::format("attach: {} need {} bytes of /dev/shm, which has {} free", what, bytes, free),
                   "use smaller heaps, or a larger /dev/shm (mount -o remount,size=... /dev/shm)");
  }
  if (::ftruncate(fd_, static_cast<off_t>(bytes)) != 0)
    return system_error(Code::kResourceExhausted, fmt::format("attach: {} of {} bytes in all", what, bytes));
  return {};
}

Status ShmFile::reserve(uint64_t offset, uint64_t bytes, std::string_view what) {
  int failed = 0;
  do failed = ::fallocate(fd_, 0, static_cast<off_t>(offset), static_cast<off_t>(bytes)) != 0;
  while (failed && errno == EINTR);
  if (failed)
    return system_error(Code::kResourceExhausted, fmt::format("attach: {} of {} bytes in /dev/shm", what, bytes),
                        "use smaller heaps, or a larger /dev/shm (mount -o remount,size=... /dev/shm)");
  return {};
}

Result<char*> ShmFile::map(uint64_t bytes) {
  if (base_) ::munmap(base_, mapped_);
  base_ = map_pages(bytes, MAP_SHARED, fd_);
  mapped_ = bytes;
  if (!base_) return system_error(Code::kResourceExhausted, fmt::format("attach: cannot map {} bytes", bytes));
  return base_;
}

}  // namespace rlx::transport
