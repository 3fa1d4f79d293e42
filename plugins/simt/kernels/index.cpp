// Gathers and scatters. A scatter copies its tensor first; without a reduction later updates win, as their order says.
#include "kernel.hpp"
#include "strides.hpp"

#include <rlx/sdk/axis_view.hpp>

namespace rlx::simt::kernels {

namespace {

using ::simt::BlockIndexParams;
using ::simt::ElementIndexParams;

std::string words(const NodeView& n) {
  return "<" + word_name(n.out().dtype) + ", " + type_name(n.in(1).dtype) + ">";
}

void copy_whole(Emitter& e, const NodeView& n, uint32_t from, uint32_t to) {
  const rlx_tensor& t = n.program().tensor(from);
  auto launch = e.launch<::simt::CopyParams>("copy.hpp", "strided_copy<" + word_name(t.dtype) + ">");
  launch.params.count = launch.params.dims[0] = sdk::elements(t);
  launch.params.rank = 1;
  launch.params.x_strides[0] = launch.params.y_strides[0] = 1;
  launch.point(launch.params.x, from);
  launch.point(launch.params.y, to);
  launch.threads(launch.params.count);
}

// The elements of tensor that the index of node input 1 names along axis.
template <typename Launch>
void fill_elements(Launch& launch, const Emitter& e, const NodeView& n, const rlx_tensor& tensor) {
  const rlx_tensor& index = n.in(1);
  const Strides strides = row_major(tensor);
  launch.params.count = sdk::elements(index);
  launch.params.node = e.node();
  launch.params.rank = index.rank;
  launch.params.axis = static_cast<uint32_t>(n.i("axis"));
  launch.params.size = index.rank == 0 ? 1 : tensor.dims[launch.params.axis];
  for (uint32_t i = 0; i < index.rank; ++i) {
    launch.params.dims[i] = index.dims[i];
    launch.params.strides[i] = strides[i];
  }
  launch.point(launch.params.index, n.input(1));
  launch.point_to_errors(launch.params.errors);
}

// The blocks of tensor that rows of node input 1 name, behind batch axes.
template <typename Launch>
void fill_blocks(Launch& launch, const Emitter& e, const NodeView& n, const rlx_tensor& tensor, uint32_t batch) {
  const rlx_tensor& index = n.in(1);
  const auto coordinates = static_cast<uint32_t>(index.dims[index.rank - 1]);
  launch.params.node = e.node();
  launch.params.coordinates = coordinates;
  launch.params.block = launch.params.per_batch = launch.params.batch_size = 1;
  for (uint32_t i = 0; i < coordinates; ++i) launch.params.limits[i] = tensor.dims[batch + i];
  for (uint32_t i = batch; i < tensor.rank; ++i) launch.params.batch_size *= tensor.dims[i];
  for (uint32_t i = batch + coordinates; i < tensor.rank; ++i) launch.params.block *= tensor.dims[i];
  uint64_t blocks = 1;
  for (uint32_t i = 0; i + 1 < index.rank; ++i) {
    blocks *= index.dims[i];
    if (i >= batch) launch.params.per_batch *= index.dims[i];
  }
  launch.params.count = blocks * launch.params.block;
  launch.point(launch.params.index, n.input(1));
  launch.point_to_errors(launch.params.errors);
}

// The updates of a scatter, by kernels of "elements" or "blocks", of which y has so many: with a reduction one kernel,
// without two that find out which update is the last of its place. fill(launch) says where they go.
template <typename Params, typename Fill>
void add_updates(Emitter& e, const NodeView& n, const std::string& what, uint64_t places, Fill fill) {
  const std::string reduction(n.s("reduction")), index = type_name(n.in(1).dtype);
  const uint64_t owner_bytes = places * sizeof(uint32_t);
  const auto add = [&](const char* header, const std::string& body) {
    auto launch = e.launch<Params>(header, body);
    fill(launch);
    launch.point(launch.params.x, n.input(2));
    launch.point(launch.params.y, n.output(0));
    if (reduction == "none") launch.point_to_scratch(launch.params.owners, owner_bytes);
    launch.threads(launch.params.count);
  };
  if (sdk::elements(n.in(2)) == 0) return;
  if (reduction != "none")
    return add("index.hpp",
               "scatter_" + what + "<" + type_name(n.out().dtype) + ", scatter_" + reduction + ", " + index + ">");
  auto clear = e.launch<::simt::FillParams>("copy.hpp", "fill<u32>");
  clear.params.count = places;
  clear.point_to_scratch(clear.params.y, owner_bytes);
  clear.threads(places);
  add("replace.hpp", "rank_" + what + "<" + index + ">");
  add("replace.hpp", "replace_" + what + words(n));
}

}  // namespace

Claim claim_gather(const NodeView&) {
  return Claim::native();
}

void emit_gather(Emitter& e, const NodeView& n) {
  const sdk::AxisView axis = sdk::view_axis(n.in(0), n.i("axis"));
  auto launch = e.launch<::simt::GatherParams>("index.hpp", "gather" + words(n));
  launch.params.count = sdk::elements(n.out());
  launch.params.indices = sdk::elements(n.in(1));
  launch.params.size = axis.n;
  launch.params.inner = axis.inner;
  launch.params.node = e.node();
  launch.point(launch.params.x, n.input(0));
  launch.point(launch.params.index, n.input(1));
  launch.point(launch.params.y, n.output(0));
  launch.point_to_errors(launch.params.errors);
  launch.threads(launch.params.count);
}

Claim claim_gather_elements(const NodeView&) {
  return Claim::native();
}

void emit_gather_elements(Emitter& e, const NodeView& n) {
  auto launch = e.launch<ElementIndexParams>("index.hpp", "gather_elements" + words(n));
  fill_elements(launch, e, n, n.in(0));
  launch.point(launch.params.x, n.input(0));
  launch.point(launch.params.y, n.output(0));
  launch.threads(launch.params.count);
}

Claim claim_gather_nd(const NodeView&) {
  return Claim::native();
}

void emit_gather_nd(Emitter& e, const NodeView& n) {
  auto launch = e.launch<BlockIndexParams>("index.hpp", "gather_blocks" + words(n));
  fill_blocks(launch, e, n, n.in(0), static_cast<uint32_t>(n.i("batch_dims")));
  launch.point(launch.params.x, n.input(0));
  launch.point(launch.params.y, n.output(0));
  launch.threads(launch.params.count);
}

Claim claim_scatter(const NodeView& n) {
  if (n.s("reduction") == "none") {
    if (sdk::elements(n.in(1)) >= UINT32_MAX) return Claim::no("2^32 updates or more");
    return Claim::native();
  }
  const rlx_dtype t = n.out().dtype;
  if (t == RLX_DTYPE_BOOL || t == RLX_DTYPE_C64)
    return Claim::no(std::string("reduction of ") + sdk::dtype_name(t) + " not supported");
  return Claim::native();
}

void emit_scatter(Emitter& e, const NodeView& n) {
  copy_whole(e, n, n.input(0), n.output(0));
  uint64_t places = sdk::elements(n.out());
  if (n.op() == "scatter_elements")
    return add_updates<ElementIndexParams>(e, n, "elements", places,
                                           [&](auto& launch) { fill_elements(launch, e, n, n.out()); });
  const uint64_t coordinates = n.in(1).dims[n.in(1).rank - 1];
  for (uint64_t i = coordinates; i < n.out().rank; ++i) places /= std::max<uint64_t>(n.out().dims[i], 1);
  add_updates<BlockIndexParams>(e, n, "blocks", places, [&](auto& launch) { fill_blocks(launch, e, n, n.out(), 0); });
}

Claim claim_state_write(const NodeView& n) {
  // Rows that overlap what they replace would be read after they were written.
  const uint32_t root = n.in(1).view_of == RLX_NO_INDEX ? n.input(1) : n.in(1).view_of;
  const uint32_t state = n.in(0).view_of == RLX_NO_INDEX ? n.input(0) : n.in(0).view_of;
  if (root == state) return Claim::no("its value is a part of the state itself");
  return Claim::native();
}

void emit_state_write(Emitter& e, const NodeView& n) {
  if (n.has_input(2)) {
    const sdk::AxisView axis = sdk::view_axis(n.in(0), n.i("axis"));
    auto launch = e.launch<::simt::RowWriteParams>(
        "index.hpp", "write_rows<" + word_name(n.in(0).dtype) + ", " + type_name(n.in(2).dtype) + ">");
    launch.params.count = sdk::elements(n.in(1));
    launch.params.rows = sdk::view_axis(n.in(1), n.i("axis")).n;
    launch.params.size = axis.n;
    launch.params.inner = axis.inner;
    launch.params.node = e.node();
    launch.point(launch.params.x, n.input(1));
    launch.point(launch.params.y, n.input(0));
    launch.point(launch.params.row, n.input(2));
    launch.point_to_errors(launch.params.errors);
    launch.threads(launch.params.count);
  } else {
    copy_whole(e, n, n.input(1), n.input(0));
  }
  if (n.out().view_of != n.input(0)) copy_whole(e, n, n.input(0), n.output(0));
}

}  // namespace rlx::simt::kernels
