// Telling the host how far compiling and packing have come. Without a host that asked, a call is one branch.
#pragma once

#include "error.hpp"

#include <rlx/executable.h>

namespace rlx::sdk {

class Progress {
 public:
  Progress() = default;
  // chain: rlx_compile_options.next; borrowed for this call only.
  explicit Progress(const rlx_ext* chain) {
    for (; chain; chain = chain->next) {
      if (chain->type != RLX_EXT_PROGRESS || chain->struct_size < sizeof(rlx_ext_progress)) continue;
      const auto& found = *reinterpret_cast<const rlx_ext_progress*>(chain);
      arg_ = found.arg;
      step_ = found.step;
    }
  }
  // total 0 = unknown. On the thread that called compile, set_param or finalize, within that call.
  void operator()(std::string_view phase, uint64_t done, uint64_t total) const {
    if (step_) step_(arg_, str(phase), done, total);
  }

 private:
  void* arg_ = nullptr;
  void (*step_)(void*, rlx_str, uint64_t, uint64_t) = nullptr;
};

}  // namespace rlx::sdk
