// A program that outlives compile(): the host's goes away when the call returns. Everything is copied but the bytes of
// constants and first values of states, which the host keeps until finalize.
#pragma once

#include <rlx/sdk/program_view.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace rlx::ref {

class ProgramCopy {
 public:
  explicit ProgramCopy(const rlx_program& source);
  ProgramCopy(const ProgramCopy&) = delete;
  ProgramCopy& operator=(const ProgramCopy&) = delete;

  sdk::ProgramView view() const { return sdk::ProgramView(program_); }

 private:
  template <typename T>
  T* keep(const T* source, uint64_t count, uint32_t stride = sizeof(T));
  void keep(rlx_str& text);
  void keep(rlx_node& node, uint32_t attr_stride);
  void keep(rlx_attr& attr);

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  rlx_program program_{};
};

}  // namespace rlx::ref
