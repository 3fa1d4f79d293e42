// What is behind the handles of a partition's tables.
#pragma once

#include "compile/partition.hpp"
#include "runtime/context.hpp"
#include "runtime/executable.hpp"

#include <map>
#include <set>

namespace rlx {

// "segment 2 of 3 on cpu:0"
std::string segment_label(size_t index, size_t count, const Device& device);

// An executable for each segment, and the memory plan of the values between them. Immutable after finalize.
struct PartitionExecutable {
  struct StatePlace {
    uint32_t segment;
    uint32_t tensor;  // in that segment's program
  };

  // A state whose old value another segment reads: copied to the wire when that segment is about to run.
  struct Fetch {
    uint32_t wire;
    uint32_t before;
    StatePlace from;
  };

  Status set_param(std::string_view name, rlx_dtype dtype, const void* src, uint64_t bytes);
  Status finalize();
  Status stats(rlx_executable_stats& out) const;
  std::string label(size_t segment) const { return segment_label(segment, segments.size(), segments[segment]->device); }

  std::vector<std::shared_ptr<ExecutableImpl>> segments;
  std::vector<Wire> wires;
  std::vector<uint64_t> offsets;  // of each wire in the host memory of a context
  uint64_t host_bytes = 0;
  std::set<std::string, std::less<>> missing;  // parameters without a value
  // By tensor of the whole program.
  std::map<uint32_t, uint32_t> wire_of;
  std::map<uint32_t, StatePlace> state_of;
  std::vector<Fetch> fetches;
};

// A context for each segment. Wires lie in host memory that the segments' inputs and outputs are bound to, so devices
// with host pointers exchange values without a copy, and others read and write them around their part of a run.
class PartitionContext {
 public:
  static Result<std::unique_ptr<PartitionContext>> create(const PartitionExecutable& executable,
                                                          const ContextOptions& options);

  Status run();
  Result<std::vector<KernelTime>> profile();
  // The caller's memory for an input or output; null: the context's own.
  Status bind(uint32_t tensor, void* data);
  Status write(uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t bytes, uint64_t first);
  Status read(uint32_t tensor, rlx_dtype dtype, void* dst, uint64_t bytes, uint64_t first);
  // Bytes [offset, offset + bytes) of an input's or output's memory.
  Result<std::byte*> range(uint32_t tensor, uint64_t offset, uint64_t bytes) const;
  // Between inputs and outputs.
  Status copy_range(uint32_t dst, uint64_t dst_offset, uint32_t src, uint64_t src_offset, uint64_t bytes);
  // States only: nothing else is copied between contexts.
  Status copy_from(PartitionContext& from, uint32_t tensor);
  Status reset_state();
  Status stats(rlx_arena_stats& out) const;

  std::vector<KernelTime> times;  // of the last profile; the plugin's side of the ABI lends strings

 private:
  explicit PartitionContext(const PartitionExecutable& executable) : executable_(executable) {}
  Status attach(uint32_t wire, void* data);
  // Of an input or output.
  Result<DType> dtype_of(uint32_t tensor) const;
  Status fetch_states(uint32_t segment);

  const PartitionExecutable& executable_;
  Tensor memory_;
  std::vector<std::byte*> at_;  // of each wire: where its bytes are now
  std::vector<std::unique_ptr<ContextImpl>> segments_;
};

// A device that stands for all devices of a partition. The handles of its executables
// are PartitionExecutable objects.
Device partition_device(const std::vector<Device>& devices);

}  // namespace rlx
