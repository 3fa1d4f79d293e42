// What is behind the handles of a group's tables: the collectives of one segment, and the memory of one run of it.
#pragma once

#include "runtime/group_device.hpp"

#include <rlx/sdk/program_view.hpp>

#include <rlx/tensor.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

namespace rlx {

struct GroupDevice {
  explicit GroupDevice(std::shared_ptr<ProcessGroup> g) : group(std::move(g)) {}
  std::shared_ptr<ProcessGroup> group;
  std::atomic<bool> busy = false;
  std::mutex heap_mutex;  // contexts are made by any thread
};

// Why this node cannot run here; empty if it can.
std::string refusal_of(const sdk::NodeView& node, const ProcessGroup& group);

// One node: what it does to which tensors.
struct GroupStep {
  enum class Kind { kAllReduce, kAllGather, kReduceScatter, kBroadcast, kAllToAll, kCopy };
  Kind kind = Kind::kCopy;
  Reduction reduction = Reduction::kSum;
  uint32_t root = 0;
  uint32_t src = 0, dst = 0;
  std::string op, name;
};

// Where a tensor's bytes are.
struct GroupTensor {
  DType dtype = DType::kF32;
  uint32_t role = RLX_ROLE_TEMPORARY;
  bool is_public = false;  // an input or output, which may be bound
  uint32_t root = 0;       // itself, or what it is a view of
  uint64_t view_offset = 0, bytes = 0, plan_offset = RLX_NO_OFFSET;
  std::string name;
  const void* data = nullptr;  // until finalize
  uint64_t elements() const { return bytes / size_of(dtype); }
};

class GroupExecutable {
 public:
  // The program's nodes are those that refusal_of() lets pass.
  GroupExecutable(GroupDevice& device, const rlx_program& program);

  Status set_param(std::string_view name, DType dtype, const void* src, uint64_t bytes);
  Status finalize();
  void stats(rlx_executable_stats& out) const;
  // Of all collectives of a run.
  uint64_t operand_bytes() const;

  GroupDevice& device;
  std::vector<GroupTensor> tensors;
  std::vector<GroupStep> steps;
  std::vector<std::vector<std::byte>> stored;  // by tensor: parameters, constants, first values of states
  uint64_t arena_bytes = 0, lower_bound = 0;

 private:
  std::vector<bool> is_set_;  // parameters
};

class GroupContext {
 public:
  static Result<std::unique_ptr<GroupContext>> create(const GroupExecutable& executable);

  // Errors: those of the collectives, BUSY.
  Status run();
  Status bind(uint32_t tensor, void* data, uint64_t bytes);
  void reset_state();
  // Bytes [offset, offset + bytes) of a tensor with memory in this context.
  Result<std::byte*> range(uint32_t tensor, uint64_t offset, uint64_t bytes) const;
  const GroupExecutable& executable() const { return executable_; }

 private:
  explicit GroupContext(const GroupExecutable& executable) : executable_(executable) {}
  Status run(const GroupStep& step);
  void resolve();

  const GroupExecutable& executable_;
  std::shared_ptr<std::byte> arena_;
  std::vector<std::byte*> bound_, at_;  // by tensor
};

}  // namespace rlx
