// The pages that heaps lie on: there before they are used, near their rank, and huge where the system has such.
#include "ranks.hpp"

#include "transport/segment.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <fstream>
#include <sstream>

using namespace rlx;
using namespace tests;

namespace {

constexpr uint64_t kHeapBytes = 4 * transport::kHugePage;

// The node of each page, a negative errno where there is no page; empty where the kernel does not tell.
std::vector<int> nodes_of(char* memory, uint64_t bytes) {
  std::vector<void*> pages;
  for (uint64_t at = 0; at < bytes; at += transport::kPage) pages.push_back(memory + at);
  std::vector<int> nodes(pages.size());
  if (::syscall(SYS_move_pages, 0, pages.size(), pages.data(), nullptr, nodes.data(), 0) != 0) nodes.clear();
  return nodes;
}

// A core that the thread does not leave any more, and so a node.
unsigned settle_down() {
  unsigned core = 0, node = 0;
  ::getcpu(&core, nullptr);
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(core, &only);
  (void)::sched_setaffinity(0, sizeof only, &only);
  ::getcpu(nullptr, &node);
  return node;
}

// Bytes in huge pages of the mapping that begins at or before this address.
uint64_t huge_bytes_around(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  uint64_t bytes = 0;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t first = 0, end = 0;
    char dash = 0;
    std::istringstream header(line);
    if (header >> std::hex >> first >> dash >> end && dash == '-') {
      const auto at = reinterpret_cast<uintptr_t>(address);
      inside = first <= at && at < end;
      continue;
    }
    for (const char* field : {"AnonHugePages:", "ShmemPmdMapped:", "FilePmdMapped:"})
      if (inside && line.rfind(field, 0) == 0) bytes += 1024 * std::stoull(line.substr(std::string(field).size()));
  }
  return bytes;
}

}  // namespace

TEST_CASE("a heap has all its pages before the first put, on the node of its rank", "[transport][pages]") {
  if (::syscall(SYS_move_pages, 0, 0, nullptr, nullptr, nullptr, 0) != 0)
    RLX_SKIP("this kernel does not tell which node a page is on");
  for (const Transport& transport : thread_transports()) {
    RankOptions options;
    options.heap_bytes = kHeapBytes;
    const auto statuses = run_world(2, options, [&](const RankOptions& mine, const auto& stay) -> Status {
      const unsigned node = settle_down();
      auto rank = transport.attach(mine);
      Status status = rank ? Status{} : tl::unexpected<Error>(rank.error());
      if (rank) {
        const auto nodes = nodes_of(static_cast<char*>(rank->heap()), kHeapBytes);
        for (size_t page = 0; status && page < nodes.size(); ++page)
          status = expect(nodes[page] == static_cast<int>(node), "page " + std::to_string(page) + " is on node " +
                                                                     std::to_string(nodes[page]) + " instead of " +
                                                                     std::to_string(node));
        if (status) status = expect(!nodes.empty(), "no pages");
      }
      stay();
      return status;
    });
    for (const Status& status : statuses) {
      INFO(transport.name() << ": " << (status ? "" : status.error().text()));
      CHECK(status.has_value());
    }
  }
}

namespace {

// What the system gives to somebody who asks for it in the plainest way.
bool gives_huge_pages(bool between_processes) {
  constexpr uint64_t kHuge = transport::kHugePage;
  const int fd = between_processes ? static_cast<int>(::syscall(SYS_memfd_create, "trial", 0)) : -1;
  if (between_processes && (fd < 0 || ::ftruncate(fd, 2 * kHuge) != 0)) return false;
  // Addresses first, of which a huge page's worth is thrown away.
  void* space = ::mmap(nullptr, 3 * kHuge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(space != MAP_FAILED);
  char* at = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(space) + kHuge - 1) & ~(kHuge - 1));
  const int flags = MAP_FIXED | (between_processes ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS);
  REQUIRE(::mmap(at, 2 * kHuge, PROT_READ | PROT_WRITE, flags, fd, 0) == at);
  ::madvise(at, 2 * kHuge, MADV_HUGEPAGE);
  std::fill_n(at, 2 * kHuge, '\1');
  constexpr int kCollapse = 25;  // of Linux 6.1
  if (between_processes) ::madvise(at, 2 * kHuge, kCollapse);
  at[0] = 2;
  const bool given = huge_bytes_around(at) > 0;
  ::munmap(space, 3 * kHuge);
  if (fd >= 0) ::close(fd);
  return given;
}

}  // namespace

TEST_CASE("large heaps lie on huge pages, for their owner and for their peers", "[transport][pages]") {
  size_t tried = 0;
  for (const Transport& transport : thread_transports()) {
    if (!gives_huge_pages(transport.name() == "shm")) continue;
    ++tried;
    RankOptions options;
    options.heap_bytes = kHeapBytes;
    require_ranks(transport, 2, options, [](Rank& rank) -> Status {
      for (const uint32_t r : {rank.rank(), 1 - rank.rank()}) {
        const auto* heap = static_cast<const volatile char*>(rank.peer(r));
        for (uint64_t at = 0; at < kHeapBytes; at += transport::kPage) RLX_TRY(expect(heap[at] == 0, "zero"));
        RLX_TRY(expect(huge_bytes_around(rank.peer(r)) > 0, "small pages in the heap of rank " + std::to_string(r)));
      }
      return {};
    });
  }
  if (tried == 0) RLX_SKIP("the system gives no huge pages");
}
