// Packed weights out of gathers, shifts and sums: the description of a layout turned into constants. Every byte becomes
// an i32; the bits of number i are where code_part says, so that one gather with constant indices collects a part of
// all codes of a block.
#include "ops/decompose.hpp"
#include "ops/emit.hpp"

#include <rlx/sdk/quant_layout.hpp>

#include <cmath>
#include <functional>
#include <limits>

namespace rlx::ops {
namespace {

namespace quant = sdk::quant;

using PartFn = quant::Part (*)(unsigned scheme, unsigned part, unsigned i);

class BlockDecoder {
 public:
  // The packed input of e is number w; numbers are computed in `real`, f32 or f64.
  BlockDecoder(Emit& e, size_t w, DType real) : e_(e), w_(w), real_(real) {
    const std::string& name = e.attrs().str("scheme");
    scheme_ = quant::find_scheme(name.data(), static_cast<unsigned>(name.size()));
    layout_ = quant::layout_of(scheme_);
  }

  // […, row bytes] to […, numbers of a row]
  ValueId numbers() {
    const Shape packed = e_.shape(e_.in(w_));
    Axes dims(packed.begin(), packed.end());
    const int64_t rows = product(packed, 0, packed.rank() - 1), blocks = dims.back() / layout_.bytes;
    bytes_ = e_.reshape(e_.cast(e_.in(w_), DType::kI32), {rows, blocks, layout_.bytes});
    ValueId x = grouped(codes(), rows * blocks);
    if (layout_.scale != quant::kNoScale) x = e_.mul(x, scales(rows * blocks));
    if (layout_.offset_at >= 0) x = e_.add(x, offsets(rows * blocks));
    dims.back() = blocks * layout_.values;
    if (layout_.beside == quant::kNothing || !e_.has(w_ + 1)) return e_.reshape(x, dims);
    return e_.reshape(beside(x, rows, dims.back()), dims);
  }

 private:
  ValueId integers(const Axes& values) {
    const std::vector<double> wide(values.begin(), values.end());
    return e_.constant(DType::kI32, {static_cast<int64_t>(values.size())}, wide);
  }
  ValueId integer(int64_t value) { return e_.scalar(DType::kI32, static_cast<double>(value)); }
  ValueId bits(const char* kind, ValueId a, ValueId b) { return e_.binary(kind, a, b); }

  // table[index]
  ValueId look_up(int64_t entries, const std::function<double(unsigned)>& table, ValueId index) {
    std::vector<double> values;
    for (int64_t i = 0; i < entries; ++i) values.push_back(table(static_cast<unsigned>(i)));
    return e_.op("gather", {e_.constant(real_, {entries}, values), index}, {{"axis", int64_t{0}}});
  }

  // The numbers 0 … count − 1 of every block that `part` describes, [rows, blocks, count].
  ValueId collect(PartFn part, unsigned parts, int64_t count) {
    ValueId sum = kNoValue;
    for (unsigned p = 0; p < parts; ++p) {
      Axes byte, shift, mask, left;
      for (int64_t i = 0; i < count; ++i) {
        const quant::Part at = part(scheme_, p, static_cast<unsigned>(i));
        byte.push_back(at.byte);
        shift.push_back(at.shift);
        mask.push_back((int64_t{1} << at.bits) - 1);
        left.push_back(at.left);
      }
      ValueId x = e_.op("gather", {bytes_, integers(byte)}, {{"axis", int64_t{2}}});
      x = bits("shl", bits("bit_and", bits("shr", x, integers(shift)), integers(mask)), integers(left));
      sum = sum == kNoValue ? x : bits("bit_or", sum, x);
    }
    return sum;
  }

  // x less 2^width where it is 2^(width − 1) or more.
  ValueId sign_extended(ValueId x, int64_t width) {
    const ValueId sign = integer(int64_t{1} << (width - 1));
    return e_.sub(bits("bit_xor", x, sign), sign);
  }

  ValueId codes() {
    const ValueId code = collect(quant::code_part, layout_.code_parts, layout_.values);
    const bool is_signed = e_.attrs().flag("signed");
    const auto number = [&](unsigned raw) { return double{quant::number_of_code(scheme_, raw, is_signed)}; };
    if (layout_.code != quant::kUnsigned && layout_.code != quant::kSigned && layout_.code != quant::kByArgument)
      return look_up(int64_t{1} << layout_.code_bits, number, code);
    const bool extend = layout_.code == quant::kSigned || (layout_.code == quant::kByArgument && is_signed);
    if (extend) return e_.cast(sign_extended(code, layout_.code_bits), real_);
    return e_.cast(layout_.bias ? e_.sub(code, integer(layout_.bias)) : code, real_);
  }

  int64_t groups() const { return layout_.values / layout_.group; }
  ValueId grouped(ValueId x, int64_t blocks) {
    return e_.reshape(x, {blocks, groups(), static_cast<int64_t>(layout_.group)});
  }

  // Bytes [first, first + count) of every block as one integer.
  ValueId word(int64_t first, int64_t count) {
    ValueId x = kNoValue;
    for (int64_t i = 0; i < count; ++i) {
      const ValueId byte = bits("shl", e_.slice(bytes_, 2, first + i, first + i + 1), integer(8 * i));
      x = x == kNoValue ? byte : bits("bit_or", x, byte);
    }
    return x;
  }

  // IEEE 754 bits in an i32.
  ValueId real_of_bits(ValueId x, int64_t exponent_bits, int64_t mantissa_bits) {
    const int64_t most = (int64_t{1} << exponent_bits) - 1, one = int64_t{1} << mantissa_bits;
    const int64_t bias = most / 2 + mantissa_bits;
    const ValueId exponent = bits("bit_and", bits("shr", x, integer(mantissa_bits)), integer(most));
    const ValueId mantissa = bits("bit_and", x, integer(one - 1));
    const ValueId normal = e_.compare("gt", exponent, integer(0));
    const ValueId whole = e_.add(mantissa, e_.where(normal, integer(one), integer(0)));
    const auto power = [&](unsigned e) {
      if (e == most) return std::numeric_limits<double>::infinity();
      return std::ldexp(1.0, static_cast<int>(std::max<int64_t>(e, 1) - bias));
    };
    ValueId y = e_.mul(e_.cast(whole, real_), look_up(most + 1, power, exponent));
    const ValueId is_nan = e_.compare("gt", bits("bit_and", x, integer((int64_t{most} << mantissa_bits) | (one - 1))),
                                      integer(most << mantissa_bits));
    y = e_.where(is_nan, e_.scalar(real_, std::numeric_limits<double>::quiet_NaN()), y);
    const ValueId negative = e_.compare(
        "ne", bits("bit_and", bits("shr", x, integer(exponent_bits + mantissa_bits)), integer(1)), integer(0));
    return e_.where(negative, e_.unary("neg", y), y);
  }

  // A factor for each group, [blocks, groups, 1].
  ValueId per_group(ValueId factors, int64_t blocks) {
    return e_.reshape(e_.cast(factors, real_), {blocks, groups(), 1});
  }

  ValueId scales(int64_t blocks) {
    const auto at = static_cast<int64_t>(layout_.scale_at);
    switch (layout_.scale) {
      case quant::kHalfUe4m3:
        return e_.reshape(look_up(
                              256, [](unsigned code) { return double{quant::half_ue4m3_value(code)}; },
                              e_.slice(bytes_, 2, at, at + groups())),
                          {blocks, groups(), 1});
      case quant::kHalfE8m0:
        return e_.reshape(look_up(
                              256, [](unsigned code) { return double{quant::half_e8m0_value(code)}; }, word(at, 1)),
                          {blocks, 1, 1});
      default:
        break;
    }
    const ValueId scale =
        e_.reshape(layout_.scale == quant::kF32 ? real_of_bits(word(at, 4), 8, 23) : real_of_bits(word(at, 2), 5, 10),
                   {blocks, 1, 1});
    if (layout_.scale_parts == 0) return scale;
    ValueId factor = collect(quant::scale_part, layout_.scale_parts, groups());
    factor = layout_.scale_signed ? sign_extended(factor, 8) : e_.sub(factor, integer(layout_.scale_bias));
    return e_.mul(scale, per_group(factor, blocks));
  }

  ValueId offsets(int64_t blocks) {
    const ValueId offset = e_.reshape(real_of_bits(word(layout_.offset_at, 2), 5, 10), {blocks, 1, 1});
    if (layout_.offset_parts == 0) return offset;
    const ValueId factor = collect(quant::offset_part, layout_.offset_parts, groups());
    return e_.unary("neg", e_.mul(offset, per_group(factor, blocks)));
  }

  // Scale and zero point from tensors of their own.
  ValueId beside(ValueId x, int64_t rows, int64_t count) {
    const int64_t block = e_.attrs().i("block"), pieces = block ? count / block : 1;
    const auto spread = [&](ValueId value) {
      const ValueId wide = e_.cast(value, real_);
      return e_.shape(value).rank() == 0 ? wide : e_.reshape(wide, {rows, pieces, 1});
    };
    x = e_.reshape(x, {rows, pieces, block ? block : count});
    if (e_.has(w_ + 2)) x = e_.sub(x, spread(e_.in(w_ + 2)));
    return e_.mul(x, spread(e_.in(w_ + 1)));
  }

  Emit& e_;
  size_t w_;
  DType real_;
  unsigned scheme_;
  quant::Layout layout_;
  ValueId bytes_ = kNoValue;  // i32 [rows, blocks, bytes of a block]
};

DType real_for(DType dtype) {
  return dtype == DType::kF64 ? DType::kF64 : DType::kF32;
}

}  // namespace

Result<Values> decompose_dequantize_blocks(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const DType to = e.attrs().dtype("to");
  return e.done({e.cast(BlockDecoder(e, 0, real_for(to)).numbers(), to)});
}

// The weights are never rounded to a half: the product of halves is in f32, too.
Result<Values> decompose_dequant_matmul(Graph& graph, const Node& node) {
  Emit e(graph, node);
  Attrs attrs = e.attrs();
  attrs.set("to", real_for(e.dtype(e.in(0))));
  const ValueId w = e.op("dequantize_blocks", {e.in(1), e.in(2), e.in(3)}, std::move(attrs));
  return e.done({e.cast(e.matmul(e.widen(e.in(0)), w, false, true), e.dtype(e.in(0)))});
}

}  // namespace rlx::ops
