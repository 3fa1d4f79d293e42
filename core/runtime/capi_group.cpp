// The C API: process groups.
#include "runtime/capi.hpp"

#include <algorithm>
#include <cstring>

using namespace rlx;
using capi::null_argument;
using plugin::answer;

rlx_status* rlx_process_group_create(const char* transport, const rlx_process_group_options* options,
                                     rlx_process_group** out_group) {
  return answer([&]() -> Status {
    if (!out_group) return null_argument("rlx_process_group_create");
    RLX_ASSIGN(const Transport chosen, transport ? Transport::find(transport) : Transport::from_environment());
    RankOptions rank;
    if (options) {
      rlx_process_group_options given{};
      std::memcpy(&given, options, std::min<size_t>(options->struct_size, sizeof given));
      rank.rank = given.rank;
      rank.world_size = given.world_size;
      if (given.heap_bytes) rank.heap_bytes = given.heap_bytes;
      if (given.deadline_ns) rank.deadline_ns = given.deadline_ns;
      if (given.group) rank.group = given.group;
    } else {
      RLX_ASSIGN(rank, RankOptions::from_environment());
    }
    RLX_ASSIGN(ProcessGroup made, ProcessGroup::create(chosen, std::move(rank)));
    *out_group = new rlx_process_group{std::make_shared<ProcessGroup>(std::move(made))};
    return {};
  });
}

void rlx_process_group_release(rlx_process_group* group) {
  delete group;
}

uint32_t rlx_process_group_rank(const rlx_process_group* group) {
  return group ? group->group->rank() : 0;
}

uint32_t rlx_process_group_size(const rlx_process_group* group) {
  return group ? group->group->size() : 0;
}

rlx_status* rlx_process_group_barrier(rlx_process_group* group) {
  return answer([&]() -> Status {
    if (!group) return null_argument("rlx_process_group_barrier");
    return group->group->barrier();
  });
}
