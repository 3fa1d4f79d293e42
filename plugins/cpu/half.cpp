// f16 and bf16 for kernels that compute in f32: tensors stay half in memory, are widened in front of the kernel and
// rounded behind it. Weights are widened once, when they are packed.
#include "kernel.hpp"
#include "kernels/step.hpp"
#include "weights.hpp"

#include <rlx/sdk/convert.hpp>

#include <array>
#include <vector>

namespace rlx::cpu {

namespace {

constexpr uint32_t kMostOperands = 8;
constexpr uint64_t kGrain = 16384;  // elements worth a second thread
constexpr uint64_t kHalfBytes = 2;

bool is_half(rlx_dtype t) {
  return t == RLX_DTYPE_F16 || t == RLX_DTYPE_BF16;
}

// The node with every half tensor declared f32, in a program of its own that has only the node's tensors.
class WidenedNode {
 public:
  explicit WidenedNode(const NodeView& n) : from_(n.program()), program_(n.program().raw()), node_(n.raw()) {
    for (uint32_t i = 0; i < n.input_count(); ++i) inputs_.push_back(n.has_input(i) ? copy(n.input(i)) : RLX_NO_INDEX);
    for (uint32_t i = 0; i < n.output_count(); ++i) outputs_.push_back(copy(n.output(i)));
    node_.inputs = inputs_.data();
    node_.outputs = outputs_.data();
    program_.tensors = tensors_.data();
    program_.tensor_count = tensors_.size();
    program_.tensor_stride = sizeof(rlx_tensor);
  }
  NodeView view() const { return NodeView(program_, node_); }

 private:
  uint32_t copy(uint32_t index) {
    rlx_tensor t = from_.tensor(index);
    if (is_half(t.dtype)) t.dtype = RLX_DTYPE_F32, t.size_bytes = sdk::elements(t) * sizeof(float);
    if (t.view_of != RLX_NO_INDEX) t.view_of = copy(t.view_of);
    tensors_.push_back(t);
    return static_cast<uint32_t>(tensors_.size() - 1);
  }

  sdk::ProgramView from_;
  std::vector<rlx_tensor> tensors_;
  std::vector<uint32_t> inputs_, outputs_;
  rlx_program program_;
  rlx_node node_;
};

const KernelEntry* find_f32(const NodeView& widened, const CpuInfo& cpu, Claim& claim) {
  const Match match = match_kernel(widened, cpu);
  claim = match.claim;
  return match.entry;
}

struct Operand {
  rlx_dtype dtype = 0;  // 0: absent
  uint64_t count = 0;
  bool half = false;
  uint64_t scratch_offset = 0;
  StepFn widen = nullptr, round = nullptr;  // halves: to f32 and back
};

Operand operand_of(const rlx_tensor& t) {
  Operand o{t.dtype, sdk::elements(t), is_half(t.dtype)};
  if (!o.half) return o;
  o.widen = find_convert_step(t.dtype, RLX_DTYPE_F32);
  o.round = find_convert_step(RLX_DTYPE_F32, t.dtype);
  return o;
}

// Shows the f32 kernel f32 weights.
class WidenedWeights final : public Weights {
 public:
  WidenedWeights(Weights& weights, const std::vector<Operand>& inputs) : weights_(weights), inputs_(inputs) {}

  const std::byte* plain(uint32_t input) const override {
    if (!inputs_[input].half) return weights_.plain(input);
    std::vector<float>& buffer = buffers_[input];
    buffer.resize(inputs_[input].count);
    sdk::convert(inputs_[input].dtype, weights_.plain(input), RLX_DTYPE_F32, buffer.data(), buffer.size());
    return reinterpret_cast<const std::byte*>(buffer.data());
  }

  const std::byte* packed(uint32_t input, const Packing& inner) override {
    if (!inputs_[input].half) return weights_.packed(input, inner);
    const Operand o = inputs_[input];
    Packing outer{"widened " + inner.key, inner.bytes, nullptr, nullptr};
    outer.pack = [o, pack = inner.pack](const std::byte* plain, std::byte* packed) {
      std::vector<float> wide(o.count);
      sdk::convert(o.dtype, plain, RLX_DTYPE_F32, wide.data(), o.count);
      pack(reinterpret_cast<const std::byte*>(wide.data()), packed);
    };
    if (inner.unpack)
      outer.unpack = [o, unpack = inner.unpack](const std::byte* packed, std::byte* plain) {
        std::vector<float> wide(o.count);
        unpack(packed, reinterpret_cast<std::byte*>(wide.data()));
        sdk::convert(RLX_DTYPE_F32, wide.data(), o.dtype, plain, o.count);
      };
    return weights_.packed(input, outer);
  }

 private:
  Weights& weights_;
  const std::vector<Operand>& inputs_;
  mutable std::array<std::vector<float>, kMostOperands> buffers_;
};

class Widened final : public Kernel {
 public:
  Widened(const NodeView& n, std::unique_ptr<Kernel> inner)
      : Kernel("f32 of " + inner->name()), inner_(std::move(inner)) {
    auto reserve = [this](Operand o, bool used) {
      if (o.half && used) o.scratch_offset = own_scratch_, own_scratch_ += (o.count * sizeof(float) + 63) / 64 * 64;
      return o;
    };
    for (uint32_t i = 0; i < n.input_count(); ++i)
      inputs_.push_back(n.has_input(i) ? reserve(operand_of(n.in(i)), inner_->reads(i)) : Operand{});
    for (uint32_t i = 0; i < n.output_count(); ++i) outputs_.push_back(reserve(operand_of(n.out(i)), true));
  }

  void prepare(Weights& weights) override {
    WidenedWeights wide(weights, inputs_);
    inner_->prepare(wide);
  }
  bool reads(uint32_t input) const override { return inner_->reads(input); }
  uint64_t scratch_bytes(unsigned threads) const override { return own_scratch_ + inner_->scratch_bytes(threads); }
  std::unique_ptr<KernelState> make_state(unsigned threads) const override { return inner_->make_state(threads); }

  void run(const Run& r) const override {
    std::array<const std::byte*, kMostOperands> inputs{};
    std::array<std::byte*, kMostOperands> outputs{};
    for (uint32_t i = 0; i < inputs_.size(); ++i) {
      inputs[i] = r.inputs[i];
      if (!inputs_[i].half || !inner_->reads(i)) continue;
      std::byte* wide = r.scratch + inputs_[i].scratch_offset;
      convert(r, inputs_[i].widen, r.inputs[i], kHalfBytes, wide, sizeof(float), inputs_[i].count);
      inputs[i] = wide;
    }
    for (uint32_t i = 0; i < outputs_.size(); ++i)
      outputs[i] = outputs_[i].half ? r.scratch + outputs_[i].scratch_offset : r.outputs[i];
    Run inner = r;
    inner.inputs = inputs.data();
    inner.outputs = outputs.data();
    inner.scratch = r.scratch + own_scratch_;
    inner_->run(inner);
    for (uint32_t i = 0; i < outputs_.size(); ++i)
      if (outputs_[i].half)
        convert(r, outputs_[i].round, outputs[i], sizeof(float), r.outputs[i], kHalfBytes, outputs_[i].count);
  }

 private:
  static void convert(const Run& r, StepFn step, const std::byte* src, uint64_t src_bytes, std::byte* dst,
                      uint64_t dst_bytes, uint64_t count) {
    r.team.split(count, kGrain, [&](uint64_t begin, uint64_t end, unsigned) {
      step({{src + begin * src_bytes, nullptr, nullptr},
            {false, false, false},
            dst + begin * dst_bytes,
            end - begin,
            0,
            0});
    });
  }

  std::unique_ptr<Kernel> inner_;
  std::vector<Operand> inputs_, outputs_;
  uint64_t own_scratch_ = 0;
};

}  // namespace

namespace kernels {

Claim claim_widened(const NodeView& n, const CpuInfo& cpu) {
  if (n.input_count() == 0 || !n.has_input(0) || !is_half(n.in(0).dtype))
    return Claim::no(dtype_reason(n.has_input(0) ? n.in(0).dtype : n.out().dtype));
  if (n.input_count() > kMostOperands || n.output_count() > kMostOperands)
    return Claim::no("more than " + std::to_string(kMostOperands) + " operands not supported");
  const WidenedNode widened(n);
  Claim claim;
  if (!find_f32(widened.view(), cpu, claim)) return Claim::no(claim.reason);
  return Claim::slow(std::string(sdk::dtype_name(n.in(0).dtype)) + " is computed in f32");
}

std::unique_ptr<Kernel> make_widened(MakeContext& m) {
  const WidenedNode widened(m.node);
  Claim claim;
  std::unique_ptr<Kernel> inner;
  for (const KernelEntry* entry = find_f32(widened.view(), m.cpu, claim); entry && !inner;
       entry = match_kernel(widened.view(), m.cpu, entry).entry) {
    MakeContext make{widened.view(), m.cpu, m.threads, m.in_layouts, m.out_layouts, true};
    inner = entry->make(make);
  }
  return inner ? std::make_unique<Widened>(m.node, std::move(inner)) : nullptr;
}

}  // namespace kernels
}  // namespace rlx::cpu
