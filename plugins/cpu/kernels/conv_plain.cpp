// conv in row-major order for what oneDNN does not take: f64 and empty tensors. Tap by tap over rows of the output, so
// that the innermost loop is a scaled addition. Bound by the first-level cache; for correctness, not for speed.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/window.hpp"

#include <algorithm>

namespace rlx::cpu::kernels {

namespace {

struct ConvShape {
  Window window;
  uint64_t batch, in_channels, out_channels, groups;
};

// Output channel m of image n.
template <typename T>
void conv_channel(const ConvShape& s, const T* x, const T* weights, T bias, T* y) {
  const auto& [a, b, c] = s.window.axis;
  const uint64_t in_size = static_cast<uint64_t>(s.window.in_size()), channels = s.in_channels / s.groups;
  std::fill(y, y + s.window.out_size(), bias);
  for (uint64_t channel = 0; channel < channels; ++channel, x += in_size)
    for (int64_t ta = 0; ta < a.taps; ++ta)
      for (int64_t tb = 0; tb < b.taps; ++tb)
        for (int64_t tc = 0; tc < c.taps; ++tc) {
          const T w = *weights++;
          const int64_t first = c.first(tc), count = c.last(tc) - first;
          for (int64_t i = a.first(ta); i < a.last(ta); ++i)
            for (int64_t j = b.first(tb); j < b.last(tb); ++j) {
              const T* from = x + (a.meet(i, ta) * b.in + b.meet(j, tb)) * c.in + c.meet(first, tc);
              T* to = y + (i * b.out + j) * c.out + first;
              for (int64_t k = 0; k < count; ++k) to[k] += w * from[k * c.stride];
            }
        }
}

template <typename T>
class PlainConv final : public Kernel {
 public:
  explicit PlainConv(const NodeView& n) : Kernel("plain:conv"), has_bias_(n.has_input(2)) {
    const rlx_tensor& w = n.in(1);
    shape_ = {window_of(n, [&](uint32_t i) { return w.dims[2 + i]; }), n.in(0).dims[0], n.in(0).dims[1], w.dims[0],
              static_cast<uint64_t>(n.i("groups"))};
    weight_size_ = w.dims[0] ? sdk::elements(w) / w.dims[0] : 0;
  }
  void run(const Run& r) const override {
    const uint64_t in = shape_.in_channels * static_cast<uint64_t>(shape_.window.in_size());
    const uint64_t out = static_cast<uint64_t>(shape_.window.out_size()), m = shape_.out_channels;
    r.team.each(shape_.batch * m, [&](uint64_t i, unsigned) {
      const uint64_t image = i / m, channel = i % m, group = channel / (m / shape_.groups);
      conv_channel(shape_, r.in<T>(0) + image * in + group * (in / shape_.groups), r.in<T>(1) + channel * weight_size_,
                   has_bias_ ? r.in<T>(2)[channel] : T{0}, r.out<T>() + i * out);
    });
  }

 private:
  ConvShape shape_;
  uint64_t weight_size_;
  bool has_bias_;
};

}  // namespace

Claim claim_conv_plain(const NodeView& n, const CpuInfo&) {
  const rlx_tensor& x = n.in(0);
  if (x.dtype != RLX_DTYPE_F32 && x.dtype != RLX_DTYPE_F64) return Claim::no(dtype_reason(x.dtype));
  if (x.rank < 3 || x.rank > 5) return Claim::no("rank " + std::to_string(x.rank) + " not supported");
  return Claim::slow("no vector kernel for this convolution");
}

std::unique_ptr<Kernel> make_conv_plain(MakeContext& m) {
  if (m.node.in(0).dtype == RLX_DTYPE_F64) return std::make_unique<PlainConv<double>>(m.node);
  return std::make_unique<PlainConv<float>>(m.node);
}

}  // namespace rlx::cpu::kernels
