// What one run needs: an arena laid out by the program's default plan, a queue, and the launches with their addresses
// filled in. The second run is captured as a graph, later ones replay it (run.cpp). Used by one thread at a time. A
// rlx_arena is its context.
#pragma once

#include "executable.hpp"
#include "timeline.hpp"

#include <rlx/arena.h>

#include <span>
#include <vector>

namespace rlx::simt {

class Context {
 public:
  // Of a finalized executable. Throws RESOURCE_EXHAUSTED.
  explicit Context(Executable& executable);

  // Throws OUT_OF_RANGE naming node, value and limit for an index that a kernel refused, as wait does.
  void run();
  // Starts a run behind the points, which are of contexts of this plugin; returns its end. A run that is in flight is
  // waited for first. Throws as Timeline::follow.
  rlx_point submit(std::span<const rlx_point> waits);
  // For an end that submit returned. Throws DEADLINE_EXCEEDED, or what went wrong in the run.
  void wait(rlx_point end, uint64_t deadline_ns);
  std::vector<rlx_kernel_time> profile();
  void reset_state();

  Executable& executable() const { return *executable_; }

  // For the arena table; in the order of the queue. Where the tensor's bytes are: throws OUT_OF_RANGE, NO_SLOT for
  // tensors without memory of their own in the arena.
  Address address(uint32_t tensor) const;
  uint64_t offset_bytes(uint32_t tensor) const;  // in the arena; throws as above
  const rlx_tensor& tensor(uint32_t index) const { return executable_->program().tensor(index); }
  std::string label(uint32_t index) const;
  void stats(rlx_arena_stats& out) const;
  void upload(Address to, uint64_t bytes, uint64_t, const Stream::Fill& fill) { stream_.upload(to, bytes, fill); }
  void download(Address from, uint64_t bytes, uint64_t, const Stream::Drain& take) {
    stream_.download(from, bytes, take);
  }
  void copy(Address to, Address from, uint64_t bytes);
  void copy_from(Context& other, Address to, Address from, uint64_t bytes);

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

  Control& mirror() const { return *reinterpret_cast<Control*>(mirror_.data()); }
  void settle();
  void start();
  void capture();
  void enqueue();
  void enqueue_counter();
  void enqueue_launch(size_t i);
  void enqueue_error();
  void collect(uint64_t run);
  void check(uint64_t run) const;

  sdk::Held<Executable> executable_;
  sdk::Pooled<sdk::Pool<DeviceBuffer>> memory_, scratch_;
  DeviceBuffer control_;
  PinnedBuffer mirror_;
  std::vector<std::vector<std::byte>> params_;     // by launch
  std::vector<std::unique_ptr<BoundCall>> bound_;  // by launch; NULL: a kernel
  Graph graph_;
  bool captures_ = true;  // until the driver could not
  uint64_t run_counter_ = 0;
  uint64_t collected_ = 0;  // the last run whose error was looked at
  uint64_t failed_ = 0;     // the last run that met a bad index, and what it met
  ::simt::ErrorRecord failure_{};
  Timeline timeline_;
  Stream stream_;  // last: it waits for what is in flight before anything else goes
};

}  // namespace rlx::simt
