// What one run needs: an arena laid out by the program's default plan, a queue, and the launches with their addresses
// filled in. The second run is captured as a graph, later ones replay it. Used by one thread at a time. A rlx_arena is
// its context.
#pragma once

#include "executable.hpp"

namespace rlx::simt {

class Context {
 public:
  // Throws FAILED_PRECONDITION before finalize, RESOURCE_EXHAUSTED.
  explicit Context(Executable& executable);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // Throws OUT_OF_RANGE naming node, value and limit for an index that a kernel refused.
  void run();
  void profile(uint64_t capacity, rlx_kernel_time* out_times, uint64_t* out_count);
  void reset_state();

  Executable& executable() const { return executable_; }
  Stream& stream() { return stream_; }
  // Where the tensor's bytes are. Throws OUT_OF_RANGE, NO_SLOT for tensors without memory of their own in the arena.
  Address address(uint32_t tensor) const;
  uint64_t offset_bytes(uint32_t tensor) const;  // in the arena; throws as above
  void stats(rlx_arena_stats& out) const;

 private:
  // In device memory and, page-locked, on the host: what a run and the host tell each other.
  struct Control {
    ::simt::ErrorRecord error;
    uint64_t run_counter;
  };
  // Owns a driver graph made ready to run.
  class Graph {
   public:
    ~Graph();
    void* executable = nullptr;
  };

  Address tensor_address(uint32_t tensor) const;
  Address resolve(const PointerField& field) const;
  void fill_parameters();
  void enqueue_launch(size_t i);
  void enqueue();
  void capture();
  void finish_run();

  Executable& executable_;
  Stream stream_;
  DeviceBuffer memory_, control_;
  PinnedBuffer mirror_;
  std::vector<std::vector<std::byte>> params_;  // by launch
  Graph graph_;
  bool captures_ = true;  // until the driver could not
  uint64_t run_counter_ = 0;
};

}  // namespace rlx::simt
