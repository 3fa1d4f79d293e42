#include "transport/local.hpp"

#include "plugin/answer.hpp"
#include "transport/gather.hpp"
#include "transport/pages.hpp"

#include <sys/mman.h>
#include <cerrno>
#include <map>
#include <mutex>

namespace rlx::transport {

using plugin::answer;
namespace {

// Anonymous memory, shared by the ranks that hold it.
struct Mapping {
  Segment segment;
  uint64_t bytes = 0;
  ~Mapping() {
    if (segment.base) ::munmap(segment.base, bytes);
  }
};

Result<std::shared_ptr<Mapping>> map_segment(const rlx_rank_options& options, const Layout& layout) {
  auto mapping = std::make_shared<Mapping>();
  mapping->segment.base = map_pages(layout.total_bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
  if (!mapping->segment.base) {
    Error e = fail(Code::kResourceExhausted, "attach: no memory for {} heaps of {} bytes", options.world_size,
                   options.heap_bytes)
                  .value();
    e.native_code = errno;
    e.domain = "errno";
    return tl::unexpected<Error>(std::move(e));
  }
  mapping->bytes = layout.total_bytes;
  make_header(mapping->segment, options, layout);
  return mapping;
}

// Groups that are still gathering. Complete ones are known to their ranks only, so that a name is free again.
struct Gathering {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Mapping>, std::less<>> groups;
};
Gathering& gathering() {
  // Never destroyed: threads may outlive the process's static objects.
  static auto& instance = *new Gathering;
  return instance;
}

struct LocalRank final : MemoryRank {
  Status join(const rlx_rank_options& options) override;
  std::shared_ptr<Mapping> mapping;
};

Status join_group(LocalRank& self, const rlx_rank_options& options) {
  Layout layout;
  RLX_TRY(check_options(options, layout));
  Gathering& all = gathering();
  {
    const std::lock_guard lock(all.mutex);
    std::shared_ptr<Mapping>& group = all.groups[self.group];
    if (!group) {
      auto made = map_segment(options, layout);
      if (!made) {
        all.groups.erase(self.group);
        return tl::unexpected<Error>(std::move(made).error());
      }
      group = std::move(*made);
    }
    self.mapping = group;
    self.segment = group->segment;
    // Those who wait get the failure and take the group away with them; the name is free for others at once.
    if (auto fits = check_header(self, options); !fits) {
      if (fits.error().code != Code::kAlreadyExists) all.groups.erase(self.group);
      return fits;
    }
    take_place(self);
  }
  settle_pages(self.segment.heap(self.rank), layout.heap_stride);
  {
    const std::lock_guard lock(all.mutex);
    arrive(self, [&] { all.groups.erase(self.group); });
  }
  Status together = await_all(self, options.deadline_ns);
  if (together) return {};
  const std::lock_guard lock(all.mutex);
  if (!give_up_place(self)) return {};
  // The last one who gives up takes the group away; the map and this rank hold it.
  const auto found = all.groups.find(self.group);
  if (found != all.groups.end() && found->second == self.mapping && self.mapping.use_count() == 2)
    all.groups.erase(found);
  return together;
}

Status LocalRank::join(const rlx_rank_options& options) {
  return join_group(*this, options);
}

rlx_status* attach_local(const rlx_rank_options* options, rlx_rank** out_rank) {
  return attach_rank([]() -> std::unique_ptr<MemoryRank> { return std::make_unique<LocalRank>(); }, *options, out_rank);
}

// A group without ranks is gone already.
rlx_status* destroy_local(rlx_str name) {
  return answer([&]() -> Status {
    const std::lock_guard lock(gathering().mutex);
    const std::string group(name.data ? name.data : "", name.size);
    if (gathering().groups.count(group) == 0) return {};
    return fail(Code::kBusy, "destroy: group '{}' has live ranks", group);
  });
}

}  // namespace

const rlx_transport_table_v1& local_table() {
  static const rlx_transport_table_v1 table = memory_table(attach_local, destroy_local);
  return table;
}

}  // namespace rlx::transport
