// Ops that only move elements: copy, reshape, transpose, slice, narrow, expand, tile, reverse, concat, pad with a
// constant, depth_to_space, space_to_depth, resize_nearest_2x. All are strided copies, bound by memory.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/strided_copy.hpp"

#include <rlx/sdk/moves.hpp>

#include <cstring>
#include <vector>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kFillGrain = 256u << 10;  // bytes worth a second thread

// One copy per input, in front of them an optional fill of the output.
class Move final : public Kernel {
 public:
  explicit Move(const NodeView& n)
      : Kernel("move:" + std::string(n.op())), out_bytes_(n.out().size_bytes), bytes_(sdk::dtype_size(n.out().dtype)) {}

  StridedCopy& add(uint32_t input) {
    inputs_.push_back(input);
    copies_.emplace_back(bytes_);
    return copies_.back();
  }
  void plan() {
    for (StridedCopy& c : copies_) c.plan();
  }
  // From an input (one element), or from value when input is kNone.
  static constexpr uint32_t kNone = RLX_NO_INDEX;
  void fill_with(uint32_t input, uint64_t value) {
    fills_ = true;
    fill_input_ = input;
    fill_value_ = value;
  }

  void run(const Run& r) const override {
    if (fills_) fill(r);
    for (size_t i = 0; i < copies_.size(); ++i) copies_[i].run(r.team, r.inputs[inputs_[i]], r.outputs[0]);
  }

 private:
  void fill(const Run& r) const {
    std::byte pattern[8];
    if (fill_input_ == kNone)
      std::memcpy(pattern, &fill_value_, 8);
    else
      std::memcpy(pattern, r.inputs[fill_input_], bytes_);
    for (uint64_t i = bytes_; i < 8; i += bytes_) std::memcpy(pattern + i, pattern, bytes_);
    uint64_t word;
    std::memcpy(&word, pattern, 8);
    const uint64_t words = out_bytes_ / 8;
    r.team.split(words, kFillGrain / 8, [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t i = begin; i < end; ++i) std::memcpy(r.outputs[0] + i * 8, &word, 8);
    });
    std::memcpy(r.outputs[0] + words * 8, &word, out_bytes_ % 8);
  }

  uint64_t out_bytes_, bytes_;
  std::vector<uint32_t> inputs_;
  std::vector<StridedCopy> copies_;
  bool fills_ = false;
  uint32_t fill_input_ = kNone;
  uint64_t fill_value_ = 0;
};

using Make = std::unique_ptr<Move>;

Make make_copies(const NodeView& n, const sdk::Moves& moves) {
  Make m = std::make_unique<Move>(n);
  for (const sdk::StridedMove& move : moves.copies) {
    StridedCopy& c = m->add(move.input);
    for (size_t i = 0; i < move.dims.size(); ++i) c.add_axis(move.dims[i], move.src[i], move.dst[i]);
    c.start_at(move.src_start, move.dst_start);
  }
  m->plan();
  if (moves.fills) m->fill_with(moves.fill_input, moves.fill_bits);
  return m;
}

// With channels last, each pixel is an outer index; channels in blocks are runs like any other.
Make concat_pixels(const NodeView& n) {
  Make m = std::make_unique<Move>(n);
  const AxisView out = view_axis(n.out(), n.i("axis"));
  int64_t at = 0;
  for (uint32_t i = 0; i < n.input_count(); ++i) {
    const uint64_t run = n.in(i).dims[static_cast<size_t>(n.i("axis"))];
    StridedCopy& c = m->add(i);
    c.add_axis(out.outer * out.inner, static_cast<int64_t>(run), static_cast<int64_t>(out.n));
    c.add_axis(run, 1, 1);
    c.start_at(0, at);
    at += static_cast<int64_t>(run);
  }
  m->plan();
  return m;
}

}  // namespace

Claim claim_move(const NodeView& n, const CpuInfo&) {
  if (!sdk::moves_of(n)) return Claim::no("mode " + std::string(n.s("mode")) + " not supported");
  return Claim::native();
}

std::unique_ptr<Kernel> make_move(MakeContext& m) {
  if (m.node.op() == "concat" && m.out_layouts[0] == Layout::kChannelsLast) return concat_pixels(m.node);
  return make_copies(m.node, *sdk::moves_of(m.node));
}

}  // namespace rlx::cpu::kernels
