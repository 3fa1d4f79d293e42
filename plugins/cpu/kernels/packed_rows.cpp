// Decoding and dot products of packed rows; see packed_rows.hpp. Each scheme is an instance of the same loops: which
// bytes hold 16 codes is folded from the description of its layout.
#include "kernels/packed_rows.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/packed_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/target_table.hpp"

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace quant = sdk::quant;

using F = hn::CappedTag<float, kPackedRun>;
using V = hn::Vec<F>;

constexpr bool is_wide_unsigned(const quant::Layout& layout) {
  return layout.code == quant::kByArgument && layout.code_bits == 8;
}

#if HWY_TARGET == HWY_SCALAR
template <unsigned kScheme>
void codes16(const unsigned char* block, unsigned i, bool is_signed, int8_t* to) {
  constexpr quant::Layout layout = quant::layout_of(kScheme);
  for (unsigned j = 0; j < kPackedRun; ++j) {
    const unsigned code = quant::raw_code(kScheme, block, i + j);
    if (layout.code == quant::kE4m3 || layout.code == quant::kE5m2)
      to[j] = static_cast<int8_t>(code);
    else if (is_wide_unsigned(layout) && !is_signed)
      to[j] = static_cast<int8_t>(code ^ 0x80);
    else
      to[j] = static_cast<int8_t>(quant::number_of_code(kScheme, code, is_signed));
  }
}
#else
using Bytes = hn::FixedTag<uint8_t, 16>;
using B = hn::Vec<Bytes>;

// (v >> shift) & mask in each byte.
HWY_INLINE B bits_of(B v, unsigned shift, unsigned mask) {
  const Bytes d;
  const hn::Repartition<uint32_t, Bytes> words;
  const auto shifted = hn::ShiftRightSame(hn::BitCast(words, v), static_cast<int>(shift));
  return hn::And(hn::BitCast(d, shifted), hn::Set(d, static_cast<uint8_t>(mask)));
}

// The 16 numbers of eight bytes: low halves first, or (kTurns) low and high in turn.
template <bool kTurns>
HWY_INLINE B nibbles16(const unsigned char* at) {
  const Bytes d;
  const B v = hn::ZeroExtendVector(d, hn::LoadU(hn::FixedTag<uint8_t, 8>(), at));
  const B low = bits_of(v, 0, 15), high = bits_of(v, 4, 15);
  if constexpr (kTurns) {
    return hn::InterleaveLower(d, low, high);
  } else {
    return hn::BitCast(
        d, hn::InterleaveLower(hn::Repartition<uint64_t, Bytes>(), hn::BitCast(hn::Repartition<uint64_t, Bytes>(), low),
                               hn::BitCast(hn::Repartition<uint64_t, Bytes>(), high)));
  }
}

// 16 bits of two bytes, each as the value `one`.
HWY_INLINE B spread_bits(const unsigned char* at, unsigned one) {
  const Bytes d;
  HWY_ALIGN static constexpr uint8_t kBits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  HWY_ALIGN static constexpr uint8_t kWhich[16] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1};
  uint16_t both;
  std::memcpy(&both, at, sizeof both);
  const B pair = hn::BitCast(d, hn::Set(hn::Repartition<uint16_t, Bytes>(), both));
  const B bits = hn::And(hn::TableLookupBytes(pair, hn::Load(d, kWhich)), hn::Load(d, kBits));
  return hn::And(hn::VecFromMask(d, hn::Ne(bits, hn::Zero(d))), hn::Set(d, static_cast<uint8_t>(one)));
}

HWY_INLINE B look_up(const int8_t* levels, B codes) {
  return hn::TableLookupBytes(hn::BitCast(Bytes(), hn::Load(hn::Repartition<int8_t, Bytes>(), levels)), codes);
}

// What 16 neighbours stand for as i8; the bytes as they are for 8-bit floats, and less 128 for unsigned bytes.
template <unsigned kScheme>
HWY_INLINE void codes16(const unsigned char* block, unsigned i, bool is_signed, int8_t* to) {
  constexpr quant::Layout layout = quant::layout_of(kScheme);
  const Bytes d;
  const quant::Part part = quant::code_part(kScheme, 0, i);
  B v;
  if constexpr (kScheme == quant::kNvfp4)
    v = nibbles16<false>(block + part.byte);
  else if constexpr (kScheme == quant::kInt4Block)
    v = nibbles16<true>(block + part.byte);
  else if constexpr (layout.code_bits == 8)
    v = hn::LoadU(d, block + part.byte);
  else
    v = bits_of(hn::LoadU(d, block + part.byte), part.shift, (1u << part.bits) - 1);
  if constexpr (layout.code_parts > 1) {
    const quant::Part high = quant::code_part(kScheme, 1, i);
    if constexpr (quant::in_four_bytes(kScheme, 1)) {
      const hn::Repartition<uint32_t, Bytes> words;
      const B upper = bits_of(hn::LoadU(d, block + high.byte), high.shift, (1u << high.bits) - 1);
      v = hn::Or(v, hn::BitCast(d, hn::ShiftLeftSame(hn::BitCast(words, upper), static_cast<int>(high.left))));
    } else {
      v = hn::Or(v, spread_bits(block + high.byte, 1u << high.left));
    }
  }
  if constexpr (layout.code == quant::kIq4) {
    HWY_ALIGN static constexpr int8_t kLevels[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                                     1,    13,   25,  38,  53,  69,  89,  113};
    v = look_up(kLevels, v);
  }
  if constexpr (layout.code == quant::kE2m1) {
    HWY_ALIGN static constexpr int8_t kLevels[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
    v = look_up(kLevels, v);
  }
  if constexpr (layout.bias != 0) v = hn::Sub(v, hn::Set(d, static_cast<uint8_t>(layout.bias)));
  if constexpr (layout.code == quant::kByArgument) {
    const B sign = hn::Set(d, static_cast<uint8_t>(1u << (layout.code_bits - 1)));
    if (is_signed != is_wide_unsigned(layout)) v = hn::Xor(v, sign);
    if (is_signed && !is_wide_unsigned(layout)) v = hn::Sub(v, sign);
  }
  hn::StoreU(v, d, reinterpret_cast<uint8_t*>(to));
}
#endif

// Lanes j … of what codes16 made, in f32.
template <unsigned kScheme>
HWY_INLINE V numbers(const int8_t* codes, size_t j) {
  const F d;
  constexpr quant::Code kCode = quant::layout_of(kScheme).code;
  if constexpr (kCode == quant::kE4m3 || kCode == quant::kE5m2) {
    // An f32 has the exponent of both, larger by 120 and 112; denormals are few and counted.
    constexpr bool k4 = kCode == quant::kE4m3;
    constexpr int kShift = k4 ? 20 : 21;
    const hn::Rebind<uint32_t, F> words;
    const hn::Rebind<int32_t, F> integers;
    const auto code =
        hn::PromoteTo(words, hn::LoadU(hn::Rebind<uint8_t, F>(), reinterpret_cast<const uint8_t*>(codes + j)));
    const auto magnitude = hn::And(code, hn::Set(words, 0x7f)), shifted = hn::ShiftLeft<kShift>(magnitude);
    const V normal = hn::BitCast(d, hn::Add(shifted, hn::Set(words, (k4 ? 120u : 112u) << 23)));
    const V tiny = hn::Mul(hn::ConvertTo(d, hn::BitCast(integers, magnitude)), hn::Set(d, k4 ? 0x1p-9f : 0x1p-16f));
    V v = hn::IfThenElse(hn::RebindMask(d, hn::Lt(magnitude, hn::Set(words, k4 ? 8u : 4u))), tiny, normal);
    // Infinities, and NaN in the bits below.
    const V special = hn::BitCast(d, hn::Or(shifted, hn::Set(words, k4 ? 0x7fc00000u : 0x7f800000u)));
    v = hn::IfThenElse(hn::RebindMask(d, hn::Gt(magnitude, hn::Set(words, k4 ? 0x7eu : 0x7bu))), special, v);
    return hn::Or(v, hn::BitCast(d, hn::ShiftLeft<24>(hn::And(code, hn::Set(words, 0x80)))));
  } else {
    const hn::Rebind<int32_t, F> wide;
    return hn::ConvertTo(d, hn::PromoteTo(wide, hn::LoadU(hn::Rebind<int8_t, F>(), codes + j)));
  }
}

// Scale and offset of the blocks that lie beside a row, in the order of k.
class BesideCursor {
 public:
  explicit BesideCursor(const PackedRow& w, uint64_t first, float bias)
      : w_(w), at_(w.block ? first / w.block : 0), end_(w.block ? (at_ + 1) * w.block : UINT64_MAX), bias_(bias) {
    load();
  }
  HWY_INLINE void go_to(uint64_t k) {
    if (HWY_LIKELY(k < end_)) return;
    ++at_;
    end_ += w_.block;
    load();
  }
  float scale = 1, offset = 0;

 private:
  void load() {
    if (w_.scale) scale = w_.scale[at_ * w_.scale_step];
    const unsigned char byte = w_.zero ? w_.zero[at_] : 0;
    const float zero = w_.is_signed ? static_cast<float>(static_cast<signed char>(byte)) : static_cast<float>(byte);
    offset = -scale * (zero - bias_);
  }
  const PackedRow& w_;
  uint64_t at_, end_;
  float bias_;  // what codes16 took off
};

// Calls fn(i, codes, scale, offset) for each 16 numbers.
template <unsigned kScheme, typename Fn>
HWY_INLINE void for_runs(const PackedRow& w, uint64_t first, uint64_t count, Fn&& fn) {
  constexpr quant::Layout layout = quant::layout_of(kScheme);
  constexpr unsigned kNumbers = layout.values < kPackedRun ? unsigned{kPackedRun} : layout.values;
  constexpr unsigned kBytes = kNumbers / layout.values * layout.bytes;
  constexpr unsigned kGroup = layout.group < kPackedRun ? unsigned{kPackedRun} : layout.group;
  const float bias = is_wide_unsigned(layout) && !w.is_signed ? 128.0f : 0.0f;
  BesideCursor beside(w, first, bias);
  for (uint64_t at = first; at < first + count; at += kNumbers) {
    const unsigned char* block = w.bytes + at / kNumbers * kBytes;
    const auto shared = quant::block_affine<float>(kScheme, block);
    for (unsigned i = 0; i < kNumbers && at + i < first + count; i += kGroup) {
      auto group = quant::group_affine(kScheme, block, shared, i / layout.group);
      for (unsigned j = i; j < i + kGroup; j += kPackedRun) {
        HWY_ALIGN int8_t codes[kPackedRun];
        codes16<kScheme>(block, j, w.is_signed, codes);
        if constexpr (layout.beside == quant::kNothing) {
          fn(at + j, codes, group.scale, group.offset);
        } else {
          beside.go_to(at + j);
          fn(at + j, codes, group.scale * beside.scale, beside.offset);
        }
      }
    }
  }
}

template <unsigned kScheme>
void decode(const PackedRow& w, uint64_t first, uint64_t count, float* y) {
  const F d;
  for_runs<kScheme>(w, first, count, [&](uint64_t i, const int8_t* codes, float scale, float offset) HWY_ATTR {
    for (size_t j = 0; j < kPackedRun; j += hn::Lanes(d))
      hn::StoreU(hn::MulAdd(numbers<kScheme>(codes, j), hn::Set(d, scale), hn::Set(d, offset)), d, y + (i - first) + j);
  });
}

template <unsigned kScheme, uint64_t kRows>
void dot(const PackedRow& w, uint64_t k, const float* x, const float* sums, float* y) {
  constexpr quant::Layout layout = quant::layout_of(kScheme);
  constexpr bool kOffset = layout.offset_at >= 0 || layout.beside >= quant::kMayZero;
  const F d;
  V products[kRows];
  float offsets[kRows] = {};
  for (V& p : products) p = hn::Zero(d);
  for_runs<kScheme>(w, 0, k, [&](uint64_t i, const int8_t* codes, float scale, float offset) HWY_ATTR {
    V run[kRows];
    const V first = numbers<kScheme>(codes, 0);
    for (uint64_t r = 0; r < kRows; ++r) run[r] = hn::Mul(first, hn::LoadU(d, x + r * k + i));
    for (size_t j = hn::Lanes(d); j < kPackedRun; j += hn::Lanes(d)) {
      const V next = numbers<kScheme>(codes, j);
      for (uint64_t r = 0; r < kRows; ++r) run[r] = hn::MulAdd(next, hn::LoadU(d, x + r * k + i + j), run[r]);
    }
    for (uint64_t r = 0; r < kRows; ++r) {
      products[r] = hn::MulAdd(run[r], hn::Set(d, scale), products[r]);
      if constexpr (kOffset) offsets[r] += offset * sums[(r * k + i) / kPackedRun];
    }
  });
  for (uint64_t r = 0; r < kRows; ++r) y[r] = hn::GetLane(hn::SumOfLanes(d, products[r])) + offsets[r];
}

void sum_runs(const float* x, uint64_t runs, float* sums) {
  const F d;
  for (uint64_t g = 0; g < runs; ++g) {
    V sum = hn::LoadU(d, x + g * kPackedRun);
    for (size_t j = hn::Lanes(d); j < kPackedRun; j += hn::Lanes(d))
      sum = hn::Add(sum, hn::LoadU(d, x + g * kPackedRun + j));
    sums[g] = hn::GetLane(hn::SumOfLanes(d, sum));
  }
}

template <unsigned... kScheme>
PackedTable make_table(std::integer_sequence<unsigned, kScheme...>) {
  return {{{decode<kScheme>, dot<kScheme, 1>, dot<kScheme, kMostPackedRows>}...}, sum_runs};
}

const PackedTable* get_packed_table() {
  static const PackedTable table = make_table(std::make_integer_sequence<unsigned, quant::kSchemes>());
  return &table;
}

}  // namespace rlx::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
RLX_TARGET_TABLE(PackedTable, packed_table, get_packed_table)
#endif
