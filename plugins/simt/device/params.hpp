// What the host gives to each kernel: plain structs with the same layout on both sides, read by the host compiler and
// by the device compiler. Sizes and strides are in elements unless their name says bytes.
#pragma once

#if !defined(SIMT_CUDA) && !defined(SIMT_HIP)
#include <stdint.h>
// Lets the host write the type's name into the source of a kernel.
#define SIMT_PARAMS(Type) static constexpr const char* kName = #Type
#else
#define SIMT_PARAMS(Type) static_assert(true, "")
// In our namespace: a vendor's compiler may have names of its own, of another type of the same size.
namespace simt {
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef long long int64_t;
}  // namespace simt
#endif

namespace simt {

// What device code calls a pointer; on the host it is a number that the driver made.
typedef uint64_t Address;

// Threads of a block, at most.
constexpr uint32_t kMaxBlock = 512;
constexpr uint32_t kMaxRank = 8;
// A tile repeats each axis: two for one.
constexpr uint32_t kMaxCopyRank = 16;
constexpr uint32_t kMaxInputs = 16, kMaxOutputs = 8;

// Where a kernel reports an index that is out of range; the first report wins. One per context, zero before a run.
struct ErrorRecord {
  uint32_t taken;
  uint32_t step;  // which launch
  int64_t value, limit;
};

struct ElementwiseParams {
  SIMT_PARAMS(ElementwiseParams);
  uint64_t count;
  uint64_t dims[kMaxRank];  // of the collapsed iteration space, innermost last
  Address inputs[kMaxInputs];
  Address outputs[kMaxOutputs];
  int64_t strides[kMaxInputs][kMaxRank];
};

// Outer × size × inner: element (o, i, n) is at (o·size + i)·inner + n.
struct SoftmaxParams {
  SIMT_PARAMS(SoftmaxParams);
  Address x, y;
  uint64_t outer, size, inner;
  uint32_t is_log;
};

// Rows are outer × inner; reduced elements of a row are dims (innermost last) with strides. y is dense over the rows.
// With more than one part of part_size elements, partial has what each of them comes to: part · rows + row.
struct ReduceParams {
  SIMT_PARAMS(ReduceParams);
  Address x, y, partial;
  uint64_t rows, count, parts, part_size;
  uint32_t row_rank, rank;
  uint64_t row_dims[kMaxRank], dims[kMaxRank];
  int64_t row_strides[kMaxRank], strides[kMaxRank];
};

// What a product applies to its results: the unary op of that name.
enum Activation : uint32_t {
  kActivationNone,
  kActivationRelu,
  kActivationGelu,
  kActivationGeluTanh,
  kActivationSilu,
  kActivationSigmoid,
  kActivationTanh,
};

// y[b] = act(a[b]·w[b] + bias): m × k by k × n, element strides for each axis, batches by up to kMaxRank dims.
struct MatmulParams {
  SIMT_PARAMS(MatmulParams);
  Address a, b, y, bias;  // bias 0: none
  uint64_t m, n, k, batches;
  int64_t a_row, a_column, b_row, b_column;
  uint32_t batch_rank, tiles_n, activation;
  uint64_t batch_dims[kMaxRank];
  int64_t a_batch[kMaxRank], b_batch[kMaxRank];
};

// Packed rows of weights (rlx/sdk/quant_layout.hpp), and what lies beside them for each `block` numbers of a row.
struct PackedWeights {
  Address bytes, scale, zero;             // scale, zero 0: none
  uint64_t row_bytes, blocks;             // blocks: of a row
  uint32_t block, scale_step, is_signed;  // scale_step 0: one scale for all
};

// y = x·wᵀ, both dense; of product only a, y, bias, m, n, k, tiles_n and activation are read.
struct PackedMatmulParams {
  SIMT_PARAMS(PackedMatmulParams);
  MatmulParams product;
  PackedWeights w;
  Address split;  // what split_rows made of x (device/packed_rows.hpp)
};
struct SplitParams {
  SIMT_PARAMS(SplitParams);
  Address x, split;
  uint64_t runs;
};
// numbers: of a row.
struct DequantizeParams {
  SIMT_PARAMS(DequantizeParams);
  Address y;
  PackedWeights w;
  uint64_t count, numbers;
};

// How products with matrix units are tiled: a warp has half of a tile's rows and so many of its columns; a step of k is
// so many bytes of a row.
constexpr uint32_t kFragmentWarpColumns = 32, kFragmentStepBytes = 64;
// Up to so many rows of a the matrix b is what takes the time (device/row_matmul.hpp).
constexpr uint32_t kMostMatmulRows = 4;

struct CopyParams {
  SIMT_PARAMS(CopyParams);
  Address x, y;
  uint64_t count;
  uint32_t rank;
  uint64_t dims[kMaxCopyRank];
  int64_t x_strides[kMaxCopyRank], y_strides[kMaxCopyRank];
};

struct FillParams {
  SIMT_PARAMS(FillParams);
  Address y;
  uint64_t count;
  uint64_t bits;   // the element
  Address scalar;  // where the element is, instead; 0: bits
};

// y = x where one axis of x is walked by an index: element (o, i, n) of y is (o·size + index[i])·inner + n of x.
struct GatherParams {
  SIMT_PARAMS(GatherParams);
  Address x, index, y, errors;
  uint64_t count, indices, size, inner;
  uint32_t node;
};

// One index for each element, along one axis of a tensor whose other coordinates are the index's own.
struct ElementIndexParams {
  SIMT_PARAMS(ElementIndexParams);
  Address x, index, y, errors;  // x: what is read, or the updates
  Address owners;               // a u32 for each element of y (device/replace.hpp)
  uint64_t count;
  uint32_t node, rank, axis;
  uint64_t dims[kMaxRank];    // of the index
  int64_t strides[kMaxRank];  // of the tensor that is gathered from or scattered to
  uint64_t size;              // of its axis
};

// Rows of coordinates, each of a block of elements.
struct BlockIndexParams {
  SIMT_PARAMS(BlockIndexParams);
  Address x, index, y, errors;
  Address owners;  // a u32 for each block of y (device/replace.hpp)
  uint64_t count;  // elements: blocks × block
  uint64_t block, per_batch, batch_size;
  uint32_t node, coordinates;
  uint64_t limits[kMaxRank];
};

// x replaces rows of y along an axis, from a row that is only known when it runs.
struct RowWriteParams {
  SIMT_PARAMS(RowWriteParams);
  Address x, y, row, errors;
  uint64_t count, rows, size, inner;
  uint32_t node;
};

// Rows of outer × size × inner elements, as SoftmaxParams, each in parts of part_size elements. Of every part but a
// row's last one, partial has what the kernel before leaves to this one: part · rows + row. 0 with one part.
struct RowParts {
  uint64_t rows, size, inner;
  uint64_t parts, part_size;
  Address partial;
};

struct ScanParams {
  SIMT_PARAMS(ScanParams);
  Address x, y;
  RowParts part;
  uint32_t exclusive, reverse;
};

// The position of a row's extreme, or of each part's: partial has those of all parts. largest 0: the least. last 0:
// the first of equals.
struct ArgReduceParams {
  SIMT_PARAMS(ArgReduceParams);
  Address x, y;
  RowParts part;
  uint32_t largest, last;
};

// How many items of a row are sorted at once, in shared memory; and how many wait there for a selection's next round.
constexpr uint32_t kSortTile = 2048, kSelectQueue = 2048;

// The first `kept` elements of each row in order, with their positions. Items (device/bitonic.hpp) of a row are `items`
// apart; to 0: the answer is written.
struct SortParams {
  SIMT_PARAMS(SortParams);
  Address x, values, positions;
  RowParts part;  // partial: `kept` items of each part, row after row
  Address from, to;
  uint64_t items, run, kept;  // run: so many neighbours of from are in order
  uint32_t descending;
};

// Candidates of a row: items in descending order, `stride` apart from row to row. scale, least: rlx/sdk/sampling.hpp.
struct SampleParams {
  SIMT_PARAMS(SampleParams);
  Address items, ids, run_counter;
  uint64_t rows, count, stride, key;
  double scale, top_p;
  uint32_t least, greedy;  // greedy: the first candidate
};

constexpr uint32_t kSpatial = 3;

// Position o of y and tap t meet at position o·stride − pad + t·dilation of x; axes that are missing have size 1.
struct WindowParams {
  int64_t wide[kSpatial], narrow[kSpatial], taps[kSpatial];
  int64_t stride[kSpatial], pad[kSpatial], dilation[kSpatial];
};

// y[image, group, m, position] = act(Σ w[group, m, k]·x[image, group, …] + bias + residual); k counts channels, then
// taps. The residual is laid out as y.
struct ConvParams {
  SIMT_PARAMS(ConvParams);
  Address x, w, y, bias, residual;          // bias, residual 0: none
  uint64_t images, groups, filters, depth;  // filters and depth of one group
  uint32_t tiles_n, activation;
  WindowParams window;
};

struct PoolParams {
  SIMT_PARAMS(PoolParams);
  Address x, y, indices;  // indices 0: none
  uint64_t count;
  int64_t padded_end[kSpatial];  // up to here a position counts as padding
  uint32_t count_padding, column_major;
  int64_t power;
  WindowParams window;
};

// Rows of size elements. gamma, beta, residual and sum may be 0.
struct NormParams {
  SIMT_PARAMS(NormParams);
  Address x, gamma, beta, y, residual, sum;
  uint64_t rows, size;
  double eps;
};

struct RandomParams {
  SIMT_PARAMS(RandomParams);
  Address y, run_counter;
  uint64_t count, key;
  double offset, scale;  // low and high − low, or mean and scale
};

// Where heads lie: strides in elements.
struct HeadStrides {
  int64_t batch, head, position;
};

constexpr uint32_t kMaskNone = 0, kMaskCausal = 1, kMaskWindow = 2, kMaskCustom = 3, kMaskBias = 4;

// A block has a tile of query rows, 16 for each of its warps, and walks as many keys at a time: so many that a row of
// scores has these bytes. Two tiles of 128 features and what warps exchange then fit the 48 KiB of shared memory that
// every GPU has.
constexpr uint32_t kAttentionSideBytes = 128;

struct AttentionParams {
  SIMT_PARAMS(AttentionParams);
  Address query, key, value, mask, output;
  Address partial;                 // with more than one part: for each row and part maximum, sum and v_features sums
  uint64_t blocks, parts, chunks;  // all shares of the work; of the keys; of v_features
  uint64_t batch, heads, kv_heads, queries, keys, features, v_features;
  HeadStrides q, k, v, y;
  uint32_t mask_kind;
  int64_t window, mask_strides[4];
  double scale, softcap;  // softcap 0: none
};

}  // namespace simt
