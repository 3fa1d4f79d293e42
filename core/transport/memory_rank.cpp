// Access to peers' heaps by loads and stores.
#include "transport/memory_rank.hpp"

#include "plugin/answer.hpp"
#include "transport/gather.hpp"
#include "transport/link.hpp"

#include <rlx/sdk/transport_table.hpp>

#include <cstring>
#include <new>

struct rlx_rank_memory {
  rlx_region_desc desc;
};

namespace rlx::transport {

using plugin::answer;
namespace {

// Regions without an address go through the host in pieces of this size.
constexpr uint64_t kStagingBytes = uint64_t{1} << 20;

std::atomic_ref<uint64_t> word_at(const MemoryRank& self, uint32_t peer, uint64_t offset) {
  return std::atomic_ref<uint64_t>(*reinterpret_cast<uint64_t*>(self.segment.heap(peer) + offset));
}

// After a change of a word of the peer's heap; wait_until tells why no fence is needed in between.
void wake(const MemoryRank& self, uint32_t peer) {
  Place& place = self.segment.place(peer);
  if (place.sleepers.load(std::memory_order_relaxed) == 0) return;
  place.doorbell.fetch_add(1, std::memory_order_seq_cst);
  futex_wake(place.doorbell, self.shared);
}

// The slots of the table; local and shm bring attach and destroy.
struct Slots {
  static constexpr decltype(rlx_transport_table_v1::attach) attach = nullptr;
  static constexpr decltype(rlx_transport_table_v1::destroy) destroy = nullptr;

  static void detach(rlx_rank* rank) {
    if (rank) leave(*rank->memory);
    delete rank;
  }

  static void* heap(rlx_rank* rank) { return rank->memory->segment.heap(rank->memory->rank); }

  static rlx_status* link(rlx_rank* rank, uint32_t, rlx_link_info* out_info) {
    return answer([&]() -> Status {
      describe_link(rank->memory->shared, *out_info);
      return {};
    });
  }

  static rlx_status* map(rlx_rank* rank, uint32_t peer, void** out_heap) {
    *out_heap = rank->memory->segment.heap(peer);
    return nullptr;
  }

  static rlx_status* put(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size) {
    // Ranges may be the same or overlap when a rank puts into its own heap.
    if (size) std::memmove(rank->memory->segment.heap(peer) + dst_offset, src, size);
    return nullptr;
  }

  static rlx_status* get(rlx_rank* rank, uint32_t peer, uint64_t src_offset, void* dst, uint64_t size) {
    if (size) std::memmove(dst, rank->memory->segment.heap(peer) + src_offset, size);
    return nullptr;
  }

  static rlx_status* put_strided(rlx_rank* rank, uint32_t peer, const rlx_strided* layout, const void* src) {
    char* heap = rank->memory->segment.heap(peer) + layout->heap_offset;
    for (uint64_t i = 0; i < layout->count; ++i)
      std::memmove(heap + i * layout->heap_stride, static_cast<const char*>(src) + i * layout->local_stride,
                   layout->block_bytes);
    return nullptr;
  }

  static rlx_status* get_strided(rlx_rank* rank, uint32_t peer, const rlx_strided* layout, void* dst) {
    const char* heap = rank->memory->segment.heap(peer) + layout->heap_offset;
    for (uint64_t i = 0; i < layout->count; ++i)
      std::memmove(static_cast<char*>(dst) + i * layout->local_stride, heap + i * layout->heap_stride,
                   layout->block_bytes);
    return nullptr;
  }

  static rlx_status* put_signal(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size,
                                uint64_t signal_offset, uint64_t value) {
    const MemoryRank& self = *rank->memory;
    if (size) std::memmove(self.segment.heap(peer) + dst_offset, src, size);
    word_at(self, peer, signal_offset).store(value, std::memory_order_release);
    wake(self, peer);
    return nullptr;
  }

  static rlx_status* wait_signal(rlx_rank* rank, uint64_t signal_offset, uint64_t value, uint32_t from,
                                 uint64_t deadline_ns) {
    MemoryRank& self = *rank->memory;
    const std::atomic_ref<uint64_t> signal = word_at(self, self.rank, signal_offset);
    const auto done = [&] { return signal.load(std::memory_order_acquire) >= value; };
    if (done()) return nullptr;
    return answer([&] {
      const auto missing = [&] { return from == RLX_ANY_RANK ? std::vector<uint32_t>{} : std::vector<uint32_t>{from}; };
      return wait_until(self, "wait_signal", {self.own().doorbell, self.own().sleepers}, deadline_ns, done, missing);
    });
  }

  static rlx_status* atomic_add(rlx_rank* rank, uint32_t peer, uint64_t offset, uint64_t value, uint64_t* out_old) {
    const MemoryRank& self = *rank->memory;
    const uint64_t old = word_at(self, peer, offset).fetch_add(value, std::memory_order_seq_cst);
    if (out_old) *out_old = old;
    wake(self, peer);
    return nullptr;
  }

  static rlx_status* fence(rlx_rank*) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return nullptr;
  }

  static rlx_status* quiet(rlx_rank* rank, uint64_t) { return fence(rank); }

  static rlx_status* barrier(rlx_rank* rank, uint64_t deadline_ns) {
    MemoryRank& self = *rank->memory;
    Header& header = self.segment.header();
    if (!self.in_barrier) {
      if (header.failure.load(std::memory_order_relaxed) != 0)
        return answer([&]() -> Status { return tl::unexpected<Error>(failure_of(self, "barrier")); });
      self.in_barrier = true;
      ++self.epoch;
      self.own().barrier.store(self.epoch, std::memory_order_release);
      if (header.arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == self.world) {
        // Nobody arrives at the next barrier before the epoch says that this one is over.
        header.arrived.store(0, std::memory_order_relaxed);
        header.epoch.store(self.epoch, std::memory_order_release);
        if (header.epoch_sleepers.load(std::memory_order_relaxed)) futex_wake(header.epoch, self.shared);
      }
    }
    // Differences, since the counter wraps.
    const auto reached = [&](const std::atomic<uint32_t>& at) {
      return static_cast<int32_t>(at.load(std::memory_order_acquire) - self.epoch) >= 0;
    };
    const auto done = [&] { return reached(header.epoch); };
    rlx_status* status = done() ? nullptr : answer([&] {
      const auto missing = [&] {
        std::vector<uint32_t> ranks;
        for (uint32_t r = 0; r < self.world; ++r)
          if (!reached(self.segment.place(r).barrier)) ranks.push_back(r);
        return ranks;
      };
      return wait_until(self, "barrier", {header.epoch, header.epoch_sleepers}, deadline_ns, done, missing);
    });
    if (!status) self.in_barrier = false;
    return status;
  }

  // Loads and stores are done when they return: the points have always passed.
  static rlx_status* put_async(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size,
                               const rlx_point*, uint64_t, rlx_point* out_end) {
    *out_end = {0, 0};
    return put(rank, peer, dst_offset, src, size);
  }

  static rlx_status* get_async(rlx_rank* rank, uint32_t peer, uint64_t src_offset, void* dst, uint64_t size,
                               const rlx_point*, uint64_t, rlx_point* out_end) {
    *out_end = {0, 0};
    return get(rank, peer, src_offset, dst, size);
  }

  static rlx_status* wait_point(rlx_rank*, rlx_point, uint64_t) { return nullptr; }

  static rlx_status* register_region(rlx_rank* rank, const rlx_region_desc* desc, rlx_rank_memory** out_region) {
    return answer([&]() -> Status {
      if (!desc->address) rank->memory->staging.resize(kStagingBytes);
      *out_region = new rlx_rank_memory{*desc};
      return {};
    });
  }

  static void release_region(rlx_rank*, rlx_rank_memory* region) { delete region; }

  static rlx_status* put_region(rlx_rank* rank, uint32_t peer, uint64_t dst_offset, rlx_rank_memory* src,
                                uint64_t src_offset, uint64_t size) {
    const rlx_region_desc& from = src->desc;
    if (from.address) return put(rank, peer, dst_offset, static_cast<char*>(from.address) + src_offset, size);
    char* heap = rank->memory->segment.heap(peer) + dst_offset;
    for (uint64_t at = 0; at < size; at += kStagingBytes) {
      const uint64_t piece = std::min(kStagingBytes, size - at);
      // A failed read must not leave half a piece in the heap.
      if (rlx_status* status = from.read(from.ctx, src_offset + at, rank->memory->staging.data(), piece)) return status;
      std::memcpy(heap + at, rank->memory->staging.data(), piece);
    }
    return nullptr;
  }

  static rlx_status* get_region(rlx_rank* rank, uint32_t peer, uint64_t src_offset, rlx_rank_memory* dst,
                                uint64_t dst_offset, uint64_t size) {
    const rlx_region_desc& to = dst->desc;
    if (to.address) return get(rank, peer, src_offset, static_cast<char*>(to.address) + dst_offset, size);
    // The heap is host memory: the device may read it as it is.
    return to.write(to.ctx, dst_offset, rank->memory->segment.heap(peer) + src_offset, size);
  }

  static rlx_status* fail(rlx_rank* rank, rlx_code code, uint32_t culprit) {
    fail_group(*rank->memory, static_cast<Code>(code), culprit);
    return nullptr;
  }

  static rlx_status* collective(rlx_rank*, const rlx_collective*) {
    return answer([]() -> Status {
      return error(Code::kUnimplemented, "collective: this transport has none of its own; the host's are used");
    });
  }
};

}  // namespace

rlx_status* attach_rank(std::unique_ptr<MemoryRank> (*make)(), const rlx_rank_options& options, rlx_rank** out_rank) {
  return answer([&]() -> Status {
    std::unique_ptr<MemoryRank> self = make();
    self->rank = options.rank;
    self->world = options.world_size;
    self->group.assign(options.group.data ? options.group.data : "", options.group.size);
    choose_patience(*self);
    RLX_TRY(self->join(options));
    *out_rank = new rlx_rank{std::move(self)};
    return {};
  });
}

rlx_transport_table_v1 memory_table(decltype(rlx_transport_table_v1::attach) attach,
                                    decltype(rlx_transport_table_v1::destroy) destroy) {
  rlx_transport_table_v1 t = sdk::transport_table<Slots>();
  t.attach = attach;
  t.destroy = destroy;
  return t;
}

}  // namespace rlx::transport
