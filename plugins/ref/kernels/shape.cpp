// Ops that rearrange elements and compute nothing.
#include "kernel.hpp"
#include "move.hpp"

#include <algorithm>

namespace rlx::ref::kernels {

void reshape(const Call& call) {
  move_bytes(call.in(0).data, call.out().data, call.out().bytes());
}

void transpose(const Call& call) {
  const Strides own = row_major(call.in(0).dims);
  Strides strides;
  for (int64_t axis : call.node.ints("perm")) strides.push_back(own[static_cast<size_t>(axis)]);
  move_strided(call.in(0), 0, strides, call.out());
}

void narrow(const Call& call) {
  const Strides strides = row_major(call.in(0).dims);
  move_strided(call.in(0), call.node.i("start") * strides[static_cast<size_t>(call.node.i("axis"))], strides,
               call.out());
}

void slice(const Call& call) {
  const std::span<const int64_t> starts = call.node.ints("starts"), steps = call.node.ints("steps");
  Strides strides = row_major(call.in(0).dims);
  int64_t start = 0;
  for (size_t i = 0; i < strides.size(); ++i) {
    start += starts[i] * strides[i];
    // A step may be huge when it is taken only once.
    strides[i] = call.out().dim(i) > 1 ? strides[i] * steps[i] : 0;
  }
  move_strided(call.in(0), start, strides, call.out());
}

void concat(const Call& call) {
  const Tensor& y = call.out();
  const size_t axis = static_cast<size_t>(call.node.i("axis"));
  const AxisSplit whole = split_at(y.dims, axis);
  uint64_t first = 0;
  for (const Tensor& x : call.inputs) {
    const AxisSplit part = split_at(x.dims, axis);
    for (uint64_t o = 0; o < whole.outer; ++o)
      move_bytes(x.at(part.at(o, 0, 0)), y.at(whole.at(o, first, 0)), part.size * part.inner * y.width());
    first += part.size;
  }
}

void expand(const Call& call) {
  move_strided(call.in(0), 0, broadcast_strides(call.in(0).dims, call.out().dims), call.out());
}

void tile(const Call& call) {
  const Tensor& x = call.in(0);
  const Strides strides = row_major(x.dims);
  move_elements(x, call.out(), [&](const Index& index) {
    int64_t from = 0;
    for (size_t i = 0; i < strides.size(); ++i) from += static_cast<int64_t>(index[i] % x.dim(i)) * strides[i];
    return from;
  });
}

namespace {

enum class PadMode { kConstant, kEdge, kReflect, kWrap };

PadMode pad_mode(const Call& call) {
  const std::string_view mode = call.node.s("mode");
  if (mode == "constant") return PadMode::kConstant;
  if (mode == "edge") return PadMode::kEdge;
  if (mode == "reflect") return PadMode::kReflect;
  if (mode == "wrap") return PadMode::kWrap;
  call.bad_attribute("mode", mode);
}

// Where a position outside of [0, size) takes its value from, or kFill.
int64_t padded_source(PadMode mode, int64_t position, int64_t size) {
  if (position >= 0 && position < size) return position;
  switch (mode) {
    case PadMode::kConstant:
      break;
    case PadMode::kEdge:
      return position < 0 ? 0 : size - 1;
    case PadMode::kReflect:  // the host lets through only amounts below the size
      return position < 0 ? -position : 2 * (size - 1) - position;
    case PadMode::kWrap:
      return (position % size + size) % size;
  }
  return kFill;
}

}  // namespace

void pad(const Call& call) {
  const Tensor &x = call.in(0), &y = call.out();
  const std::span<const int64_t> begins = call.node.ints("begins");
  const PadMode mode = pad_mode(call);
  const Strides strides = row_major(x.dims);
  std::vector<std::byte> fill(y.width());
  const double value = call.node.f("value");
  if (call.has(1))
    move_bytes(call.in(1).data, fill.data(), fill.size());
  else
    sdk::convert(RLX_DTYPE_F64, &value, y.dtype, fill.data(), 1);
  move_elements(
      x, y,
      [&](const Index& index) {
        int64_t from = 0;
        for (size_t i = 0; i < strides.size(); ++i) {
          const int64_t position =
              padded_source(mode, static_cast<int64_t>(index[i]) - begins[i], static_cast<int64_t>(x.dim(i)));
          if (position == kFill) return kFill;
          from += position * strides[i];
        }
        return from;
      },
      fill.data());
}

void reverse(const Call& call) {
  const Tensor& x = call.in(0);
  if (x.elements() == 0) return;
  Strides strides = row_major(x.dims);
  int64_t start = 0;
  for (int64_t axis : call.node.ints("axes")) {
    int64_t& stride = strides[static_cast<size_t>(axis)];
    start += static_cast<int64_t>(x.dim(static_cast<size_t>(axis)) - 1) * stride;
    stride = -stride;
  }
  move_strided(x, start, strides, call.out());
}

void trilu(const Call& call) {
  const Tensor& x = call.in(0);
  const bool upper = call.node.flag("upper");
  const int64_t k = call.node.i("k");
  const std::vector<std::byte> zero(x.width());
  int64_t element = 0;
  move_elements(
      x, call.out(),
      [&](const Index& index) {
        const int64_t above = static_cast<int64_t>(index[x.rank() - 1]) - static_cast<int64_t>(index[x.rank() - 2]);
        const int64_t here = element++;
        return (upper ? above >= k : above <= k) ? here : kFill;
      },
      zero.data());
}

}  // namespace rlx::ref::kernels
