// Ops that only move elements: copy, reshape, transpose, slice, narrow, expand, tile, reverse, concat, pad with a
// constant, depth_to_space, space_to_depth, resize_nearest_2x. All are strided copies, bound by memory.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/strided_copy.hpp"

#include <rlx/sdk/convert.hpp>

#include <cstring>
#include <vector>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kFillGrain = 256u << 10;  // bytes worth a second thread

using Strides = std::vector<int64_t>;

Strides row_major(const rlx_tensor& t) {
  Strides s(t.rank);
  int64_t step = 1;
  for (uint32_t i = t.rank; i-- > 0; step *= static_cast<int64_t>(t.dims[i])) s[i] = step;
  return s;
}

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
  static constexpr uint32_t kNone = UINT32_MAX;
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

// The whole output, read with these strides from src_offset on.
Make whole(const NodeView& n, const Strides& src, int64_t src_offset = 0) {
  Make m = std::make_unique<Move>(n);
  StridedCopy& c = m->add(0);
  const Strides dst = row_major(n.out());
  for (uint32_t i = 0; i < n.out().rank; ++i) c.add_axis(n.out().dims[i], src[i], dst[i]);
  c.start_at(src_offset, 0);
  m->plan();
  return m;
}

Make transpose(const NodeView& n) {
  const Strides in = row_major(n.in(0));
  Strides src;
  for (int64_t axis : n.ints("perm")) src.push_back(in[static_cast<size_t>(axis)]);
  return whole(n, src);
}

Make slice(const NodeView& n) {
  Strides src = row_major(n.in(0));
  const auto starts = n.ints("starts"), steps = n.ints("steps");
  int64_t offset = 0;
  for (size_t i = 0; i < src.size(); ++i) {
    offset += starts[i] * src[i];
    src[i] *= steps[i];
  }
  return whole(n, src, offset);
}

Make narrow(const NodeView& n) {
  const Strides src = row_major(n.in(0));
  return whole(n, src, n.i("start") * src[static_cast<size_t>(n.i("axis"))]);
}

Make expand(const NodeView& n) {
  const Strides in = row_major(n.in(0));
  const uint32_t lead = n.out().rank - n.in(0).rank;
  Strides src(n.out().rank, 0);
  for (uint32_t i = 0; i < n.in(0).rank; ++i) src[lead + i] = n.in(0).dims[i] == 1 ? 0 : in[i];
  return whole(n, src);
}

Make reverse(const NodeView& n) {
  Strides src = row_major(n.in(0));
  int64_t offset = 0;
  for (int64_t axis : n.ints("axes")) {
    const size_t i = static_cast<size_t>(axis);
    offset += (static_cast<int64_t>(n.in(0).dims[i]) - 1) * src[i];
    src[i] = -src[i];
  }
  return whole(n, src, offset);
}

Make tile(const NodeView& n) {
  Make m = std::make_unique<Move>(n);
  StridedCopy& c = m->add(0);
  const Strides src = row_major(n.in(0)), dst = row_major(n.out());
  const auto repeats = n.ints("repeats");
  for (uint32_t i = 0; i < n.in(0).rank; ++i) {
    const uint64_t dim = n.in(0).dims[i];
    c.add_axis(static_cast<uint64_t>(repeats[i]), 0, dst[i] * static_cast<int64_t>(dim));
    c.add_axis(dim, src[i], dst[i]);
  }
  m->plan();
  return m;
}

// Along the axis each input is one run per outer index, which also holds for channels in blocks; where channels come
// last, each pixel is an outer index.
Make concat(const NodeView& n, Layout layout) {
  Make m = std::make_unique<Move>(n);
  const int64_t axis = n.i("axis");
  const AxisView out = view_axis(n.out(), axis);
  const bool last = layout == Layout::kChannelsLast;
  const uint64_t outer = last ? out.outer * out.inner : out.outer, inner = last ? 1 : out.inner;
  int64_t at = 0;
  for (uint32_t i = 0; i < n.input_count(); ++i) {
    const uint64_t run = n.in(i).dims[axis] * inner;
    StridedCopy& c = m->add(i);
    c.add_axis(outer, static_cast<int64_t>(run), static_cast<int64_t>(out.n * inner));
    c.add_axis(run, 1, 1);
    c.start_at(0, at);
    at += static_cast<int64_t>(run);
  }
  m->plan();
  return m;
}

Make pad(const NodeView& n) {
  Make m = std::make_unique<Move>(n);
  StridedCopy& c = m->add(0);
  const Strides src = row_major(n.in(0)), dst = row_major(n.out());
  const auto begins = n.ints("begins");
  int64_t offset = 0;
  for (uint32_t i = 0; i < n.in(0).rank; ++i) {
    c.add_axis(n.in(0).dims[i], src[i], dst[i]);
    offset += begins[i] * dst[i];
  }
  c.start_at(0, offset);
  m->plan();
  if (n.in(0).size_bytes == n.out().size_bytes) return m;
  uint64_t value = 0;
  sdk::visit_dtype(n.out().dtype, [&](auto v) {
    const auto x = sdk::cast_to<decltype(v)>(n.f("value"));
    std::memcpy(&value, &x, sizeof x);
  });
  m->fill_with(n.has_input(1) ? 1 : Move::kNone, value);
  return m;
}

struct AxisList {
  uint64_t size;
  int64_t src;
};
// The output's axes in order, some of them split.
Make split_axes(const NodeView& n, std::initializer_list<AxisList> axes) {
  Make m = std::make_unique<Move>(n);
  StridedCopy& c = m->add(0);
  int64_t dst = static_cast<int64_t>(sdk::elements(n.out()));
  for (const AxisList& a : axes) {
    dst = a.size ? dst / static_cast<int64_t>(a.size) : 0;
    c.add_axis(a.size, a.src, dst);
  }
  m->plan();
  return m;
}

Make depth_to_space(const NodeView& n) {
  const rlx_tensor& x = n.in(0);
  const uint64_t block = static_cast<uint64_t>(n.i("block")), c = x.dims[1] / (block * block);
  const uint64_t h = x.dims[2], w = x.dims[3];
  const int64_t plane = static_cast<int64_t>(h * w), row = static_cast<int64_t>(w), b = static_cast<int64_t>(block);
  const bool dcr = n.s("mode") == "dcr";
  const int64_t channel = dcr ? plane : plane * b * b, across = dcr ? plane * static_cast<int64_t>(c) : plane;
  return split_axes(n, {{x.dims[0], plane * static_cast<int64_t>(x.dims[1])},
                        {c, channel},
                        {h, row},
                        {block, across * b},
                        {w, 1},
                        {block, across}});
}

Make space_to_depth(const NodeView& n) {
  const rlx_tensor& x = n.in(0);
  const uint64_t block = static_cast<uint64_t>(n.i("block"));
  const int64_t b = static_cast<int64_t>(block), row = static_cast<int64_t>(x.dims[3]);
  const int64_t plane = static_cast<int64_t>(x.dims[2]) * row;
  return split_axes(n, {{x.dims[0], plane * static_cast<int64_t>(x.dims[1])},
                        {block, row},
                        {block, 1},
                        {x.dims[1], plane},
                        {x.dims[2] / block, row * b},
                        {x.dims[3] / block, b}});
}

Make resize_2x(const NodeView& n) {
  const rlx_tensor& x = n.in(0);
  const int64_t row = static_cast<int64_t>(x.dims[3]);
  return split_axes(n, {{x.dims[0] * x.dims[1] * x.dims[2], row}, {2, 0}, {x.dims[3], 1}, {2, 0}});
}

using Maker = Make (*)(const NodeView&);
Maker maker_of(const NodeView& n) {
  const std::string_view op = n.op();
  if (op == "reshape" || op == "copy") return [](const NodeView& node) { return whole(node, row_major(node.out())); };
  if (op == "transpose") return transpose;
  if (op == "slice") return slice;
  if (op == "narrow") return narrow;
  if (op == "expand") return expand;
  if (op == "reverse") return reverse;
  if (op == "tile") return tile;
  if (op == "concat") return [](const NodeView& node) { return concat(node, Layout::kPlain); };
  if (op == "pad") return n.s("mode") == "constant" ? pad : nullptr;
  if (op == "depth_to_space") return depth_to_space;
  if (op == "space_to_depth") return space_to_depth;
  if (op == "resize_nearest_2x") return resize_2x;
  return nullptr;
}

}  // namespace

Claim claim_move(const NodeView& n, const CpuInfo&) {
  if (!maker_of(n)) return Claim::no("mode " + std::string(n.s("mode")) + " not supported");
  return Claim::native();
}

std::unique_ptr<Kernel> make_move(MakeContext& m) {
  if (m.node.op() == "concat") return concat(m.node, m.out_layouts[0]);
  return maker_of(m.node)(m.node);
}

}  // namespace rlx::cpu::kernels
