// quantize and dequantize, per tensor or per entry of an axis. Bound by memory (and by the division in quantize, kept
// because a product with the reciprocal rounds differently).
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/plain_loop.hpp"

#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <cmath>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 8192;  // elements worth a second thread

// One run of elements with a scale and a zero point.
template <typename F, typename Q>
void quantize_run(const std::byte* from, std::byte* to, uint64_t n, double scale, double zero) {
  const F* x = reinterpret_cast<const F*>(from);
  Q* q = reinterpret_cast<Q*>(to);
  const auto divisor = static_cast<F>(scale);
  constexpr double kLow = static_cast<double>(std::numeric_limits<Q>::min());
  constexpr double kHigh = static_cast<double>(std::numeric_limits<Q>::max());
  for (uint64_t i = 0; i < n; ++i) {
    const double value = std::nearbyint(static_cast<double>(x[i] / divisor)) + zero;
    q[i] = value != value ? Q{0} : static_cast<Q>(std::min(std::max(value, kLow), kHigh));
  }
}

template <typename Q, typename F>
void dequantize_run(const std::byte* from, std::byte* to, uint64_t n, double scale, double zero) {
  const Q* q = reinterpret_cast<const Q*>(from);
  F* x = reinterpret_cast<F*>(to);
  for (uint64_t i = 0; i < n; ++i) x[i] = static_cast<F>((static_cast<double>(q[i]) - zero) * scale);
}

using RunFn = void (*)(const std::byte*, std::byte*, uint64_t, double, double);

bool is_narrow_int(rlx_dtype t) {
  return t == RLX_DTYPE_I8 || t == RLX_DTYPE_U8 || t == RLX_DTYPE_I16 || t == RLX_DTYPE_U16 || t == RLX_DTYPE_I32;
}

RunFn find_run(rlx_dtype from, rlx_dtype to) {
  const bool forward = from == RLX_DTYPE_F32 || from == RLX_DTYPE_F64;
  RunFn found = nullptr;
  const auto with = [&](auto real) {
    using F = decltype(real);
    visit_number(forward ? to : from, [&](auto v) {
      using Q = decltype(v);
      if constexpr (std::is_integral_v<Q> && sizeof(Q) <= 4)
        found = forward ? quantize_run<F, Q> : dequantize_run<Q, F>;
    });
  };
  if ((forward ? from : to) == RLX_DTYPE_F32) with(float{});
  if ((forward ? from : to) == RLX_DTYPE_F64) with(double{});
  return found;
}

double element(rlx_dtype t, const std::byte* data, uint64_t i) {
  double value = 0;
  sdk::convert(t, data + i * sdk::dtype_size(t), RLX_DTYPE_F64, &value, 1);
  return value;
}

class Quantize final : public Kernel {
 public:
  explicit Quantize(const NodeView& n)
      : Kernel("plain:" + std::string(n.op())),
        loop_(find_run(n.in(0).dtype, n.out().dtype)),
        in_bytes_(sdk::dtype_size(n.in(0).dtype)),
        out_bytes_(sdk::dtype_size(n.out().dtype)),
        scale_dtype_(n.in(1).dtype),
        has_zero_(n.has_input(2)),
        zero_dtype_(has_zero_ ? n.in(2).dtype : 0) {
    per_axis_ = n.in(1).rank > 0 && sdk::elements(n.in(1)) > 1;
    if (per_axis_)
      view_ = view_axis(n.in(0), n.i("axis"));
    else
      view_.inner = sdk::elements(n.in(0));
  }

  void run(const Run& r) const override {
    if (!per_axis_) {
      r.team.split(view_.inner, kGrain,
                   [&](uint64_t begin, uint64_t end, unsigned) { part(r, begin, end - begin, 0); });
      return;
    }
    const uint64_t grain = std::max<uint64_t>(1, kGrain / std::max<uint64_t>(1, view_.inner));
    r.team.split(view_.outer * view_.n, grain, [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t i = begin; i < end; ++i) part(r, i * view_.inner, view_.inner, i % view_.n);
    });
  }

 private:
  void part(const Run& r, uint64_t first, uint64_t n, uint64_t entry) const {
    loop_(r.inputs[0] + first * in_bytes_, r.outputs[0] + first * out_bytes_, n,
          element(scale_dtype_, r.inputs[1], entry), has_zero_ ? element(zero_dtype_, r.inputs[2], entry) : 0);
  }

  RunFn loop_;
  uint64_t in_bytes_, out_bytes_;
  rlx_dtype scale_dtype_;
  bool has_zero_, per_axis_;
  rlx_dtype zero_dtype_;
  AxisView view_;
};

}  // namespace

Claim claim_quantize(const NodeView& n, const CpuInfo&) {
  const rlx_dtype from = n.in(0).dtype, to = n.out().dtype;
  const bool forward = n.op() == "quantize";
  const rlx_dtype real = forward ? from : to, integer = forward ? to : from;
  if (real != RLX_DTYPE_F32 && real != RLX_DTYPE_F64) return Claim::no(dtype_reason(real));
  if (!is_narrow_int(integer)) return Claim::no(dtype_reason(integer));
  return Claim::native();
}

std::unique_ptr<Kernel> make_quantize(MakeContext& m) {
  return std::make_unique<Quantize>(m.node);
}

}  // namespace rlx::cpu::kernels
