// Puts, gets, signals and counters between ranks, on every transport.
#include "ranks.hpp"

#include <cstring>
#include <numeric>

using namespace rlx;
using namespace tests;

namespace {

std::vector<uint8_t> pattern(uint32_t rank, size_t bytes) {
  std::vector<uint8_t> data(bytes);
  for (size_t i = 0; i < bytes; ++i) data[i] = static_cast<uint8_t>(31 * rank + 7 * i + i / 256);
  return data;
}

RankOptions with_heap(uint64_t bytes) {
  RankOptions options;
  options.heap_bytes = bytes;
  return options;
}

}  // namespace

TEST_CASE("what every rank puts into every heap is what its owner reads", "[transport]") {
  for (const Transport& transport : thread_transports())
    for (const uint32_t world : {1u, 2u, 5u}) {
      constexpr size_t kBytes = 3000;
      require_ranks(transport, world, with_heap(world * kBytes), [&](Rank& rank) -> Status {
        const auto data = pattern(rank.rank(), kBytes);
        for (uint32_t peer = 0; peer < world; ++peer)
          RLX_TRY(rank.put(peer, rank.rank() * kBytes, data.data(), kBytes));
        RLX_TRY(rank.barrier());
        for (uint32_t from = 0; from < world; ++from)
          RLX_TRY(expect(
              std::memcmp(static_cast<char*>(rank.heap()) + from * kBytes, pattern(from, kBytes).data(), kBytes) == 0,
              "bytes of rank " + std::to_string(from)));
        std::vector<uint8_t> back(kBytes);
        const uint32_t next = (rank.rank() + 1) % world;
        RLX_TRY(rank.get(next, next * kBytes, back.data(), kBytes));
        return expect(back == pattern(next, kBytes), "bytes read from rank " + std::to_string(next));
      });
    }
}

TEST_CASE("heaps start as zeros", "[transport]") {
  for (const Transport& transport : thread_transports())
    require_ranks(transport, 2, with_heap(5u << 20), [](Rank& rank) -> Status {
      const char* heap = static_cast<const char*>(rank.heap());
      RLX_TRY(expect(reinterpret_cast<uintptr_t>(heap) % 4096 == 0, "alignment"));
      return expect(std::all_of(heap, heap + rank.heap_bytes(), [](char c) { return c == 0; }), "zeros");
    });
}

TEST_CASE("strided blocks land where the strides say", "[transport]") {
  for (const Transport& transport : thread_transports())
    require_ranks(transport, 2, with_heap(1024), [](Rank& rank) -> Status {
      const auto data = pattern(1, 64);
      if (rank.rank() == 0) {
        // Rows of 4 bytes, 8 apart here, 32 apart there.
        RLX_TRY(rank.put(1, {.count = 8, .block_bytes = 4, .heap_offset = 100, .heap_stride = 32, .local_stride = 8},
                         data.data()));
      }
      RLX_TRY(rank.barrier());
      const auto* heap = static_cast<const uint8_t*>(rank.heap());
      if (rank.rank() == 1)
        for (size_t i = 0; i < 1024; ++i) {
          const size_t row = (i - 100) / 32, column = (i - 100) % 32;
          const bool inside = i >= 100 && row < 8 && column < 4;
          RLX_TRY(expect(heap[i] == (inside ? data[row * 8 + column] : 0), "byte " + std::to_string(i)));
        }
      std::vector<uint8_t> back(32);
      RLX_TRY(rank.get(1, {.count = 8, .block_bytes = 4, .heap_offset = 100, .heap_stride = 32, .local_stride = 4},
                       back.data()));
      for (size_t i = 0; i < 32; ++i) RLX_TRY(expect(back[i] == data[i / 4 * 8 + i % 4], "read " + std::to_string(i)));
      return {};
    });
}

TEST_CASE("a signal arrives after the bytes that it announces", "[transport]") {
  for (const Transport& transport : thread_transports())
    require_ranks(transport, 2, with_heap(64 + 4096), [](Rank& rank) -> Status {
      std::vector<uint64_t> data(512);
      for (uint64_t round = 1; round <= 300; ++round) {
        const uint32_t peer = 1 - rank.rank();
        if (rank.rank() == round % 2) {
          std::fill(data.begin(), data.end(), round);
          RLX_TRY(rank.put_signal(peer, 64, data.data(), 4096, 0, round));
          RLX_TRY(rank.wait_signal(8, round, peer));
        } else {
          RLX_TRY(rank.wait_signal(0, round, peer));
          const auto* words = reinterpret_cast<const uint64_t*>(static_cast<char*>(rank.heap()) + 64);
          RLX_TRY(expect(std::all_of(words, words + 512, [&](uint64_t w) { return w == round; }), "stale bytes"));
          RLX_TRY(rank.put_signal(peer, 0, nullptr, 0, 8, round));
        }
      }
      return {};
    });
}

TEST_CASE("additions of all ranks to one counter are all there", "[transport]") {
  for (const Transport& transport : thread_transports())
    require_ranks(transport, 4, with_heap(64), [](Rank& rank) -> Status {
      constexpr uint64_t kRounds = 1000;
      for (uint64_t i = 0; i < kRounds; ++i) {
        auto old = rank.atomic_add(2, 8, 1);
        if (!old) return tl::unexpected<Error>(old.error());
        RLX_TRY(expect(*old < 4 * kRounds, "old value"));
      }
      // Additions wake a waiter as signals do.
      if (rank.rank() == 2) return rank.wait_signal(8, 4 * kRounds);
      return {};
    });
}

TEST_CASE("asynchronous copies give points that pass", "[transport]") {
  for (const Transport& transport : thread_transports())
    require_ranks(transport, 2, with_heap(64), [](Rank& rank) -> Status {
      const uint64_t value = 7 + rank.rank();
      RLX_ASSIGN(const rlx_point first, rank.put_async(1 - rank.rank(), 0, &value, 8));
      const rlx_point waits[] = {first};
      RLX_ASSIGN(const rlx_point second, rank.put_async(1 - rank.rank(), 8, &value, 8, waits));
      RLX_TRY(rank.wait(second));
      RLX_TRY(rank.quiet());
      RLX_TRY(rank.barrier());
      uint64_t back[2] = {};
      RLX_ASSIGN(const rlx_point read, rank.get_async(rank.rank(), 0, back, 16));
      RLX_TRY(rank.wait(read));
      return expect(back[0] == 8u - rank.rank() && back[1] == back[0], "values");
    });
}

namespace {

// Memory that loads and stores do not reach, as a device has it.
struct FakeDevice {
  std::vector<char> memory;
  uint64_t fails_at = UINT64_MAX;
  static rlx_status* read(void* ctx, uint64_t offset, void* dst, uint64_t size) {
    std::memcpy(dst, static_cast<FakeDevice*>(ctx)->memory.data() + offset, size);
    return nullptr;
  }
  static rlx_status* write(void* ctx, uint64_t offset, const void* src, uint64_t size) {
    std::memcpy(static_cast<FakeDevice*>(ctx)->memory.data() + offset, src, size);
    return nullptr;
  }
};

}  // namespace

TEST_CASE("device memory is a source and a target", "[transport]") {
  constexpr size_t kBytes = (size_t{2} << 20) + 77;  // more than one staging piece
  for (const Transport& transport : thread_transports())
    for (const bool addressable : {false, true})
      require_ranks(transport, 2, with_heap(kBytes), [&](Rank& rank) -> Status {
        FakeDevice device;
        device.memory.resize(kBytes + 10);
        const auto data = pattern(rank.rank(), kBytes);
        std::memcpy(device.memory.data() + 10, data.data(), kBytes);
        rlx_region_desc desc{};
        desc.size = kBytes + 10;
        desc.ctx = &device;
        if (addressable) {
          desc.address = device.memory.data();
        } else {
          desc.read = FakeDevice::read;
          desc.write = FakeDevice::write;
        }
        RLX_ASSIGN(const Region region, rank.register_region(desc));
        RLX_TRY(rank.put(1 - rank.rank(), 0, region, 10, kBytes));
        RLX_TRY(rank.barrier());
        RLX_TRY(rank.get(rank.rank(), 0, region, 0, kBytes));
        const auto wanted = pattern(1 - rank.rank(), kBytes);
        RLX_TRY(expect(std::memcmp(device.memory.data(), wanted.data(), kBytes) == 0, "bytes"));
        const Status outside = rank.put(0, 0, region, 11, kBytes);
        return expect(!outside && outside.error().code == Code::kOutOfRange, "past the region");
      });
}

TEST_CASE("a rank puts into its own heap, and nothing is put as well", "[transport]") {
  for (const Transport& transport : thread_transports())
    require_ranks(transport, 1, with_heap(32), [](Rank& rank) -> Status {
      const uint64_t value = 42;
      RLX_TRY(rank.put_signal(0, 8, &value, 8, 0, 1));
      RLX_TRY(rank.wait_signal(0, 1, 0, 0));
      RLX_TRY(rank.put(0, 16, static_cast<char*>(rank.heap()) + 8, 8));
      RLX_TRY(rank.put(0, 32, nullptr, 0));
      RLX_TRY(rank.get(0, 32, nullptr, 0));
      RLX_TRY(rank.barrier(0));
      return expect(static_cast<uint64_t*>(rank.heap())[2] == 42, "value");
    });
}

TEST_CASE("links say what they are", "[transport][links]") {
  for (const Transport& transport : thread_transports())
    require_ranks(transport, 2, with_heap(64), [&](Rank& rank) -> Status {
      RLX_ASSIGN(const Link link, rank.link(1 - rank.rank()));
      RLX_TRY(expect(link.same_host && link.mapped == (transport.name() != "mpi"), "flags"));
      RLX_TRY(expect(link.same_process == (transport.name() == "local"), "same process"));
      RLX_TRY(expect(link.bandwidth_bytes_per_s > 0 && link.latency_ns > 0, "figures"));
      RLX_TRY(expect(rank.peer(rank.rank()) == (link.mapped ? rank.heap() : nullptr), "own heap"));
      return expect((rank.peer(1 - rank.rank()) != nullptr) == link.mapped && rank.peer(2) == nullptr, "peer's heap");
    });
}
