#include "transport/shm.hpp"

#include "plugin/answer.hpp"
#include "transport/gather.hpp"
#include "transport/pages.hpp"
#include "transport/shm_file.hpp"

#include <fmt/format.h>

namespace rlx::transport {

using plugin::answer;
namespace {

struct ShmRank final : MemoryRank {
  ShmRank() { shared = true; }
  Status join(const rlx_rank_options& options) override;
  bool is_alive(uint32_t peer) const override { return peer == rank || file.is_alive(peer); }
  ShmFile file;
};

// What an object that is there turned out to be.
enum class Found { kFits, kStale };

// A group of another build must not be touched beyond what every build agrees on: the first fields of the header.
Status check_build(const ShmRank& self) {
  const Header& header = self.segment.header();
  if (header.layout == kLayout && header.abi_major == RLX_ABI_MAJOR && header.abi_minor == RLX_ABI_MINOR) return {};
  return error(
      Code::kAbiMismatch,
      fmt::format("attach: group '{}' was made with ABI {}.{}, layout {}; this is ABI {}.{}, layout {}", self.group,
                  header.abi_major, header.abi_minor, header.layout, RLX_ABI_MAJOR, RLX_ABI_MINOR, kLayout),
      "run all ranks with the same RLX");
}

// A rank that came and died before the group was complete.
bool lost_somebody(ShmRank& self) {
  for (uint32_t r = 0; r < self.segment.header().world; ++r)
    if (self.segment.place(r).presence.load() != Presence::kAbsent && !self.file.is_alive(r)) {
      fail_group(self, Code::kPeerLost, r);
      return true;
    }
  return false;
}

// Under the setup lock: an object with content.
Result<Found> examine(ShmRank& self, const rlx_rank_options& options) {
  if (!self.file.has_live_ranks()) return Found::kStale;
  if (self.file.size() < sizeof(Header))
    return fail(Code::kAbiMismatch, "attach: the shared memory of group '{}' is no group's", self.group);
  RLX_ASSIGN(self.segment.base, self.file.map(self.file.size()));
  const Header& header = self.segment.header();
  if (header.magic.load(std::memory_order_acquire) != kMagic)
    return fail(Code::kAbiMismatch, "attach: the shared memory of group '{}' is no group's", self.group);
  if (Status same = check_build(self); !same) {
    // Who speaks the same layout can at least tell the others.
    if (header.layout == kLayout) fail_group(self, Code::kAbiMismatch, self.rank);
    self.file.unlink();
    return tl::unexpected<Error>(std::move(same).error());
  }
  // Its survivors are told; the name is for those who come now.
  if (header.failure.load(std::memory_order_acquire) || lost_somebody(self)) return Found::kStale;
  if (Status fits = check_header(self, options); !fits) {
    if (fits.error().code != Code::kAlreadyExists) self.file.unlink();
    return tl::unexpected<Error>(std::move(fits).error());
  }
  return Found::kFits;
}

// Under the setup lock: a new object.
Status make(ShmRank& self, const rlx_rank_options& options, const Layout& layout) {
  const std::string what = fmt::format("{} heaps of {} bytes", options.world_size, options.heap_bytes);
  RLX_TRY(self.file.grow(layout.total_bytes, what));
  RLX_TRY(self.file.reserve(0, layout.heaps_at, "the header"));
  RLX_ASSIGN(self.segment.base, self.file.map(layout.total_bytes));
  make_header(self.segment, options, layout);
  return {};
}

// Opens or makes the group's object and takes the rank's place in it.
Status enter(ShmRank& self, const rlx_rank_options& options, const Layout& layout, const Deadline& deadline) {
  while (true) {
    RLX_ASSIGN(auto opened, ShmFile::open(self.group, true, deadline));
    self.file = std::move(*opened);
    if (self.file.size() == 0) {
      if (Status made = make(self, options, layout); !made) {
        self.file.unlink();
        return made;
      }
    } else {
      RLX_ASSIGN(const Found found, examine(self, options));
      if (found == Found::kStale) {
        self.file.unlink();
        continue;
      }
    }
    if (!self.file.take_rank(self.rank))
      return fail(Code::kAlreadyExists, "attach: rank {} of group '{}' is taken", self.rank, self.group);
    take_place(self);
    self.file.unlock();
    return {};
  }
}

// Back out of a group that does not come together.
Status give_up(ShmRank& self, Status why) {
  // A second: holders of the lock never wait for anything.
  if (!self.file.lock(Deadline(1'000'000'000))) return why;
  const bool gave_up = give_up_place(self);
  if (gave_up && !self.file.has_live_ranks()) self.file.unlink();
  self.file.unlock();
  return gave_up ? why : Status{};
}

Status join_group(ShmRank& self, const rlx_rank_options& options) {
  Layout layout;
  RLX_TRY(check_options(options, layout));
  const Deadline deadline(options.deadline_ns);
  RLX_TRY(enter(self, options, layout, deadline));

  // Each rank makes its own heap: on its node, and its faults are its own.
  const uint64_t at = self.segment.header().heaps_at + self.rank * layout.heap_stride;
  if (Status room = self.file.reserve(at, layout.heap_stride, fmt::format("the heap of rank {}", self.rank)); !room) {
    fail_group(self, Code::kResourceExhausted, self.rank);
    self.file.unlink();
    return room;
  }
  settle_pages(self.segment.heap(self.rank), layout.heap_stride);

  if (Status locked = self.file.lock(deadline); !locked) return give_up(self, std::move(locked));
  arrive(self, [&] { self.file.unlink(); });
  self.file.unlock();
  if (Status together = await_all(self, options.deadline_ns); !together) return give_up(self, std::move(together));
  return {};
}

Status ShmRank::join(const rlx_rank_options& options) {
  return join_group(*this, options);
}

rlx_status* attach_shm(const rlx_rank_options* options, rlx_rank** out_rank) {
  return attach_rank([]() -> std::unique_ptr<MemoryRank> { return std::make_unique<ShmRank>(); }, *options, out_rank);
}

rlx_status* destroy_shm(rlx_str name) {
  return answer([&]() -> Status {
    const std::string group(name.data ? name.data : "", name.size);
    auto opened = ShmFile::open(group, false, Deadline(0));
    const bool busy = opened ? *opened && (*opened)->has_live_ranks() : opened.error().code == Code::kDeadlineExceeded;
    if (busy) return fail(Code::kBusy, "destroy: group '{}' has live ranks", group);
    if (!opened) return tl::unexpected<Error>(std::move(opened).error());
    if (*opened) (*opened)->unlink();
    return {};
  });
}

}  // namespace

const rlx_transport_table_v1& shm_table() {
  static const rlx_transport_table_v1 table = memory_table(attach_shm, destroy_shm);
  return table;
}

}  // namespace rlx::transport
