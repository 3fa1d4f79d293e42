// The smallest host that obeys the contract of rlx_host_v1.
#include "plugins/host/test_host.hpp"

#include <rlx/sdk/error.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>
#include <vector>

struct rlx_status {
  rlx_status_desc desc;
  std::string domain, message, remedy;
};

namespace tests {

namespace {

std::atomic<uint64_t> in_use{0};

rlx_status* status_make(void*, const rlx_status_desc* d) {
  auto* s = new rlx_status{*d, std::string(rlx::sdk::view(d->domain)), std::string(rlx::sdk::view(d->message)),
                           std::string(rlx::sdk::view(d->remedy))};
  s->desc.domain = rlx::sdk::str(s->domain);
  s->desc.message = rlx::sdk::str(s->message);
  s->desc.remedy = rlx::sdk::str(s->remedy);
  return s;
}

void status_release(void*, rlx_status* s) {
  delete s;
}

const rlx_status_desc* status_read(void*, const rlx_status* s) {
  return &s->desc;
}

void log(void*, uint32_t, rlx_str, rlx_str) {}

void* allocate(void*, uint64_t size, uint64_t align, rlx_str) {
  void* memory = nullptr;
  if (posix_memalign(&memory, std::max<uint64_t>(align, sizeof(void*)), size) != 0) return nullptr;
  in_use += size;
  return memory;
}

void release(void*, void* memory, uint64_t size, rlx_str) {
  if (memory) in_use -= size;
  std::free(memory);
}

rlx_status* plan_memory(void*, rlx_plan_item* items, uint64_t count, uint64_t align, rlx_plan_result* out) {
  std::vector<uint64_t> order(count);
  for (uint64_t i = 0; i < count; ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](uint64_t a, uint64_t b) { return items[a].first_step < items[b].first_step; });
  std::vector<bool> placed(count);
  auto overlap = [&](const rlx_plan_item& a, const rlx_plan_item& b) {
    return a.first_step <= b.last_step && b.first_step <= a.last_step;
  };
  uint64_t top = 0;
  for (uint64_t i : order) {
    rlx_plan_item& item = items[i];
    placed[i] = true;
    if (item.reuse != RLX_NO_INDEX && items[item.reuse].size_bytes >= item.size_bytes) {
      item.out_offset_bytes = items[item.reuse].out_offset_bytes;
      continue;
    }
    uint64_t offset = 0;
    for (bool moved = true; moved;) {
      moved = false;
      for (uint64_t j = 0; j < count; ++j) {
        const rlx_plan_item& other = items[j];
        if (j == i || !placed[j] || !overlap(item, other)) continue;
        if (offset < other.out_offset_bytes + other.size_bytes && other.out_offset_bytes < offset + item.size_bytes) {
          offset = (other.out_offset_bytes + other.size_bytes + align - 1) / align * align;
          moved = true;
        }
      }
    }
    item.out_offset_bytes = offset;
    top = std::max(top, offset + item.size_bytes);
  }
  out->arena_bytes = top;
  out->lower_bound_bytes = 0;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t live = 0;
    for (uint64_t j = 0; j < count; ++j)
      if (items[j].first_step <= items[i].first_step && items[i].first_step <= items[j].last_step)
        live += items[j].size_bytes;
    out->lower_bound_bytes = std::max(out->lower_bound_bytes, live);
  }
  return nullptr;
}

rlx_status* cache_dir(void*, rlx_str*) {
  return rlx::sdk::make_status(test_host(), RLX_NOT_FOUND, "no cache directory");
}

rlx_status* parallel_for(void*, uint32_t, uint64_t count, void (*fn)(void*, uint64_t, uint64_t), void* arg) {
  if (count) fn(arg, 0, count);
  return nullptr;
}

}  // namespace

const rlx_host_v1& test_host() {
  static const rlx_host_v1 host{sizeof host, RLX_ABI_MINOR, nullptr, status_make, status_release, status_read,
                                log,         allocate,      release, plan_memory, cache_dir,      parallel_for};
  return host;
}

uint64_t host_bytes_in_use() {
  return in_use;
}

}  // namespace tests
