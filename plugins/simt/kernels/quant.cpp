// dequantize_blocks and dequant_matmul: a few rows of x by the kernel that reads packed weights once, halves on matrix
// units where the device has them, all else with the plain tiles.
#include "kernel.hpp"
#include "product.hpp"

#include <rlx/sdk/quant_layout.hpp>

#include <limits>

namespace rlx::simt::kernels {

namespace {

namespace quant = sdk::quant;

constexpr uint64_t kRun = 16;                                            // of device/dequant.hpp
constexpr uint64_t kMostNumbers = std::numeric_limits<uint32_t>::max();  // of a row: counted in 32 bits there

std::string scheme_text(const NodeView& n) {
  return "scheme_named(\"" + std::string(n.s("scheme")) + "\")";
}

uint64_t row_numbers(const rlx_tensor& w, const quant::Layout& layout) {
  return w.dims[w.rank - 1] / layout.bytes * layout.values;
}

quant::Layout layout_of(const NodeView& n) {
  const std::string_view name = n.s("scheme");
  return quant::layout_of(quant::find_scheme(name.data(), static_cast<unsigned>(name.size())));
}

// Packed input `first` of the node and the two behind it.
template <typename Launch>
void put_weights(Launch& launch, const NodeView& n, uint32_t first) {
  ::simt::PackedWeights& w = launch.params.w;
  const rlx_tensor& packed = n.in(first);
  const uint64_t numbers = row_numbers(packed, layout_of(n)), block = static_cast<uint64_t>(n.i("block"));
  w.row_bytes = packed.dims[packed.rank - 1];
  w.block = static_cast<uint32_t>(block ? block : std::max<uint64_t>(1, numbers));
  w.blocks = numbers / w.block;
  w.is_signed = n.flag("signed");
  launch.point(w.bytes, n.input(first));
  if (n.has_input(first + 1)) {
    w.scale_step = n.in(first + 1).rank > 0;
    launch.point(w.scale, n.input(first + 1));
  }
  if (n.has_input(first + 2)) launch.point(w.zero, n.input(first + 2));
}

bool is_half(rlx_dtype dtype) {
  return dtype == RLX_DTYPE_F16 || dtype == RLX_DTYPE_BF16;
}

template <typename Launch>
void put_product(Launch& launch, const NodeView& n, uint64_t rows, uint64_t depth) {
  launch.params.product.m = rows;
  launch.params.product.n = n.in(1).dims[0];
  launch.params.product.k = depth;
  launch.params.product.batches = 1;
  launch.point(launch.params.product.a, n.input(0));
  launch.point(launch.params.product.y, n.output(0));
  put_weights(launch, n, 1);
}

// x as integers, unless the weights are floats; then each row of weights meets all rows of x.
void emit_rows(Emitter& e, const NodeView& n, uint64_t rows, uint64_t depth) {
  constexpr uint32_t kThreads = 256, kColumns = 2;  // of device/packed_rows.hpp
  const std::string type = type_name(n.out().dtype);
  const quant::Layout layout = layout_of(n);
  const uint64_t runs = rows * (depth / kRun), pieces = is_half(n.out().dtype) ? 2 : 3;
  const uint64_t split_bytes = runs * (pieces * kRun + 2 * sizeof(float));
  const bool splits = layout.code != quant::kE4m3 && layout.code != quant::kE5m2;
  if (splits) {
    auto split = e.launch<::simt::SplitParams>("packed_rows.hpp", "split_rows<" + type + ">");
    split.params.runs = runs;
    split.point(split.params.x, n.input(0));
    split.point_to_scratch(split.params.split, split_bytes);
    split.threads(runs);
  }
  auto launch =
      e.launch<::simt::PackedMatmulParams>("packed_rows.hpp", "packed_rows<" + type + ", " + scheme_text(n) + ">");
  put_product(launch, n, rows, depth);
  if (splits) launch.point_to_scratch(launch.params.split, split_bytes);
  const uint64_t per_block = kThreads / e.geometry().warp * kColumns;
  launch.blocks(grid_for(e.geometry(), n.in(1).dims[0], per_block), kThreads);
}

void emit_tiles(Emitter& e, const NodeView& n, uint64_t rows, uint64_t depth) {
  const uint64_t columns = n.in(1).dims[0];
  const bool units = is_half(n.out().dtype) && e.geometry().matrix_units;
  const Tiling tiling =
      units ? Tiling(e.geometry(), rows, columns, 1, false, false) : Tiling(rows, columns, 1, RLX_DTYPE_F32);
  const std::string scheme = ", " + scheme_text(n);
  auto launch = e.launch<::simt::PackedMatmulParams>(
      "packed_matmul.hpp", tiling.body(units ? "packed_fragments" : "packed_matmul", n.out().dtype, scheme.c_str()));
  put_product(launch, n, rows, depth);
  launch.params.product.tiles_n = tiling.across;
  launch.blocks(grid_for(e.geometry(), tiling.tiles, 1), tiling.threads, tiling.shared_bytes);
}

Claim claim_numbers(uint64_t numbers) {
  if (numbers > kMostNumbers) return Claim::no("a row of " + std::to_string(numbers) + " numbers is too long");
  return Claim::native();
}

}  // namespace

Claim claim_dequantize_blocks(const NodeView& n) {
  return claim_numbers(row_numbers(n.in(0), layout_of(n)));
}

void emit_dequantize_blocks(Emitter& e, const NodeView& n) {
  auto launch = e.launch<::simt::DequantizeParams>(
      "dequant.hpp", "dequantize<" + type_name(n.out().dtype) + ", " + scheme_text(n) + ">");
  launch.params.count = sdk::elements(n.out());
  launch.params.numbers = row_numbers(n.in(0), layout_of(n));
  put_weights(launch, n, 0);
  launch.point(launch.params.y, n.output(0));
  launch.threads(launch.params.count);
}

Claim claim_dequant_matmul(const NodeView& n) {
  const rlx_dtype dtype = n.out().dtype;
  if (dtype != RLX_DTYPE_F32 && !is_half(dtype))
    return Claim::no(std::string("dtype ") + sdk::dtype_name(dtype) + " is decoded first");
  const uint64_t depth = n.in(0).dims[n.in(0).rank - 1], block = static_cast<uint64_t>(n.i("block"));
  if (depth % kRun != 0 || block % kRun != 0)
    return Claim::no("rows of " + std::to_string(depth) + " numbers in blocks of " + std::to_string(block) +
                     " are no multiples of " + std::to_string(kRun));
  return claim_numbers(depth);
}

void emit_dequant_matmul(Emitter& e, const NodeView& n) {
  if (sdk::elements(n.out()) == 0) return;
  const uint64_t depth = n.in(0).dims[n.in(0).rank - 1], rows = sdk::elements(n.out()) / n.in(1).dims[0];
  rows <= ::simt::kMostMatmulRows ? emit_rows(e, n, rows, depth) : emit_tiles(e, n, rows, depth);
}

}  // namespace rlx::simt::kernels
