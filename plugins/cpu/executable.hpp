// The object behind rlx_executable: a schedule and its weights, shared by the contexts that run it.
#pragma once

#include "schedule.hpp"
#include "weight_store.hpp"

#include <rlx/sdk/counted.hpp>
#include <rlx/sdk/progress.hpp>

#include <memory>
#include <string>

namespace rlx::cpu {

class Executable : public sdk::Counted<Executable> {
 public:
  // threads 0: every core the process may use. progress is told of the packing. Throws sdk::Error.
  Executable(const rlx_program& program, unsigned threads, sdk::Progress progress = {});

  void set_param(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes);
  void finalize();
  void set_param_range(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                       uint64_t first_elem);
  void stats(rlx_executable_stats& out) const;

  bool finalized() const { return finalized_; }
  unsigned threads() const { return threads_; }
  const Schedule& schedule() const { return schedule_; }
  const WeightStore& weights() const { return weights_; }
  // First value of a state; NULL means zeros.
  const std::byte* state_init(uint32_t tensor) const;

 private:
  unsigned threads_;
  sdk::Progress progress_;
  Schedule schedule_;
  WeightStore weights_;
  std::map<uint32_t, const void*> state_data_;  // borrowed until finalize
  std::map<uint32_t, HostBuffer> state_init_;
  bool finalized_ = false;
};

}  // namespace rlx::cpu
