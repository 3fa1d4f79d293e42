// A compiled program: a copy of it, its launches, the loaded module and the weights in device memory. Shared by its
// contexts; immutable and free-threaded after finalize. Counted: it goes when the host released it and its last context
// is gone.
#pragma once

#include "module.hpp"
#include "plan.hpp"
#include "stream.hpp"

#include <ref/program_copy.hpp>
#include <rlx/sdk/counted.hpp>
#include <rlx/sdk/progress.hpp>

#include <memory>
#include <string_view>

namespace rlx::simt {

class Executable : public sdk::Counted<Executable> {
 public:
  // Throws UNIMPLEMENTED naming the node that no kernel takes, and what the compiler and the driver throw.
  Executable(Device& device, const rlx_program& program, sdk::Progress progress, bool may_use_tf32);

  void set_param(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes);
  void finalize();
  void set_param_range(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                       uint64_t first_elem);
  void stats(rlx_executable_stats& out) const;

  Device& device() const { return device_; }
  bool finalized() const { return finalized_; }
  sdk::ProgramView program() const { return program_.view(); }
  const Plan& plan() const { return plan_; }
  // What a launch reads and writes.
  uint64_t operand_bytes(const Launch& launch) const;
  // The driver's function of a launch; NULL: a library's call.
  void* function(size_t launch) const { return functions_[launch]; }
  // Where a parameter, a constant or the first value of a state is; 0 for other tensors and states that start as zeros.
  Address stored(uint32_t tensor) const {
    return offsets_[tensor] == kNone ? 0 : weights_.address() + offsets_[tensor];
  }

 private:
  static constexpr uint64_t kNone = UINT64_MAX;

  void place_weights();
  void upload(uint32_t tensor, uint64_t first_elem, rlx_dtype dtype, const void* src, uint64_t count);

  Device& device_;
  Device::Lease lease_;  // ends after all that is in the device's memory
  ref::ProgramCopy program_;
  Plan plan_;
  std::unique_ptr<Module> module_;  // none for a program without launches
  std::vector<void*> functions_;    // by launch
  std::vector<uint64_t> offsets_;   // by tensor: in weights_, or kNone
  std::vector<bool> is_set_;        // by tensor: parameters that have their bytes
  uint64_t weight_bytes_ = 0;       // of parameters and constants
  DeviceBuffer weights_;
  std::unique_ptr<Stream> stream_;  // for uploads
  bool finalized_ = false;
};

}  // namespace rlx::simt
