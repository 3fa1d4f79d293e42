// Ops of the domain com.microsoft, which ONNX Runtime's tools write into models.

#include "context.hpp"

namespace rlx::onnx {
namespace {

struct Packing {
  int64_t bits, block, columns, depth, blocks;  // blocks: of a row, the last one perhaps with padding
};

Result<Packing> packing_of(const NodeContext& c) {
  Packing p{c.attr("bits", 4), c.attr("block_size", 0), c.attr("N", 0), c.attr("K", 0), 0};
  if (p.bits != 4 && p.bits != 8) return c.unsupported("bits is " + std::to_string(p.bits) + ", 4 and 8 are supported");
  if (p.block < 16 || p.block > kMaxWindow || p.block % 16 != 0)
    return c.fail(Code::kInvalidArgument, "block_size is " + std::to_string(p.block) + ", needs a multiple of 16");
  if (p.columns < 1 || p.columns > kMaxElements || p.depth < 1 || p.depth > kMaxElements)
    return c.fail(Code::kInvalidArgument, "K is " + std::to_string(p.depth) + " and N " + std::to_string(p.columns) +
                                              ", need 1 to " + std::to_string(kMaxElements));
  p.blocks = (p.depth + p.block - 1) / p.block;
  return p;
}

// One u8 per block: the file has four bits for each, in rows that begin with a byte, or bytes.
Result<ValueId> zero_points(NodeContext& c, const Packing& p) {
  const std::vector<int64_t> dims{p.columns, p.blocks};
  RLX_ASSIGN(const Shape shape, Shape::make(dims));
  if (!c.has(3)) {
    RLX_ASSIGN(const ValueId middle, c.scalar(DType::kU8, static_cast<double>(1 << (p.bits - 1))));
    return c.add("expand", {middle}, {{"shape", dims}});
  }
  if (c.dtype(3) != DType::kU8) return c.unsupported("zero points are " + std::string(name_of(c.dtype(3))));
  if (p.bits == 8) return c.reshape(c.in(3), dims);
  RLX_ASSIGN(const Literal packed, c.literal(3));
  const int64_t row_bytes = (p.blocks + 1) / 2;
  if (packed.type.shape.elements() != p.columns * row_bytes)
    return c.fail(Code::kInvalidArgument, "zero points have shape " + to_string(packed.type.shape) + ", need " +
                                              std::to_string(p.columns * row_bytes) + " bytes");
  const auto* bytes = reinterpret_cast<const uint8_t*>(packed.bytes.data());
  std::vector<uint8_t> zeros(static_cast<size_t>(p.columns * p.blocks));
  for (size_t i = 0; i < zeros.size(); ++i) {
    const auto block = static_cast<int64_t>(i) % p.blocks, row = static_cast<int64_t>(i) / p.blocks;
    zeros[i] = bytes[row * row_bytes + block / 2] >> block % 2 * 4 & 15;
  }
  return c.constant(Literal::of<uint8_t>(DType::kU8, shape, zeros));
}

// y = A · dequantised(B)ᵀ: B [N, blocks, bytes of a block], scales [N, blocks] or flat, zero points 2^(bits − 1).
Status matmul_nbits(NodeContext& c) {
  if (c.has(4)) return c.unsupported("g_idx is not supported");
  RLX_ASSIGN(const Packing p, packing_of(c));
  if (c.dtype(1) != DType::kU8)
    return c.fail(Code::kInvalidArgument, "B has dtype " + std::string(name_of(c.dtype(1))) + ", needs u8");
  RLX_ASSIGN(const ValueId w, c.reshape(c.in(1), std::vector<int64_t>{p.columns, p.blocks * (p.block * p.bits / 8)}));
  RLX_ASSIGN(ValueId scale, c.cast(c.in(2), DType::kF32));
  RLX_ASSIGN(scale, c.reshape(scale, std::vector<int64_t>{p.columns, p.blocks}));
  RLX_ASSIGN(const ValueId zero, zero_points(c, p));
  ValueId x = c.in(0);
  const auto rank = c.shape(0).rank();
  if (const int64_t padding = p.blocks * p.block - p.depth; padding > 0 && rank > 0) {
    std::vector<int64_t> begins(rank, 0), ends(rank, 0);
    ends.back() = padding;
    RLX_ASSIGN(x, c.add("pad", {x}, {{"mode", std::string("constant")}, {"begins", begins}, {"ends", ends}}));
  }
  RLX_ASSIGN(ValueId y, c.add("dequant_matmul", {x, w, scale, zero},
                              {{"scheme", std::string(p.bits == 4 ? "int4_block" : "int8_block_asym")},
                               {"block", p.block},
                               {"signed", int64_t{0}}}));
  if (c.has(5)) {
    RLX_ASSIGN(y, c.binary("add", y, c.in(5)));
  }
  return c.out(y);
}

constexpr OpEntry kOps[] = {
    {"MatMulNBits", matmul_nbits, 3, "com.microsoft"},
};

}  // namespace

std::span<const OpEntry> microsoft_ops() {
  return kOps;
}

}  // namespace rlx::onnx
