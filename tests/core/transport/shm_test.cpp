// Ranks as processes: what a death looks like to the others, and that nothing is left in /dev/shm.
#include "ranks.hpp"

#include "transport/segment.hpp"
#include "transport/shm.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>

using namespace rlx;
using namespace tests;

namespace {

std::string object_path(const std::string& group) {
  return "/dev/shm/rlx-" + std::to_string(::geteuid()) + "-" + group;
}

bool is_there(const std::string& group) {
  return std::filesystem::exists(object_path(group));
}

void wait_until_there(const std::string& group) {
  while (!is_there(group)) ::usleep(200);
}

// A process that runs function and exits with 0 when it succeeds.
pid_t start(const std::function<Status()>& function) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const Status status = function();
  if (!status) std::fprintf(stderr, "rank in process %d: %s\n", ::getpid(), status.error().text().c_str());
  ::_exit(status ? 0 : 1);
}

int finish(pid_t child) {
  int state = 0;
  while (::waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(state) ? WEXITSTATUS(state) : -WTERMSIG(state);
}

RankOptions options_of(const std::string& group, uint32_t rank, uint32_t world) {
  RankOptions options;
  options.group = group;
  options.rank = rank;
  options.world_size = world;
  options.heap_bytes = 1 << 16;
  options.deadline_ns = kForever;
  return options;
}

// The shm transport of a rank that kills itself instead of sending its n-th message.
int64_t left_to_send = INT64_MAX;
const rlx_transport_table_v1& mortal_table() {
  static const rlx_transport_table_v1 table = [] {
    rlx_transport_table_v1 t = transport::shm_table();
    t.put_signal = [](rlx_rank* rank, uint32_t peer, uint64_t dst, const void* src, uint64_t size, uint64_t signal,
                      uint64_t value) -> rlx_status* {
      if (left_to_send-- <= 0) ::raise(SIGKILL);
      return transport::shm_table().put_signal(rank, peer, dst, src, size, signal, value);
    };
    return t;
  }();
  return table;
}

}  // namespace

TEST_CASE("processes put, meet and reduce, and leave nothing behind", "[shm]") {
  const std::string group = fresh_group();
  std::vector<pid_t> children;
  for (uint32_t r = 0; r < 4; ++r)
    children.push_back(start([&, r]() -> Status {
      RLX_ASSIGN(ProcessGroup world, ProcessGroup::create(Transport::shm(), options_of(group, r, 4)));
      // All have come, so the name is gone while the memory is in use.
      RLX_TRY(expect(!is_there(group), "the name is still there"));
      for (const size_t count : {size_t{1}, size_t{5000}, size_t{300'000}}) {
        std::vector<float> data(count, static_cast<float>(r + 1));
        RLX_TRY(world.all_reduce(Reduction::kSum, DType::kF32, data.data(), data.data(), count));
        for (const float x : data) RLX_TRY(expect(x == 10, "sum"));
      }
      return world.barrier();
    }));
  for (const pid_t child : children) CHECK(finish(child) == 0);
  CHECK_FALSE(is_there(group));
}

TEST_CASE("a killed process is lost to all others, wherever they wait", "[shm]") {
  const std::string group = fresh_group();
  std::vector<pid_t> children;
  for (uint32_t r = 0; r < 4; ++r)
    children.push_back(start([&, r]() -> Status {
      RLX_ASSIGN(Rank rank, Transport::shm().attach(options_of(group, r, 4)));
      RLX_TRY(rank.barrier());
      if (r == 2) ::raise(SIGKILL);
      const Status lost = r == 0 ? rank.barrier() : rank.wait_signal(0, 1, r == 1 ? 2 : RLX_ANY_RANK);
      return expect_error(lost, Code::kPeerLost, "rank 2 of 4");
    }));
  for (uint32_t r = 0; r < 4; ++r) CHECK(finish(children[r]) == (r == 2 ? -SIGKILL : 0));
  CHECK_FALSE(is_there(group));
}

TEST_CASE("a process killed at any step of a ring is lost to all others", "[shm]") {
  bool all_tried = false;
  for (int64_t steps = 0; !all_tried; ++steps) {
    CAPTURE(steps);
    REQUIRE(steps < 100);
    const std::string group = fresh_group();
    std::vector<pid_t> children;
    for (uint32_t r = 0; r < 3; ++r)
      children.push_back(start([&, r]() -> Status {
        RLX_ASSIGN(ProcessGroup world,
                   ProcessGroup::create(Transport("mortal", mortal_table()), options_of(group, r, 3),
                                        {.chunk_bytes = 1024, .chunks = 4}));
        if (r == 1) left_to_send = steps;
        std::vector<float> data(1500, 1.0f);
        Status status =
            world.all_reduce(Reduction::kSum, DType::kF32, data.data(), data.data(), data.size(), Algorithm::kRing);
        if (r == 1) return status;  // got through all steps
        if (status) status = world.barrier();
        return expect_error(status, Code::kPeerLost, "rank 1 of 3");
      }));
    CHECK(finish(children[0]) == 0);
    CHECK(finish(children[2]) == 0);
    const int end = finish(children[1]);
    CHECK((end == 0 || end == -SIGKILL));
    all_tried = end == 0;
    CHECK_FALSE(is_there(group));
  }
}

TEST_CASE("nothing is left when every rank of a running group is killed", "[shm]") {
  const std::string group = fresh_group();
  std::vector<pid_t> children;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  for (uint32_t r = 0; r < 3; ++r)
    children.push_back(start([&, r]() -> Status {
      RLX_ASSIGN(Rank rank, Transport::shm().attach(options_of(group, r, 3)));
      if (::write(ready[1], "x", 1) != 1) return error(Code::kUnknown, "pipe");
      return rank.wait_signal(0, 1);
    }));
  char byte = 0;
  for (int i = 0; i < 3; ++i) REQUIRE(::read(ready[0], &byte, 1) == 1);
  for (const pid_t child : children) ::kill(child, SIGKILL);
  for (const pid_t child : children) CHECK(finish(child) == -SIGKILL);
  CHECK_FALSE(is_there(group));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("the segment of a job that crashed while it gathered does not stand in the way", "[shm]") {
  const std::string group = fresh_group();
  const auto crash = [&] {
    const pid_t child = start([&] {
      const auto rank = Transport::shm().attach(options_of(group, 0, 2));
      return rank ? Status{} : tl::unexpected<Error>(rank.error());
    });
    wait_until_there(group);
    while (Transport::shm().destroy(group)) ::usleep(200);  // BUSY once its rank is taken
    struct stat info {};
    CHECK(::stat(object_path(group).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    ::kill(child, SIGKILL);
    CHECK(finish(child) == -SIGKILL);
  };
  crash();
  CHECK(is_there(group));
  CHECK(Transport::shm().attach(options_of(group, 0, 1)));
  CHECK_FALSE(is_there(group));
}

TEST_CASE("a rank that dies before the group is complete is lost to those who wait, and the name is free", "[shm]") {
  const std::string group = fresh_group();
  const auto attach = [&](uint32_t rank) {
    return start([&group, rank]() -> Status {
      const auto attached = Transport::shm().attach(options_of(group, rank, 3));
      return expect_error(attached ? Status{} : tl::unexpected<Error>(attached.error()), Code::kPeerLost,
                          "rank 0 of 3");
    });
  };
  const pid_t dies = attach(0);
  wait_until_there(group);
  const pid_t waits = attach(1);
  ::usleep(30'000);
  ::kill(dies, SIGKILL);
  CHECK(finish(dies) == -SIGKILL);
  CHECK(finish(waits) == 0);
  CHECK(Transport::shm().attach(options_of(group, 0, 1)));
  CHECK_FALSE(is_there(group));
}

TEST_CASE("another ABI version is refused on both sides", "[shm]") {
  const std::string group = fresh_group();
  Status first;
  std::thread thread([&] {
    const auto rank = Transport::shm().attach(options_of(group, 0, 2));
    if (!rank) first = tl::unexpected<Error>(rank.error());
  });
  wait_until_there(group);
  const int fd = ::open(object_path(group).c_str(), O_RDWR);
  REQUIRE(fd >= 0);
  // The magic number is the last of the header that is written; before it, rank 0 would write over what we do.
  for (uint64_t magic = 0; magic != transport::kMagic; ::usleep(200))
    REQUIRE(::pread(fd, &magic, sizeof magic, offsetof(transport::Header, magic)) >= 0);
  const uint32_t other = RLX_ABI_MINOR + 7;
  REQUIRE(::pwrite(fd, &other, sizeof other, offsetof(transport::Header, abi_minor)) == sizeof other);
  ::close(fd);
  const auto second = Transport::shm().attach(options_of(group, 1, 2));
  thread.join();
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Code::kAbiMismatch);
  CHECK_THAT(second.error().message, contains_text("ABI 0." + std::to_string(other)));
  REQUIRE_FALSE(first);
  CHECK(first.error().code == Code::kAbiMismatch);
  CHECK_FALSE(is_there(group));
}

TEST_CASE("heaps larger than /dev/shm are refused with both sizes", "[shm]") {
  RankOptions options = options_of(fresh_group(), 0, 2);
  options.heap_bytes = uint64_t{1} << 45;
  const auto rank = Transport::shm().attach(options);
  REQUIRE_FALSE(rank);
  CHECK(rank.error().code == Code::kResourceExhausted);
  CHECK_THAT(rank.error().message, contains_text("2 heaps of 35184372088832 bytes"));
  CHECK_FALSE(is_there(options.group));
}

TEST_CASE("a file that is no group's, and names that are none, are refused", "[shm]") {
  const std::string group = fresh_group();
  // Left by somebody else, and nobody holds it: as good as stale.
  const int fd = ::open(object_path(group).c_str(), O_RDWR | O_CREAT, 0600);
  REQUIRE(fd >= 0);
  REQUIRE(::write(fd, "something else", 14) == 14);
  ::close(fd);
  CHECK(Transport::shm().attach(options_of(group, 0, 1)));
  CHECK_FALSE(is_there(group));
  for (const char* name : {"", "a/b", "../x", "with space"})
    CHECK(Transport::shm().attach(options_of(name, 0, 1)).error().code == Code::kInvalidArgument);
  CHECK(Transport::shm().destroy(fresh_group()));
}

TEST_CASE("what the system refuses comes with its own code and text", "[shm]") {
  const std::string group = fresh_group();
  std::filesystem::create_directory(object_path(group));
  const auto rank = Transport::shm().attach(options_of(group, 0, 1));
  std::filesystem::remove(object_path(group));
  REQUIRE_FALSE(rank);
  CHECK(rank.error().code == Code::kUnavailable);
  REQUIRE(rank.error().native_code > 0);
  CHECK(rank.error().domain == "errno");
  CHECK_THAT(rank.error().message, contains_text(std::strerror(static_cast<int>(rank.error().native_code))));
}

TEST_CASE("memory of another user is not touched", "[shm]") {
  if (::geteuid() != 0) RLX_SKIP("only root can make a file that belongs to somebody else");
  const std::string group = fresh_group();
  const int fd = ::open(object_path(group).c_str(), O_RDWR | O_CREAT, 0600);
  REQUIRE(fd >= 0);
  REQUIRE(::fchown(fd, 65534, 65534) == 0);
  ::close(fd);
  const auto rank = Transport::shm().attach(options_of(group, 0, 1));
  CHECK(is_there(group));
  std::filesystem::remove(object_path(group));
  REQUIRE_FALSE(rank);
  CHECK(rank.error().code == Code::kPermissionDenied);
  CHECK_THAT(rank.error().message, contains_text("belongs to user 65534"));
}
