// The file behind a group of processes: a POSIX shared memory object with locks that the kernel drops when their holder
// dies, whatever kills it. One lock per rank says that it lives; one serialises coming and going. The locks belong to
// the open file description, so ranks may also be threads of one process.
//
// The name goes as soon as all ranks hold the memory: from then on nothing can be left behind. Before that, a name
// whose ranks are all dead is stale and whoever finds it removes it.
#pragma once

#include "transport/deadline.hpp"

#include <rlx/status.hpp>

#include <optional>

namespace rlx::transport {

class ShmFile {
 public:
  ShmFile() = default;
  ShmFile(ShmFile&& other) noexcept { *this = std::move(other); }
  ShmFile& operator=(ShmFile&& other) noexcept;
  ~ShmFile();

  // The object of this group, which may have been made by this call, with the setup lock held: nobody else comes or
  // goes. nullopt: there is none and create is false. PERMISSION_DENIED: it is another user's.
  static Result<std::optional<ShmFile>> open(const std::string& group, bool create, const Deadline& deadline);

  Status lock(const Deadline& deadline);
  void unlock();

  // Holding the setup lock.
  uint64_t size() const;
  bool take_rank(uint32_t rank);  // false: another holds it
  bool has_live_ranks() const;    // other than of this file
  void unlink();                  // unless the name is somebody else's by now

  bool is_alive(uint32_t rank) const;
  // Memory for [offset, offset + bytes), all or an error: without it the first touch could kill the process.
  Status reserve(uint64_t offset, uint64_t bytes, std::string_view what);
  Status grow(uint64_t bytes, std::string_view what);
  Result<char*> map(uint64_t bytes);

 private:
  bool try_lock(int64_t at, short type);
  int fd_ = -1;
  std::string name_;
  char* base_ = nullptr;
  uint64_t mapped_ = 0;
};

}  // namespace rlx::transport
