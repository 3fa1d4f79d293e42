// A kernel that is one oneDNN primitive: operands by argument number, a primitive per thread count, weights packed
// once.
#pragma once

#include "onednn/onednn.hpp"
#include "weights.hpp"

#include <optional>

namespace rlx::cpu::onednn {

class PrimitiveKernel : public Kernel {
 public:
  uint64_t scratch_bytes(unsigned threads) const override;
  std::unique_ptr<KernelState> make_state(unsigned threads) const override;
  void run(const Run& r) const override;
  void prepare(Weights& weights) override;
  bool reads(uint32_t input) const override;

 protected:
  PrimitiveKernel() : Kernel("onednn") {}

  // The same primitive for the thread count that is set on the calling thread. The memory descriptors are fixed, so
  // that every thread count reads the same layouts.
  virtual PrimitiveDesc create() const = 0;

  void add_input(int arg, const Desc& desc, uint32_t input) {
    operands_.push_back({{arg, desc}, Source::kInput, input, nullptr});
  }
  void add_output(int arg, const Desc& desc, uint32_t output = 0) {
    operands_.push_back({{arg, desc}, Source::kOutput, output, nullptr});
  }
  // A weight in the layout of desc, whose row-major bytes are plain's: packed once when constant, else in each run.
  void add_weight(int arg, const Desc& desc, const Desc& plain, uint32_t input, bool constant);
  void set_name(const PrimitiveDesc& desc) { name_ = kernel_name(desc); }

 private:
  enum class Source : uint8_t { kInput, kOutput, kPacked, kScratch };
  struct Operand {
    Call::Operand call;
    Source source;
    uint32_t index;           // of the input or output; kScratch: bytes from the start of scratch
    const std::byte* packed;  // kPacked
  };
  struct PackedWeight {
    Desc plain, packed;
    uint32_t input;
    size_t operand;
  };
  const PrimitiveSet::Entry& entry(unsigned threads) const;
  uint64_t own_scratch() const;

  std::vector<Operand> operands_;
  std::vector<PackedWeight> packed_weights_;
  std::optional<PackedWeight> run_packing_;  // the weight that is packed in each run
  PrimitiveSet primitives_;
};

}  // namespace rlx::cpu::onednn
