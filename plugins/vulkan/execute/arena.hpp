// Where the tensors of a program, its working memory and the parameters of its dispatches lie in the arena of a
// context. An arena that is larger than the device's largest allocation is several blocks of memory; nothing in it
// crosses from one into the next.
#pragma once

#include <rlx/sdk/program_view.hpp>

#include <cstdint>
#include <vector>

namespace rlx::vulkan {

// Offsets of the device's memory are multiples of this.
constexpr uint64_t kArenaAlign = 256;

constexpr uint64_t align_up(uint64_t bytes) {
  return (bytes + kArenaAlign - 1) / kArenaAlign * kArenaAlign;
}

// Offsets are from the arena's start; its blocks follow each other.
struct Arena {
  std::vector<uint64_t> tensors;  // by tensor; RLX_NO_OFFSET for those without memory of their own in the arena
  uint64_t scratch = 0, params = 0;
  std::vector<uint64_t> starts;  // of the blocks, and behind them the arena's end

  struct Spot {
    size_t block;
    uint64_t offset;  // in the block
  };
  Spot locate(uint64_t offset) const;
  uint64_t bytes() const { return starts.back(); }
  size_t block_count() const { return starts.size() - 1; }
  uint64_t block_bytes(size_t block) const { return starts[block + 1] - starts[block]; }
};

// Throws RESOURCE_EXHAUSTED naming what is larger than an allocation may be.
void check_allocation(const std::string& device, const std::string& name, uint64_t bytes, uint64_t limit);

// The host's plan, followed by working memory and parameters; a plan of its own if that is more than block_bytes, a
// multiple of kArenaAlign. device is its name, for the error.
Arena lay_out_arena(const sdk::ProgramView& program, uint64_t scratch_bytes, uint64_t params_bytes,
                    uint64_t block_bytes, const std::string& device);

// Something in an arena and the steps of a run in which it must keep its bytes.
struct ArenaItem {
  uint64_t bytes;
  uint64_t first_step, last_step;
  uint64_t offset = 0;  // the result
};

// Fills in the offsets, so that items that are alive in one step do not overlap and each lies in one block. Every item
// fits into a block; none works in the place of another. Returns where the blocks start, and the end.
std::vector<uint64_t> plan_blocks(std::vector<ArenaItem>& items, uint64_t block_bytes);

}  // namespace rlx::vulkan
