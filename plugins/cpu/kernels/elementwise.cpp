// All elementwise ops: copy, unary, binary, compare, where, clamp, cast, relu_backward, fused_elementwise.
// One step over arrays of equal shape is a plain call; everything else runs a
// BlockProgram. Bound by memory for large tensors: a fused body reads its inputs once and writes its outputs once.
#include "kernel.hpp"
#include "kernels/block_program.hpp"
#include "kernels/broadcast.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 16384;  // elements times steps worth a second thread
constexpr uint64_t kMinRow = 64;    // shorter inner rows are gathered into whole blocks
constexpr size_t kMaxInputs = 16, kMaxOutputs = 8;

// An absent operand looks like one element that no step reads.
const rlx_tensor& operand(const NodeView& n, uint32_t i) {
  static constexpr rlx_tensor kAbsent{};
  return n.has_input(i) ? n.in(i) : kAbsent;
}

// One step, operands of the output's shape or one element.
class Flat final : public Kernel {
 public:
  Flat(std::string name, const BlockProgram& program, const NodeView& n)
      : Kernel(std::move(name)), args_(program.only_args()), step_(program.only_step()) {
    count_ = sdk::elements(n.out());
    out_bytes_ = sdk::dtype_size(n.out().dtype);
    inputs_ = n.input_count();
    for (uint32_t i = 0; i < inputs_; ++i) bytes_[i] = args_.scalar[i] ? 0 : sdk::dtype_size(n.in(i).dtype);
  }
  void run(const Run& r) const override {
    if (count_ < 2 * kGrain) return part(r, 0, count_);
    r.team.split(count_, kGrain, [&](uint64_t begin, uint64_t end, unsigned) { part(r, begin, end); });
  }

 private:
  void part(const Run& r, uint64_t begin, uint64_t end) const {
    StepArgs args = args_;
    for (uint32_t i = 0; i < inputs_; ++i) args.in[i] = r.inputs[i] + begin * bytes_[i];
    args.out = r.outputs[0] + begin * out_bytes_;
    args.count = end - begin;
    step_(args);
  }

  StepArgs args_;
  StepFn step_;
  uint32_t inputs_ = 0;
  uint64_t count_ = 0, out_bytes_ = 0, bytes_[3] = {};
};

// Blocks of a program over a broadcast. With long inner rows a block is a piece of a row, so that every operand is a
// pointer or one element; with short ones a block is a range of the flat output and repeating operands are gathered.
class Blocks final : public Kernel {
 public:
  Blocks(std::string name, BlockProgram program, const NodeView& n) : Kernel(std::move(name)), p_(std::move(program)) {
    std::vector<const rlx_tensor*> operands;
    for (uint32_t i = 0; i < n.input_count(); ++i) {
      operands.push_back(&operand(n, i));
      in_bytes_[i] = sdk::dtype_size(operands[i]->dtype);
    }
    for (uint32_t i = 0; i < n.output_count(); ++i) out_bytes_[i] = sdk::dtype_size(n.out(i).dtype);
    shape_ = make_broadcast(n.out(), operands);
    count_ = sdk::elements(n.out());
    row_ = shape_.rank ? shape_.dims[shape_.rank - 1] : 1;
    by_row_ = shape_.rank >= 2 && row_ >= kMinRow;
    std::vector<bool> scalar(operands.size());
    for (size_t i = 0; i < operands.size(); ++i) {
      const uint64_t size = sdk::elements(*operands[i]);
      inner_[i] = shape_.rank ? shape_.strides[i][shape_.rank - 1] : 0;
      scalar[i] = count_ != 1 && (by_row_ ? inner_[i] == 0 : size == 1);
      gathered_[i] = !by_row_ && size != 1 && size != count_;
    }
    p_.place(scalar);
    if (!by_row_) row_ = count_;
    pieces_ = (row_ + p_.block() - 1) / p_.block();
    blocks_ = by_row_ ? count_ / row_ * pieces_ : pieces_;
    grain_ = std::max<uint64_t>(1, kGrain / (p_.block() * std::max<size_t>(1, p_.step_count())));
    for (size_t i = 0; i < operands.size(); ++i) {
      gather_at_[i] = gather_bytes_;
      if (gathered_[i]) gather_bytes_ += (p_.block() * in_bytes_[i] + 63) / 64 * 64;
    }
  }

  uint64_t scratch_bytes(unsigned threads) const override { return threads * per_thread(); }

  void run(const Run& r) const override {
    if (count_ == 0) return;
    r.team.split(blocks_, grain_, [&](uint64_t begin, uint64_t end, unsigned part) {
      std::byte* scratch = r.scratch + part * per_thread();
      for (uint64_t b = begin; b < end; ++b) by_row_ ? row_piece(r, b, scratch) : flat_piece(r, b, scratch);
    });
  }

 private:
  uint64_t per_thread() const { return (p_.scratch_bytes() + gather_bytes_ + 63) / 64 * 64; }

  void row_piece(const Run& r, uint64_t b, std::byte* scratch) const {
    uint64_t row = b / pieces_;
    const uint64_t first = b % pieces_ * p_.block(), n = std::min(p_.block(), row_ - first), out = row * row_ + first;
    uint64_t offset[kMaxInputs] = {};
    for (uint32_t axis = shape_.rank - 1; axis-- > 0;) {
      const uint64_t at = row % shape_.dims[axis];
      row /= shape_.dims[axis];
      for (size_t i = 0; i < p_.input_count(); ++i) offset[i] += at * shape_.strides[i][axis];
    }
    const std::byte* in[kMaxInputs];
    for (size_t i = 0; i < p_.input_count(); ++i) in[i] = r.inputs[i] + (offset[i] + first * inner_[i]) * in_bytes_[i];
    execute(r, in, out, n, scratch);
  }

  void flat_piece(const Run& r, uint64_t b, std::byte* scratch) const {
    const uint64_t first = b * p_.block(), n = std::min(p_.block(), count_ - first);
    const std::byte* in[kMaxInputs];
    for (size_t i = 0; i < p_.input_count(); ++i) {
      if (gathered_[i]) {
        std::byte* to = scratch + p_.scratch_bytes() + gather_at_[i];
        gather(i, r.inputs[i], first, n, to);
        in[i] = to;
      } else {
        in[i] = r.inputs[i] + first * inner_[i] * in_bytes_[i];
      }
    }
    execute(r, in, first, n, scratch);
  }

  void execute(const Run& r, const std::byte* const* in, uint64_t at, uint64_t n, std::byte* scratch) const {
    std::byte* out[kMaxOutputs];
    for (size_t i = 0; i < p_.output_count(); ++i) out[i] = r.outputs[i] + at * out_bytes_[i];
    p_.run(in, out, n, scratch);
  }

  void gather(size_t i, const std::byte* from, uint64_t first, uint64_t n, std::byte* to) const {
    switch (in_bytes_[i]) {
      case 1:
        return gather_as<uint8_t>(i, from, first, n, to);
      case 2:
        return gather_as<uint16_t>(i, from, first, n, to);
      case 4:
        return gather_as<uint32_t>(i, from, first, n, to);
      default:
        return gather_as<uint64_t>(i, from, first, n, to);
    }
  }

  template <typename T>
  void gather_as(size_t i, const std::byte* bytes, uint64_t first, uint64_t n, std::byte* to_bytes) const {
    const T* from = reinterpret_cast<const T*>(bytes);
    T* to = reinterpret_cast<T*>(to_bytes);
    const auto& strides = shape_.strides[i];
    const uint32_t last = shape_.rank - 1;
    uint64_t at[RLX_MAX_RANK], offset = 0, rest = first;
    for (uint32_t axis = shape_.rank; axis-- > 0;) {
      at[axis] = rest % shape_.dims[axis];
      rest /= shape_.dims[axis];
      offset += at[axis] * strides[axis];
    }
    for (uint64_t done = 0; done < n;) {
      const uint64_t run = std::min(shape_.dims[last] - at[last], n - done);
      if (strides[last])
        for (uint64_t k = 0; k < run; ++k) to[done + k] = from[offset + k];
      else
        for (uint64_t k = 0; k < run; ++k) to[done + k] = from[offset];
      done += run;
      offset -= at[last] * strides[last];
      at[last] = 0;
      for (uint32_t axis = last; axis-- > 0;) {
        offset += strides[axis];
        if (++at[axis] < shape_.dims[axis]) break;
        offset -= at[axis] * strides[axis];
        at[axis] = 0;
      }
    }
  }

  BlockProgram p_;
  Broadcast shape_;
  uint64_t count_ = 0, row_ = 1, pieces_ = 1, blocks_ = 1, grain_ = 1, gather_bytes_ = 0;
  uint64_t inner_[kMaxInputs] = {}, in_bytes_[kMaxInputs] = {}, out_bytes_[kMaxOutputs] = {};
  uint64_t gather_at_[kMaxInputs] = {};
  bool by_row_ = false, gathered_[kMaxInputs] = {};
};

bool same_shape(const rlx_tensor& a, const rlx_tensor& b) {
  return a.rank == b.rank && std::equal(a.dims, a.dims + a.rank, b.dims);
}

std::string kernel_name(const NodeView& n) {
  return n.find("kind") ? "hwy:" + std::string(n.s("kind")) : "hwy:" + std::string(n.op());
}

}  // namespace

Claim claim_elementwise(const NodeView& n, const CpuInfo&) {
  if (n.input_count() > kMaxInputs || n.output_count() > kMaxOutputs) return Claim::no("too many operands");
  BlockProgram program;
  std::string why;
  if (!program.compile(n, why)) return Claim::no(why);
  uint32_t overwrites = 0;
  for (uint32_t i = 0; i < n.input_count(); ++i)
    if (n.has_input(i) && same_shape(n.in(i), n.out()) && program.may_overwrite(i) &&
        sdk::dtype_size(n.in(i).dtype) == sdk::dtype_size(n.out().dtype))
      overwrites |= 1u << i;
  return Claim::native(overwrites);
}

std::unique_ptr<Kernel> make_elementwise(MakeContext& m) {
  const NodeView& n = m.node;
  BlockProgram program;
  std::string why;
  program.compile(n, why);
  const uint64_t count = sdk::elements(n.out());
  bool flat = program.only_step() != nullptr;
  std::vector<bool> scalar(n.input_count());
  for (uint32_t i = 0; i < n.input_count(); ++i) {
    const uint64_t size = sdk::elements(operand(n, i));
    scalar[i] = count != 1 && size == 1;
    flat = flat && (scalar[i] || size == count);
  }
  if (flat) {
    BlockProgram placed = program;
    placed.place(scalar);
    if (placed.only_step()) return std::make_unique<Flat>(kernel_name(n), placed, n);
  }
  return std::make_unique<Blocks>(kernel_name(n), std::move(program), n);
}

}  // namespace rlx::cpu::kernels
