// Convolutions (cross-correlations) over NC… with one to three spatial axes, in groups of channels. A weight at a time
// is applied to all positions, so that the innermost loop runs along rows.
//   conv, fused_conv_bias_act: w is [M, C/g, k…]; act(conv + bias + residual)      conv_transpose: w is [C, M/g, k…]
#include "number.hpp"
#include "unary_kinds.hpp"
#include "window.hpp"

namespace rlx::ref::kernels {

namespace {

std::vector<int64_t> kernel_taps(const Tensor& w) {
  return {w.dims.begin() + 2, w.dims.end()};
}

// Adds the bias of each channel.
template <typename T>
void add_bias(const Call& call, std::vector<T>& y) {
  if (!call.has(2)) return;
  const std::vector<T> bias = load<T>(call.in(2));
  const AxisSplit c = split_at(call.out().dims, 1);
  for (uint64_t i = 0; i < y.size(); ++i) y[i] = add(y[i], bias[i / c.inner % c.size]);
}

template <typename T>
std::vector<T> convolve(const Call& call) {
  const Tensor &x = call.in(0), &w = call.in(1), &y = call.out();
  const Window window = window_of(call, x, y, kernel_taps(w));
  const int64_t groups = call.node.i("groups"), in_size = window.wide_size(), out_size = window.narrow_size();
  const int64_t filters = static_cast<int64_t>(w.dim(0)), depth = static_cast<int64_t>(w.dim(1)), taps = window.taps();
  const std::vector<T> vx = load<T>(x), vw = load<T>(w);
  std::vector<T> vy(y.elements());
  for (int64_t n = 0; n < static_cast<int64_t>(x.dim(0)); ++n)
    for (int64_t m = 0; m < filters; ++m) {
      T* to = vy.data() + (n * filters + m) * out_size;
      const int64_t group = m / (filters / groups);
      for (int64_t c = 0; c < depth; ++c) {
        const T* from = vx.data() + ((n * groups + group) * depth + c) * in_size;
        for (int64_t t = 0; t < taps; ++t) {
          const T weight = vw[static_cast<size_t>((m * depth + c) * taps + t)];
          for_each_run(window, t, [&](int64_t narrow, int64_t wide, int64_t count, int64_t step) {
            for (int64_t i = 0; i < count; ++i)
              to[narrow + i] = add(to[narrow + i], mul(weight, from[wide + i * step]));
          });
        }
      }
    }
  add_bias(call, vy);
  return vy;
}

}  // namespace

void conv(const Call& call) {
  visit_sum(call.out().dtype, [&](auto number) { store(call.out(), convolve<decltype(number)>(call)); });
}

void fused_conv_bias_act(const Call& call) {
  visit_sum(call.out().dtype, [&](auto number) {
    using T = decltype(number);
    std::vector<T> y = convolve<T>(call);
    if (call.has(3)) {
      const std::vector<T> residual = load<T>(call.in(3));
      for (size_t i = 0; i < y.size(); ++i) y[i] = add(y[i], residual[i]);
    }
    store_activated(call, call.out(), std::move(y));
  });
}

// Each x is spread over a window of y: the wide side is the output here.
void conv_transpose(const Call& call) {
  const Tensor &x = call.in(0), &w = call.in(1), &y = call.out();
  const Window window = window_of(call, y, x, kernel_taps(w));
  const int64_t groups = call.node.i("groups"), in_size = window.narrow_size(), out_size = window.wide_size();
  const int64_t channels = static_cast<int64_t>(w.dim(0)), depth = static_cast<int64_t>(w.dim(1)), taps = window.taps();
  visit_sum(y.dtype, [&](auto number) {
    using T = decltype(number);
    const std::vector<T> vx = load<T>(x), vw = load<T>(w);
    std::vector<T> vy(y.elements());
    for (int64_t n = 0; n < static_cast<int64_t>(x.dim(0)); ++n)
      for (int64_t c = 0; c < channels; ++c) {
        const T* from = vx.data() + (n * channels + c) * in_size;
        const int64_t group = c / (channels / groups);
        for (int64_t m = 0; m < depth; ++m) {
          T* to = vy.data() + ((n * groups + group) * depth + m) * out_size;
          for (int64_t t = 0; t < taps; ++t) {
            const T weight = vw[static_cast<size_t>((c * depth + m) * taps + t)];
            for_each_run(window, t, [&](int64_t narrow, int64_t wide, int64_t count, int64_t step) {
              for (int64_t i = 0; i < count; ++i)
                to[wide + i * step] = add(to[wide + i * step], mul(weight, from[narrow + i]));
            });
          }
        }
      }
    add_bias(call, vy);
    store(y, vy);
  });
}

}  // namespace rlx::ref::kernels
