// Packed weights (sdk/quant_layout.hpp), number by number in double precision.
//   dequantize_blocks: y[…, k] = scale·(code − zero) + offset
//   dequant_matmul:    y[…, n] = Σ_k x[…, k] · w[n, k]
#include "gemm.hpp"
#include "kernel.hpp"

#include <rlx/sdk/quant_layout.hpp>

namespace rlx::ref::kernels {

namespace {

namespace quant = sdk::quant;

// All numbers of packed input `w`, row after row; its scale and zero point are the two inputs behind it.
std::vector<double> unpack(const Call& call, uint32_t w) {
  const std::string_view name = call.node.s("scheme");
  const unsigned scheme = quant::find_scheme(name.data(), static_cast<unsigned>(name.size()));
  if (scheme == quant::kSchemes) call.bad_attribute("scheme", name);
  const quant::Layout layout = quant::layout_of(scheme);
  const bool is_signed = call.node.flag("signed");
  const Tensor& packed = call.in(w);
  const auto* bytes = reinterpret_cast<const unsigned char*>(packed.data);
  std::vector<double> x(packed.elements() / layout.bytes * layout.values);
  for (size_t i = 0; i < x.size(); ++i) {
    const auto within = static_cast<unsigned>(i % layout.values);
    const unsigned char* block = bytes + i / layout.values * layout.bytes;
    const auto shared = quant::block_affine<double>(scheme, block);
    const auto group = quant::group_affine(scheme, block, shared, within / layout.group);
    const unsigned code = quant::raw_code(scheme, block, within);
    x[i] = group.scale * double{quant::number_of_code(scheme, code, is_signed)} + group.offset;
  }
  if (!call.has(w + 1)) return x;
  const std::vector<double> scale = load<double>(call.in(w + 1));
  const std::vector<double> zero = call.has(w + 2) ? load<double>(call.in(w + 2)) : std::vector<double>();
  const auto block = static_cast<uint64_t>(call.node.i("block"));
  for (size_t i = 0; i < x.size(); ++i) {
    if (!zero.empty()) x[i] -= zero[i / block];
    x[i] *= scale[call.in(w + 1).rank() == 0 ? 0 : i / block];
  }
  return x;
}

}  // namespace

void dequantize_blocks(const Call& call) {
  store(call.out(), unpack(call, 0));
}

void dequant_matmul(const Call& call) {
  const std::vector<double> x = load<double>(call.in(0)), w = unpack(call, 1);
  const auto n = static_cast<int64_t>(call.in(1).dim(0));
  const auto k = static_cast<int64_t>(call.in(0).dim(call.in(0).rank() - 1));
  const auto rows = static_cast<int64_t>(count_of(call.in(0).dims.first(call.in(0).rank() - 1)));
  std::vector<double> y(call.out().elements());
  gemm<double>(rows, n, k, {x.data(), k, 1}, {w.data(), 1, k}, y.data());
  store(call.out(), y);
}

}  // namespace rlx::ref::kernels
