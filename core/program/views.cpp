// A box cut out of a row-major tensor is one run of bytes when, from some axis on, it keeps the whole extent of every
// later axis and a single index of every earlier one.
#include "program/views.hpp"

#include <array>

namespace rlx {
namespace {

using Extents = std::array<int64_t, kMaxRank>;

// Element offset of the box [starts, starts + sizes), or nothing when it is not contiguous.
std::optional<int64_t> contiguous_box(const Shape& shape, const Extents& starts, const Extents& sizes) {
  const size_t rank = shape.rank();
  for (size_t i = 0; i < rank; ++i)
    if (sizes[i] == 0) return 0;
  size_t axis = rank;  // the last axis that is cut
  for (size_t i = 0; i < rank; ++i)
    if (sizes[i] != shape[i]) axis = i;
  if (axis == rank) return 0;
  for (size_t i = 0; i < axis; ++i)
    if (sizes[i] != 1) return std::nullopt;
  const auto strides = shape.strides();
  int64_t offset = 0;
  for (size_t i = 0; i < rank; ++i) offset += starts[i] * strides[i];
  return offset;
}

std::optional<int64_t> narrow_offset(const Shape& shape, const Node& node) {
  Extents starts{}, sizes{};
  for (size_t i = 0; i < shape.rank(); ++i) sizes[i] = shape[i];
  const auto axis = static_cast<size_t>(node.attrs.i("axis"));
  starts[axis] = node.attrs.i("start");
  sizes[axis] = node.attrs.i("len");
  return contiguous_box(shape, starts, sizes);
}

std::optional<int64_t> slice_offset(const Shape& shape, const Shape& out, const Node& node) {
  const std::vector<int64_t>& begins = node.attrs.ints("starts");
  const std::vector<int64_t>& steps = node.attrs.ints("steps");
  Extents starts{}, sizes{};
  for (size_t i = 0; i < shape.rank(); ++i) {
    if (steps[i] != 1 && out[i] > 1) return std::nullopt;
    starts[i] = begins[i];
    sizes[i] = out[i];
  }
  return contiguous_box(shape, starts, sizes);
}

// Axes of size 1 may go anywhere.
bool keeps_order(const Shape& shape, const std::vector<int64_t>& perm) {
  int64_t before = -1;
  for (int64_t axis : perm) {
    if (shape[static_cast<size_t>(axis)] == 1) continue;
    if (axis < before) return false;
    before = axis;
  }
  return true;
}

}  // namespace

std::optional<uint64_t> view_offset(const Graph& graph, const Node& node) {
  if (node.inputs.empty() || node.inputs[0] == kNoValue || node.outputs.size() != 1) return std::nullopt;
  const TensorType& in = graph.type(node.inputs[0]);
  const TensorType& out = graph.type(node.outputs[0]);
  if (in.dtype != out.dtype) return std::nullopt;
  std::optional<int64_t> elements;
  if (node.is("reshape"))
    elements = 0;
  else if (node.is("transpose") && (out.bytes() == 0 || keeps_order(in.shape, node.attrs.ints("perm"))))
    elements = 0;
  else if (node.is("expand") && in.bytes() == out.bytes())
    elements = 0;
  else if (node.is("narrow"))
    elements = narrow_offset(in.shape, node);
  else if (node.is("slice"))
    elements = slice_offset(in.shape, out.shape, node);
  if (!elements) return std::nullopt;
  return static_cast<uint64_t>(*elements) * size_of(in.dtype);
}

}  // namespace rlx
