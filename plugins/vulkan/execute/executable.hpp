// A compiled program: its dispatches with everything but addresses, where each tensor lives, and the weights in device
// memory. Shared by its contexts; immutable and free-threaded after finalize. Counted: it goes when the host has
// released it and its last context is gone.
#pragma once

#include "device/device.hpp"
#include "execute/arena.hpp"
#include "kernels/plan.hpp"

#include <rlx/sdk/counted.hpp>
#include <rlx/sdk/progress.hpp>

#include <string>
#include <vector>

namespace rlx::vulkan {

struct TensorInfo {
  rlx_tensor desc;  // its data does not outlive finalize
  std::string name;
  std::string label() const { return "tensor '" + name + "'"; }
};

struct NodeInfo {
  std::string op, name, label;
};

// Where bytes are: in the context's arena, or in a block of weights.
struct Place {
  static constexpr uint32_t kArena = UINT32_MAX, kNowhere = UINT32_MAX - 1;
  uint32_t block;  // kArena, kNowhere or the number of a block
  uint64_t offset;
};

class Executable : public sdk::Counted<Executable> {
 public:
  // Throws UNIMPLEMENTED naming the node that has no kernel.
  Executable(std::shared_ptr<Device> device, const rlx_program& program, const sdk::Progress& progress);

  void set_param(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes);
  void finalize();
  void set_param_range(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                       uint64_t first_elem);
  void stats(rlx_executable_stats& out) const;

  Device& device() const { return *device_; }
  bool finalized() const { return finalized_; }
  const std::vector<Dispatch>& dispatches() const { return dispatches_; }
  // By dispatch: whether a barrier comes before it.
  const std::vector<bool>& barriers() const { return barriers_; }
  const std::vector<NodeInfo>& nodes() const { return nodes_; }
  const std::vector<TensorInfo>& tensors() const { return tensors_; }
  const TensorInfo& tensor(uint32_t index) const;  // throws OUT_OF_RANGE

  const Arena& arena() const { return arena_; }
  uint64_t scratch_bytes() const { return scratch_bytes_; }
  // Of all dispatches together, each from a multiple of kArenaAlign on.
  uint64_t params_bytes() const { return params_bytes_; }
  uint64_t arena_lower_bound() const { return lower_bound_; }

  // Of the tensor's first byte; views are resolved. kScratch stands for the working memory.
  Place place(uint32_t tensor) const;
  const Block& weights(uint32_t block) const { return weights_[block]; }
  // Where the first value of a state is kept; kNowhere for zeros.
  Place first_value(uint32_t state) const { return first_values_[state]; }

 private:
  void plan_nodes(const sdk::ProgramView& program, const sdk::Progress& progress);
  void place_weights();
  void find_barriers();
  uint32_t find_param(std::string_view name) const;
  void upload(uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t first_elem, uint64_t count);

  std::shared_ptr<Device> device_;
  std::vector<TensorInfo> tensors_;
  std::vector<NodeInfo> nodes_;
  std::vector<Dispatch> dispatches_;
  std::vector<bool> barriers_;
  uint64_t barrier_count_ = 0, dependency_count_ = 0;
  std::vector<Place> stored_, first_values_;  // by tensor
  std::vector<bool> is_set_;                  // by tensor: parameters that have their bytes
  std::vector<Block> weights_;
  Arena arena_;
  uint64_t scratch_bytes_ = 0, params_bytes_ = 0, lower_bound_ = 0;
  bool finalized_ = false;
};

}  // namespace rlx::vulkan
