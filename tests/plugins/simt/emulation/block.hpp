// Runs the blocks of a grid one after the other, the threads of a block as fibers on the calling thread. Finds what a
// GPU leaves to luck: threads that wait at different barriers, shuffles that a lane of the warp never reaches, shared
// memory that is read before it is written (it holds a pattern) or beyond its end (it is a heap block of its own size).
#pragma once

#include <cstdint>
#include <string>

namespace emulation {

// In which order threads run between two barriers; what a kernel computes may not depend on it.
enum class Order { kForward, kBackward, kRandom };

struct Grid {
  void (*kernel)(const void* kernel_context);
  const void* context;
  uint32_t blocks, threads;
  uint64_t shared_bytes;
  uint32_t warp;
  Order order = Order::kForward;
  uint32_t seed = 1;
};

// What went wrong, or nothing.
std::string run(const Grid& grid);

// ---- for the thread that runs -------------------------------------------------------------------------------------

struct Thread {
  uint32_t index, block_index, block_size, grid_size;
};
const Thread& this_thread();
void* shared_memory();
void wait_for_block();
// Gives bits to the other lanes of the warp and takes those of a lane.
uint64_t exchange(uint64_t bits, uint32_t from_lane);
// The same, taking those of every lane.
void exchange_all(uint64_t bits, uint64_t* of_lanes);
// Copies bytes when the thread waits for its copies, and not before: until then there is a pattern. from NULL: zeros. A
// thread that ends without having waited is a fault.
void begin_copy(void* to, const void* from, uint32_t bytes);
void wait_for_copies();

}  // namespace emulation
