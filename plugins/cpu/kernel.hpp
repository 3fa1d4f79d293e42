// What a CPU kernel is. A kernel is made once per node while compiling, is immutable after prepare() and is shared by
// all contexts and threads; everything that changes lives in Run. A new kernel is one file in kernels/ and one line in
// kernels.inc: query, dispatch and tests all read that list, so a claim cannot drift from the kernel behind it.
#pragma once

#include "cpu_info.hpp"
#include "layout.hpp"
#include "run_error.hpp"
#include "team.hpp"

#include <rlx/sdk/claim.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace rlx::cpu {

using sdk::NodeView;

class Weights;

// Whether a kernel takes a node. The compiler asks the entries of kernels.inc in order and uses the first that is not
// kNo; if all say no, the last reason is the answer.
using sdk::Claim;

inline std::string dtype_reason(rlx_dtype t) {
  return std::string("dtype ") + sdk::dtype_name(t) + " not supported";
}

// What one context keeps for one kernel between runs; see Kernel::make_state.
class KernelState {
 public:
  virtual ~KernelState() = default;
};

// The arguments of one launch. Operands are checked, allocated and in the layouts agreed on in make().
struct Run {
  const std::byte* const* inputs;  // one per node input; NULL for an absent optional input
  std::byte* const* outputs;       // one per node output
  std::byte* scratch;              // scratch_bytes(team.threads()) bytes, 64-byte aligned, contents undefined
  KernelState* state;              // what make_state returned
  uint64_t run_counter;            // 0 in a context's first run
  const Team& team;
  RunError& error;
  uint32_t step;  // for error

  template <typename T>
  const T* in(uint32_t i) const {
    return reinterpret_cast<const T*>(inputs[i]);
  }
  template <typename T>
  T* out(uint32_t i = 0) const {
    return reinterpret_cast<T*>(outputs[i]);
  }
  // For kernels that meet a bad index: skip the element and go on. Any thread of the team.
  void out_of_range(int64_t value, int64_t limit) const { error.out_of_range(step, value, limit); }
};

class Kernel {
 public:
  explicit Kernel(std::string name) : name_(std::move(name)) {}
  virtual ~Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  // Neither throws nor allocates. Tensor addresses are those of run and may differ in the next one; inputs and outputs
  // that the caller bound are aligned to their elements, no further.
  virtual void run(const Run& run) const = 0;

  // Called once when all weights are known, and again when a parameter changes: pack weights here.
  virtual void prepare(Weights&) {}
  // False for a constant input of which run() reads a packed copy only: its plain bytes are freed.
  virtual bool reads(uint32_t /*input*/) const { return true; }
  virtual uint64_t scratch_bytes(unsigned /*threads*/) const { return 0; }
  // For kernels that need something of their own per context (library handles). Any thread.
  virtual std::unique_ptr<KernelState> make_state(unsigned /*threads*/) const { return nullptr; }

  // For profiles: "hwy:softmax", "onednn:jit:avx2". Never contains the node's name.
  const std::string& name() const { return name_; }

 protected:
  std::string name_;
};

// What a kernel learns when it is made. Copy what run() needs: node borrows from the program, which is gone afterwards.
struct MakeContext {
  NodeView node;
  const CpuInfo& cpu;
  unsigned threads;  // of the executable; contexts may have others
  // On entry the layout each input has now and kPlain for outputs. The kernel may set what it wants to read and write;
  // the compiler inserts reorders where they differ. Kernels of LayoutPolicy::kPlain see and get kPlain only.
  std::span<Layout> in_layouts, out_layouts;
  bool plain_only = false;  // leave the layouts alone even when the policy is kChooses

  // True when input i is a parameter or constant (or a view of one), so that prepare() can pack it.
  bool is_weight(uint32_t i) const;
};

enum class LayoutPolicy : uint8_t {
  kPlain,    // reads and writes row-major tensors
  kFlat,     // elementwise over flat arrays: any dense layout, the same for all operands that have the output's shape,
             // when the others have one element; row-major otherwise
  kJoins,    // concat: along the channel axis it joins operands in the same dense layout; it learns which in make()
  kChooses,  // make() sets the layouts
};

struct KernelEntry {
  std::string_view op;
  Claim (*claim)(const NodeView&, const CpuInfo&);
  // NULL: another entry of the op would be faster here; allowed only when a later one claims the node, too.
  std::unique_ptr<Kernel> (*make)(MakeContext&);
  LayoutPolicy layouts;
};

// All kernels, best first per op.
std::span<const KernelEntry> kernel_entries();

// The first entry behind `after` (NULL: of the whole list) that takes a node, and its claim; entry is NULL when none
// does, and then claim.reason says why.
struct Match {
  const KernelEntry* entry;
  Claim claim;
};
Match match_kernel(const NodeView& node, const CpuInfo& cpu, const KernelEntry* after = nullptr);

}  // namespace rlx::cpu
