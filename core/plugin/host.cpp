// Each service is a few lines around the file that does the work; none lets an exception out to the plugin.
#include "plugin/host.hpp"

#include "plugin/answer.hpp"
#include "plugin/cache_dir.hpp"
#include "plugin/host_memory.hpp"
#include "plugin/log.hpp"
#include "plugin/parallel_for.hpp"
#include "program/planner.hpp"

#include <rlx/sdk/error.hpp>

namespace rlx::plugin {

namespace {

rlx_status* status_make(void*, const rlx_status_desc* desc) {
  static constexpr rlx_status_desc kNothing{sizeof(rlx_status_desc), RLX_UNKNOWN, 0, 0, 0, {}, {}, {}};
  return make_status(desc ? *desc : kNothing);
}

void status_release(void*, rlx_status* status) {
  release_status(status);
}

const rlx_status_desc* status_read(void*, const rlx_status* status) {
  return status ? &status->desc : nullptr;
}

void log_text(void*, uint32_t level, rlx_str tag, rlx_str text) {
  log(static_cast<LogLevel>(level), sdk::view(tag), sdk::view(text));
}

void* allocate(void*, uint64_t size_bytes, uint64_t align, rlx_str tag) {
  return allocate_host_memory(size_bytes, align, sdk::view(tag));
}

void release_memory(void*, void* memory, uint64_t size_bytes, rlx_str tag) {
  free_host_memory(memory, size_bytes, sdk::view(tag));
}

rlx_status* plan(void*, rlx_plan_item* items, uint64_t count, uint64_t align, rlx_plan_result* out_result) {
  return answer([&]() -> Status {
    if ((!items && count) || !out_result) return error(Code::kInvalidArgument, "plan_memory: NULL argument");
    return plan_memory({items, static_cast<size_t>(count)}, align, out_result);
  });
}

rlx_status* cache_dir(void*, rlx_str* out_path) {
  return answer([&]() -> Status {
    if (!out_path) return error(Code::kInvalidArgument, "cache_dir: NULL argument");
    const Result<std::string>& path = process_cache_dir();
    if (!path) return tl::unexpected<Error>(path.error());
    *out_path = {path->data(), path->size()};
    return {};
  });
}

rlx_status* run_parallel(void*, uint32_t threads, uint64_t count, void (*fn)(void*, uint64_t, uint64_t), void* arg) {
  return answer([&]() -> Status {
    if (!fn) return error(Code::kInvalidArgument, "parallel_for: NULL function");
    return parallel_for(threads, count, fn, arg);
  });
}

constexpr rlx_host_v1 kHost{
    sizeof(rlx_host_v1), RLX_ABI_MINOR, nullptr,   status_make,  status_release, status_read, log_text, allocate,
    release_memory,      plan,          cache_dir, run_parallel,
};

}  // namespace

const rlx_host_v1& host_table() {
  return kHost;
}

}  // namespace rlx::plugin
