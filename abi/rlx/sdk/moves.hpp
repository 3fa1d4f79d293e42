// The ops that only move elements, as strided copies: what each of them is, said once for all plugins. Strides, starts
// and sizes are in elements of dense row-major tensors.
#pragma once

#include <rlx/sdk/convert.hpp>
#include <rlx/sdk/program_view.hpp>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace rlx::sdk {

using MoveStrides = std::vector<int64_t>;

inline MoveStrides row_major(const rlx_tensor& t) {
  MoveStrides s(t.rank);
  int64_t step = 1;
  for (uint32_t i = t.rank; i-- > 0; step *= static_cast<int64_t>(t.dims[i])) s[i] = step;
  return s;
}

// For each index of dims: output[dst_start + Σ index·dst] = input[src_start + Σ index·src].
struct StridedMove {
  uint32_t input = 0;
  std::vector<uint64_t> dims;
  MoveStrides src, dst;
  int64_t src_start = 0, dst_start = 0;

  void add_axis(uint64_t size, int64_t src_stride, int64_t dst_stride) {
    dims.push_back(size);
    src.push_back(src_stride);
    dst.push_back(dst_stride);
  }
};

// The copies of a node; before them the whole output is filled when they leave a part of it out.
struct Moves {
  std::vector<StridedMove> copies;
  bool fills = false;
  uint32_t fill_input = RLX_NO_INDEX;  // the input with the element to fill with, or none: fill_bits
  uint64_t fill_bits = 0;              // the element, in its low bytes

  // The whole output from input 0, read with these strides from start on.
  static Moves whole(const NodeView& n, MoveStrides src, int64_t start = 0) {
    StridedMove move;
    move.dims.assign(n.out().dims, n.out().dims + n.out().rank);
    move.src = std::move(src);
    move.dst = row_major(n.out());
    move.src_start = start;
    return Moves{{std::move(move)}};
  }
  // The output's axes in order, some of them split: sizes, and strides in input 0.
  struct Axis {
    uint64_t size;
    int64_t src;
  };
  static Moves split(const NodeView& n, std::initializer_list<Axis> axes) {
    StridedMove move;
    int64_t dst = static_cast<int64_t>(elements(n.out()));
    for (const Axis& a : axes) {
      dst = a.size ? dst / static_cast<int64_t>(a.size) : 0;
      move.add_axis(a.size, a.src, dst);
    }
    return Moves{{std::move(move)}};
  }
};

namespace moves {

inline Moves transpose(const NodeView& n) {
  const MoveStrides in = row_major(n.in(0));
  MoveStrides src;
  for (const int64_t axis : n.ints("perm")) src.push_back(in[static_cast<size_t>(axis)]);
  return Moves::whole(n, std::move(src));
}

inline Moves slice(const NodeView& n) {
  MoveStrides src = row_major(n.in(0));
  const auto starts = n.ints("starts"), steps = n.ints("steps");
  int64_t offset = 0;
  for (size_t i = 0; i < src.size(); ++i) {
    offset += starts[i] * src[i];
    src[i] *= steps[i];
  }
  return Moves::whole(n, std::move(src), offset);
}

inline Moves narrow(const NodeView& n) {
  MoveStrides src = row_major(n.in(0));
  const int64_t start = n.i("start") * src[static_cast<size_t>(n.i("axis"))];
  return Moves::whole(n, std::move(src), start);
}

inline Moves expand(const NodeView& n) {
  const MoveStrides in = row_major(n.in(0));
  const uint32_t lead = n.out().rank - n.in(0).rank;
  MoveStrides src(n.out().rank, 0);
  for (uint32_t i = 0; i < n.in(0).rank; ++i) src[lead + i] = n.in(0).dims[i] == 1 ? 0 : in[i];
  return Moves::whole(n, std::move(src));
}

inline Moves reverse(const NodeView& n) {
  MoveStrides src = row_major(n.in(0));
  int64_t offset = 0;
  for (const int64_t axis : n.ints("axes")) {
    const auto i = static_cast<size_t>(axis);
    offset += (static_cast<int64_t>(n.in(0).dims[i]) - 1) * src[i];
    src[i] = -src[i];
  }
  return Moves::whole(n, std::move(src), offset);
}

inline Moves tile(const NodeView& n) {
  const MoveStrides src = row_major(n.in(0)), dst = row_major(n.out());
  const auto repeats = n.ints("repeats");
  StridedMove move;
  for (uint32_t i = 0; i < n.in(0).rank; ++i) {
    const uint64_t dim = n.in(0).dims[i];
    move.add_axis(static_cast<uint64_t>(repeats[i]), 0, dst[i] * static_cast<int64_t>(dim));
    move.add_axis(dim, src[i], dst[i]);
  }
  return Moves{{std::move(move)}};
}

// Along the axis each input is one run per outer index.
inline Moves concat(const NodeView& n) {
  const auto axis = static_cast<uint32_t>(n.i("axis"));
  uint64_t outer = 1, inner = 1;
  for (uint32_t i = 0; i < n.out().rank; ++i) (i < axis ? outer : inner) *= i == axis ? 1 : n.out().dims[i];
  Moves all;
  int64_t at = 0;
  for (uint32_t i = 0; i < n.input_count(); ++i) {
    const uint64_t run = n.in(i).dims[axis] * inner;
    StridedMove move;
    move.input = i;
    move.add_axis(outer, static_cast<int64_t>(run), static_cast<int64_t>(n.out().dims[axis] * inner));
    move.add_axis(run, 1, 1);
    move.dst_start = at;
    at += static_cast<int64_t>(run);
    all.copies.push_back(std::move(move));
  }
  return all;
}

inline Moves pad(const NodeView& n) {
  const MoveStrides src = row_major(n.in(0)), dst = row_major(n.out());
  const auto begins = n.ints("begins");
  StridedMove move;
  for (uint32_t i = 0; i < n.in(0).rank; ++i) {
    move.add_axis(n.in(0).dims[i], src[i], dst[i]);
    move.dst_start += begins[i] * dst[i];
  }
  Moves all{{std::move(move)}};
  all.fills = n.in(0).size_bytes != n.out().size_bytes;
  if (n.has_input(1)) all.fill_input = 1;
  visit_dtype(n.out().dtype, [&](auto v) {
    const auto x = cast_to<decltype(v)>(n.f("value"));
    std::memcpy(&all.fill_bits, &x, sizeof x);
  });
  return all;
}

inline Moves depth_to_space(const NodeView& n) {
  const rlx_tensor& x = n.in(0);
  const uint64_t block = static_cast<uint64_t>(n.i("block")), c = x.dims[1] / (block * block);
  const uint64_t h = x.dims[2], w = x.dims[3];
  const int64_t plane = static_cast<int64_t>(h * w), row = static_cast<int64_t>(w), b = static_cast<int64_t>(block);
  const bool dcr = n.s("mode") == "dcr";
  const int64_t channel = dcr ? plane : plane * b * b, across = dcr ? plane * static_cast<int64_t>(c) : plane;
  return Moves::split(n, {{x.dims[0], plane * static_cast<int64_t>(x.dims[1])},
                          {c, channel},
                          {h, row},
                          {block, across * b},
                          {w, 1},
                          {block, across}});
}

inline Moves space_to_depth(const NodeView& n) {
  const rlx_tensor& x = n.in(0);
  const auto block = static_cast<uint64_t>(n.i("block"));
  const int64_t b = static_cast<int64_t>(block), row = static_cast<int64_t>(x.dims[3]);
  const int64_t plane = static_cast<int64_t>(x.dims[2]) * row;
  return Moves::split(n, {{x.dims[0], plane * static_cast<int64_t>(x.dims[1])},
                          {block, row},
                          {block, 1},
                          {x.dims[1], plane},
                          {x.dims[2] / block, row * b},
                          {x.dims[3] / block, b}});
}

inline Moves resize_nearest_2x(const NodeView& n) {
  const rlx_tensor& x = n.in(0);
  const auto row = static_cast<int64_t>(x.dims[3]);
  return Moves::split(n, {{x.dims[0] * x.dims[1] * x.dims[2], row}, {2, 0}, {x.dims[3], 1}, {2, 0}});
}

}  // namespace moves

// Nothing when the node is not made of strided copies: another op, or a pad that mirrors.
inline std::optional<Moves> moves_of(const NodeView& n) {
  const std::string_view op = n.op();
  if (op == "reshape" || op == "copy") return Moves::whole(n, row_major(n.out()));
  if (op == "transpose") return moves::transpose(n);
  if (op == "slice") return moves::slice(n);
  if (op == "narrow") return moves::narrow(n);
  if (op == "expand") return moves::expand(n);
  if (op == "reverse") return moves::reverse(n);
  if (op == "tile") return moves::tile(n);
  if (op == "concat") return moves::concat(n);
  if (op == "pad" && n.s("mode") == "constant") return moves::pad(n);
  if (op == "depth_to_space") return moves::depth_to_space(n);
  if (op == "space_to_depth") return moves::space_to_depth(n);
  if (op == "resize_nearest_2x") return moves::resize_nearest_2x(n);
  return std::nullopt;
}

}  // namespace rlx::sdk
