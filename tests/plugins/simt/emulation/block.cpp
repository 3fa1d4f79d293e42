// The scheduler: each round runs every thread that can go on, in the chosen order, until it waits or ends; then warps
// and the block are released where all have arrived. A round in which nothing can go on is a fault of the kernel.
#include "emulation/block.hpp"

#include "emulation/fiber.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

namespace emulation {

namespace {

constexpr int kPoison = 0xcd;

enum class Waits : uint8_t { kNothing, kBlock, kWarp, kEnded };

struct Copy {
  void* to;
  const void* from;
  uint32_t bytes;
};

struct Running {
  Fiber* fiber = nullptr;
  Thread thread{};
  Waits waits = Waits::kNothing;
  // Two, because a lane may begin the next exchange before a slow one has read this one's.
  uint64_t given[2] = {};
  unsigned phase = 0;
  std::vector<Copy> copies = {};  // that it has not waited for
};

struct Block {
  const Grid* grid = nullptr;
  std::vector<Running> threads;
  Running* current = nullptr;
  std::unique_ptr<std::byte[]> shared;
};

thread_local Block block;
// Kept from launch to launch: a stack costs more than a switch.
thread_local std::vector<std::unique_ptr<Fiber>> fibers;

void wait(Waits what) {
  Running* self = block.current;
  self->waits = what;
  self->fiber->yield();
}

std::string at(const Running& r) {
  return "block " + std::to_string(r.thread.block_index) + ", thread " + std::to_string(r.thread.index);
}

// Lets go whom everybody has reached. An error names who waits for whom.
std::string release(bool& any_runs) {
  const uint32_t count = static_cast<uint32_t>(block.threads.size()), warp = block.grid->warp;
  uint32_t at_block = 0, ended = 0;
  for (const Running& r : block.threads) {
    at_block += r.waits == Waits::kBlock;
    ended += r.waits == Waits::kEnded;
  }
  if (ended == count) return {};
  if (at_block == count) {
    for (Running& r : block.threads) r.waits = Waits::kNothing;
    any_runs = true;
    return {};
  }
  for (uint32_t first = 0; first < count; first += warp) {
    const uint32_t last = std::min(first + warp, count);
    const bool all = std::all_of(block.threads.begin() + first, block.threads.begin() + last,
                                 [](const Running& r) { return r.waits == Waits::kWarp; });
    if (!all) continue;
    for (uint32_t i = first; i < last; ++i) block.threads[i].waits = Waits::kNothing;
    any_runs = true;
  }
  if (any_runs) return {};
  const auto waits = [](Waits what) {
    return std::find_if(block.threads.begin(), block.threads.end(), [=](const Running& r) { return r.waits == what; });
  };
  const auto waiting = waits(Waits::kWarp) != block.threads.end() ? waits(Waits::kWarp) : waits(Waits::kBlock);
  const char* where = waiting->waits == Waits::kWarp ? " waits in a shuffle" : " waits at a barrier";
  return at(*waiting) + where + " that others never reach: " + std::to_string(at_block) + " of " +
         std::to_string(count) + " threads are at a barrier, " + std::to_string(ended) + " have ended";
}

void call_kernel(void*) {
  block.grid->kernel(block.grid->context);
}

std::string run_block(uint32_t index, std::mt19937& random) {
  const Grid& grid = *block.grid;
  // A heap block of exactly this size, so that the address sanitizer knows its end.
  block.shared = std::make_unique<std::byte[]>(std::max<uint64_t>(grid.shared_bytes, 1));
  std::memset(block.shared.get(), kPoison, grid.shared_bytes);
  std::vector<uint32_t> order(grid.threads);
  for (uint32_t i = 0; i < grid.threads; ++i) {
    order[i] = grid.order == Order::kBackward ? grid.threads - 1 - i : i;
    block.threads[i] = Running{fibers[i].get(), {i, index, grid.threads, grid.blocks}};
  }
  std::string why;
  for (bool any_runs = true; any_runs;) {
    if (grid.order == Order::kRandom) std::shuffle(order.begin(), order.end(), random);
    for (const uint32_t i : order) {
      Running& r = block.threads[i];
      if (r.waits != Waits::kNothing) continue;
      block.current = &r;
      if (!r.fiber->resume(call_kernel, nullptr)) continue;
      r.waits = Waits::kEnded;
      if (!r.copies.empty()) why = at(r) + " ended while its copies were on their way";
    }
    any_runs = false;
    if (why.empty()) why = release(any_runs);
    if (!why.empty()) {
      // Their stacks hold a function that never ends.
      fibers.clear();
      return why;
    }
  }
  return {};
}

}  // namespace

std::string run(const Grid& grid) {
  while (fibers.size() < grid.threads) fibers.push_back(std::make_unique<Fiber>());
  block.grid = &grid;
  block.threads.assign(grid.threads, {});
  std::mt19937 random(grid.seed);
  for (uint32_t i = 0; i < grid.blocks; ++i)
    if (std::string why = run_block(i, random); !why.empty()) return why;
  return {};
}

const Thread& this_thread() {
  return block.current->thread;
}

void* shared_memory() {
  return block.shared.get();
}

void wait_for_block() {
  wait(Waits::kBlock);
}

namespace {
// Gives bits to the warp; then value(lane) is what each lane gave.
auto give(uint64_t bits) {
  Running* self = block.current;
  const unsigned phase = self->phase++ % 2;
  self->given[phase] = bits;
  wait(Waits::kWarp);
  const uint32_t warp = block.grid->warp, first = self->thread.index / warp * warp;
  return [first, phase](uint32_t lane) { return block.threads[first + lane].given[phase]; };
}
}  // namespace

uint64_t exchange(uint64_t bits, uint32_t from_lane) {
  return give(bits)(from_lane);
}

void begin_copy(void* to, const void* from, uint32_t bytes) {
  std::memset(to, kPoison, bytes);
  block.current->copies.push_back({to, from, bytes});
}

void wait_for_copies() {
  for (const Copy& copy : block.current->copies)
    if (copy.from)
      std::memcpy(copy.to, copy.from, copy.bytes);
    else
      std::memset(copy.to, 0, copy.bytes);
  block.current->copies.clear();
}

void exchange_all(uint64_t bits, uint64_t* of_lanes) {
  const auto value = give(bits);
  for (uint32_t lane = 0; lane < block.grid->warp; ++lane) of_lanes[lane] = value(lane);
}

}  // namespace emulation
